"""Reads what pages say around articles, by language, from core/vocabulary: walls, boilerplate, bylines."""

from __future__ import annotations

import pkgutil
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence

Terms = Mapping[str, Sequence[str]]


def load(name: str) -> Mapping[str, Terms]:
    """The tables of a vocabulary file: kind -> language -> terms."""
    data = pkgutil.get_data("pipeline.core.vocabulary", f"{name}.toml")
    return tomllib.loads((data or b"").decode())


def all_terms(terms: Terms) -> tuple[str, ...]:
    """The terms of all languages, each once."""
    return tuple(dict.fromkeys(term for language in terms.values() for term in language))


def any_of(terms: Iterable[str]) -> str:
    """A regular expression that matches any of the terms."""
    return f"(?:{'|'.join(map(re.escape, terms))})"

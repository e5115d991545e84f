"""Combines the terms of all languages in a vocabulary table (walls, boilerplate, bylines)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence


def all_terms(by_language: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The terms of all languages, each once."""
    return tuple(dict.fromkeys(term for terms in by_language.values() for term in terms))


def any_of(terms: Iterable[str]) -> str:
    """A regular expression that matches any of the terms."""
    return f"(?:{'|'.join(map(re.escape, terms))})"

"""Reads the names of authors from bylines. The words of bylines are in vocabulary/bylines.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.core.pages.terms import all_terms, any_of
from pipeline.core.text.languages import vocabulary
from pipeline.core.text.tidy import line

_WORDS = vocabulary("bylines")
_BY = re.compile(rf"^{any_of(all_terms(_WORDS['by']))}\b\s*[:：]?\s+|^[:：-]\s*", re.I)
_NOT_A_NAME = re.compile(
    r"https?://|www\.|@|→|©|\bcopyright\b|\bfacebook\.com|^\W*$"
    rf"|^(?:\w{{0,12}}admin|{any_of(all_terms(_WORDS['not_names']))})$",
    re.I,
)


def read_byline(raw: Iterable[str], site: str = "") -> str:
    """Names joined by commas, without "By", addresses, handles, duplicates, and the site's name if there are others."""
    names: dict[str, str] = {}
    for entry in raw:
        name = line(entry, 200)
        for _ in range(2):
            name = _BY.sub("", name).strip(" ,;|-–—")
        if name and len(name) <= 120 and not _NOT_A_NAME.search(name):
            names.setdefault(name.casefold(), name)
    if len(names) > 1:
        names.pop(site.casefold(), None)
    return ", ".join(names.values())[:300]

"""Removes lines of a page that are not part of the article: share bars, advertisement marks, links to other articles.

The words are in vocabulary/boilerplate.toml.
"""

from __future__ import annotations

import re

from pipeline.core.pages.terms import all_terms, any_of
from pipeline.core.text.languages import vocabulary

_WORDS = vocabulary("boilerplate")
_WHOLE = frozenset(all_terms(_WORDS["lines"]))
_POINTER = re.compile(rf"^{any_of(all_terms(_WORDS['pointers']))}\s*[:：|»>]", re.I)
_CREDIT = re.compile(rf"^(?:{'|'.join(all_terms(_WORDS['credits']))})\.?$", re.I)
_COUNTS = any_of(all_terms(_WORDS["counts"]))
_NUMBER = r"\d[\d.,\s]{0,12}[kKmM]?"
#: Also the place in a gallery: 3/12.
_COUNT = re.compile(rf"{_COUNTS}\s*:?\s*{_NUMBER}|{_NUMBER}\s*{_COUNTS}|\d{{1,3}}\s*/\s*\d{{1,3}}", re.I)
_EDGES = " \t.:;!|/•·-–—»«>…*"
_LONGEST = 180  # characters of a line that may be boilerplate


def without_boilerplate(text: str) -> str:
    """`text` without the lines that are boilerplate."""
    return "\n".join(line for line in text.split("\n") if not _is_boilerplate(line))


def _is_boilerplate(line: str) -> bool:
    if len(line) > _LONGEST:
        return False
    bare = line.strip(_EDGES).casefold()
    if not bare or bare in _WHOLE or (len(bare) < 40 and _COUNT.fullmatch(bare)):
        return True
    return bool(_POINTER.match(line.lstrip(_EDGES)) or _CREDIT.match(line.strip()))

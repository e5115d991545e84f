"""Reads a query as it is displayed: without invisible characters, with straight quotation marks."""

from __future__ import annotations

import re
from collections.abc import Sequence

_QUOTES = str.maketrans(
    dict.fromkeys("“”„‟«»＂‹›「」『』〝〞〟❝❞❮❯", '"') | {"\u3000": " ", "（": "(", "）": ")", "｜": "|", "＊": "*"}
)
# Of these only the joiners of Persian and Indic words (U+200C, U+200D) mean something.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\ufeff\U000e0000-\U000e0fff]"
)
_GERSHAYIM = re.compile(r'(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])')  # inside a Hebrew word


def visible(text: str) -> tuple[str, Sequence[int]]:
    """The query with straight quotation marks and without invisible characters, and the column of each character."""
    if text.isascii() and text.isprintable() and "``" not in text:
        return text, range(1, len(text) + 2)
    columns = [n for n, char in enumerate(text, 1) if not _INVISIBLE.match(char)]
    shown = "".join(text[column - 1] for column in columns).translate(_QUOTES)
    if "``" in shown:  # as TeX writes quotation marks
        shown = shown.replace("``", ' "').replace("''", '" ')
    return _GERSHAYIM.sub("״", shown), [*columns, len(text) + 1]

"""Characters that look and mean the same as an ASCII one, each replaced by it, so that places do not move.

Used where punctuation joins words (variants of a word); words themselves are folded by folding.py.
"""

from __future__ import annotations

import sys
from unicodedata import category, digit

HYPHENS = "\u2010\u2011\u2012\u2013\u2212\ufe63\u05be\u00b7\u2027\u0387"  # also the middle dot of Catalan: col·lecció
APOSTROPHES = "\u2018\u2019\u201b\u02bc\u2032\u00b4`\u05f3"
QUOTES = "\u201c\u201d\u201e\u201f\u05f4\u2033"
SEPARATORS = {"\u066c": ",", "\u066b": ".", "\u060c": ",", "\u02d9": "'", "\u066a": "%", "\ufe6a": "%"}

_ALIKE = str.maketrans(
    dict.fromkeys(HYPHENS, "-") | dict.fromkeys(APOSTROPHES, "'") | dict.fromkeys(QUOTES, '"') | SEPARATORS
    | {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if not chr(code).isalnum()}
    | {
        char: str(digit(char))
        for char in map(chr, range(0x80, sys.maxunicode + 1)) if category(char) == "Nd"
    }
)  # fmt: skip


def alike(text: str) -> str:
    """`text` with such characters replaced; as long as before."""
    return text if text.isascii() else text.translate(_ALIKE)

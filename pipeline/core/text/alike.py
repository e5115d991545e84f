"""Characters that look and mean the same as an ASCII one, each replaced by it, so that places do not move.

Used where punctuation joins words (variants of a word); words themselves are folded by folding.py.
"""

from __future__ import annotations

from unicodedata import digit

HYPHENS = "\u2010\u2011\u2012\u2013\u2212\ufe63\u05be\u00b7\u2027\u0387"  # also the middle dot of Catalan: col·lecció
APOSTROPHES = "\u2018\u2019\u201b\u02bc\u2032\u00b4`\u05f3"
QUOTES = "\u201c\u201d\u201e\u201f\u05f4\u2033"
SEPARATORS = {"\u066c": ",", "\u066b": ".", "\u060c": ",", "\u02d9": "'", "\u066a": "%", "\ufe6a": "%"}


class _Alike(dict[int, str | int]):
    """What replaces each character. Digits of other scripts are added as they come: finding them all beforehand takes a
    tenth of a second, at every start of the program."""

    def __missing__(self, code: int) -> str | int:
        char = chr(code)
        self[code] = found = str(digit(char)) if char.isdecimal() else code
        return found


_ALIKE = _Alike(
    {ord(char): "-" for char in HYPHENS}
    | {ord(char): "'" for char in APOSTROPHES}
    | {ord(char): '"' for char in QUOTES}
    | {ord(char): other for char, other in SEPARATORS.items()}
    | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if not chr(code).isalnum()}
)


def alike(text: str) -> str:
    """`text` with such characters replaced; as long as before."""
    return text if text.isascii() else text.translate(_ALIKE)

"""Splits text into words for the naive evaluator, by the Unicode properties of each character.

Written from docs/queries.md alone, in another way than the program: categories and names of characters instead of a
regular expression, decomposition and a few exceptions instead of Lucene's folding table.
"""

from __future__ import annotations

import unicodedata

#: Unicode names of characters in scripts written without spaces between words.
ALONE = (
    "CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH", "IDEOGRAPHIC ITERATION MARK", "IDEOGRAPHIC NUMBER ZERO",
    "HIRAGANA ", "KATAKANA ", "KATAKANA-HIRAGANA PROLONGED SOUND MARK", "HALFWIDTH KATAKANA LETTER",
    "HALFWIDTH KATAKANA-HIRAGANA PROLONGED SOUND MARK", "THAI ", "LAO ", "KHMER ", "MYANMAR ",
)  # fmt: skip

#: Letters that are not ASCII even without accents, but that Lucene folds.
FOLDED = {
    "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "þ": "th", "ŋ": "n",
    "ŧ": "t", "ſ": "s", "ĳ": "ij", "ﬁ": "fi", "ﬂ": "fl", "ǆ": "dz", "ə": "a", "ƒ": "f",
}  # fmt: skip


def fold(text: str) -> str:
    """Fold case, and accents on Latin letters, one character at a time."""
    return "".join(map(_folded, text))


def _folded(char: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", char) if not unicodedata.combining(c)).lower()
    bare = FOLDED.get(bare, bare)
    if unicodedata.name(char, "").startswith("FULLWIDTH ") or unicodedata.category(char) == "No":
        wide = unicodedata.normalize("NFKD", char).lower()
        bare = wide if wide.isascii() and wide.isalnum() else bare
    return bare if bare and bare.isascii() else char.lower()


def split(text: str) -> list[str]:
    """The folded words by position; a word of more than 255 characters is "", which equals nothing."""
    found: list[str] = []
    run = ""
    for char in text + " ":
        belongs = unicodedata.category(char)[0] in "LMN"
        alone = belongs and unicodedata.name(char, "").startswith(ALONE)
        if belongs and not alone:
            run += char
            continue
        if run:
            found.append(fold(run) if len(run) <= 255 else "")
            run = ""
        if alone:
            found.append(fold(char))
    return found


def ends_alone(text: str) -> bool:
    """Whether the last character is a whole word, so that no longer word can start with it."""
    return unicodedata.name(text[-1], "").startswith(ALONE)

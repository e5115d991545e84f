"""Splits text into words for the naive evaluator, by the Unicode names and properties of each character.

Written from docs/queries.md and docs/decisions/0029-words.md alone, in another way than the program: names of
characters and full decomposition instead of regular expressions and a table of code points.
"""

from __future__ import annotations

import unicodedata

#: Unicode names of characters in scripts written without spaces between words.
ALONE = (
    "CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH", "IDEOGRAPHIC ITERATION MARK", "IDEOGRAPHIC NUMBER ZERO",
    "HIRAGANA ", "KATAKANA ", "KATAKANA-HIRAGANA PROLONGED SOUND MARK", "HALFWIDTH KATAKANA LETTER",
    "HALFWIDTH KATAKANA-HIRAGANA PROLONGED SOUND MARK", "THAI ", "LAO ", "KHMER ", "MYANMAR ",
)  # fmt: skip

#: Letters that are no accented ones, and what they are written as without.
FOLDED = {
    "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "þ": "th", "ŋ": "n",
    "ŧ": "t", "ə": "a", "ƒ": "f", "ɗ": "d", "ɓ": "b", "ƙ": "k", "ƴ": "y", "ɔ": "o", "ɛ": "e", "ς": "σ", "և": "եւ",
    "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ہ": "ه", "ۀ": "ه", "ۂ": "ه", "ٱ": "ا", "ё": "е", "ѐ": "е", "ѝ": "и",
    "ँ": "ं", "װ": "וו", "ױ": "וי", "ײ": "יי", "ৎ": "ত্", "ൻ": "ന്", "ർ": "ര്", "ൽ": "ല്", "ൾ": "ള്", "ൺ": "ണ്",
}  # fmt: skip
#: Letters with a mark that are letters of their own, by the name of their script.
BARE = ("LATIN ", "GREEK ", "ARABIC LETTER ALEF", "ARABIC LETTER YEH BARREE", "DEVANAGARI ")
DROPPED = (
    "COMBINING ", "HEBREW ", "ARABIC ", "MODIFIER LETTER ", "VARIATION SELECTOR", "ZERO WIDTH", "DEVANAGARI SIGN NUKTA",
)  # fmt: skip


def fold(text: str) -> str:
    """The normal form, one character at a time, then composed."""
    return unicodedata.normalize("NFC", "".join(map(_folded, unicodedata.normalize("NFC", text))))


def _folded(char: str) -> str:
    if char in FOLDED:
        return FOLDED[char]
    name, kind = unicodedata.name(char, ""), unicodedata.category(char)
    wide = unicodedata.normalize("NFKC", char)
    if wide != char and "\u2044" not in wide:
        return "".join(_folded(c) for c in wide if kind[0] not in "LMN" or unicodedata.category(c)[0] in "LMN")
    if kind == "Nd":
        return str(unicodedata.digit(char))
    if kind in ("Mn", "Me", "Cf", "Lm") and name.startswith(DROPPED) and "KATAKANA" not in name:
        return ""
    if name == "ARABIC TATWEEL" or kind == "Cf":
        return ""
    if name.startswith(BARE) and len(bare := unicodedata.normalize("NFD", char)) > 1:
        return _folded(bare[0])
    low = char.lower() if len(char.lower()) == 1 else char.lower()[0]
    return _folded(low) if low != char else PLAIN.get(char, char)


#: Typography in keywords.
PLAIN = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "‑": "-", "\u2010": "-"}


def split(text: str) -> list[str]:
    """The folded words by position; one of more than 255 characters, or of marks only, is "", which equals nothing."""
    return [fold(word) if len(word) <= 255 else "" for word in cut(text)]


def cut(text: str) -> list[str]:
    """The words as they are written."""
    found: list[str] = []
    run = ""
    for char in text + " ":
        kind = unicodedata.category(char)
        belongs = kind[0] in "LN" or (kind[0] == "M" and bool(run)) or (kind[0] == "M" and _alone(char))
        if char == "\u200d" or (char == "\u200c" and run and not unicodedata.name(run[-1]).startswith("ARABIC")):
            belongs = bool(run)
        voiced = char in "\u3099\u309a\uff9e\uff9f"
        if voiced and not run and found:
            found[-1] += char
            continue
        if belongs and not _alone(char) and not voiced:
            run += char
            continue
        if run:
            found.append(run)
            run = ""
        if _alone(char):
            found.append(char)
    return found


def _alone(char: str) -> bool:
    kind = unicodedata.category(char)
    return kind[0] in "LMN" and kind != "Nd" and unicodedata.name(char, "").startswith(ALONE)


def ends_alone(text: str) -> bool:
    """Whether the last character is a whole word, so that no longer word can start with it."""
    return _alone(text[-1])

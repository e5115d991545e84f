"""Defines what a word is, for alert matching, the embedded index and Elasticsearch alike.

A word is one Han, kana, Thai, Lao, Khmer or Myanmar letter, mark or digit, or a run of letters, marks and digits of
other scripts. It is then folded (folding.py). There is no stemming and there are no stop words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import regex  # type: ignore[import-untyped]

from pipeline.core.text.folding import folds

#: A run of more characters than this is not a word, but still takes a position (Lucene's limit).
LONGEST_WORD = 255

# Scripts written without spaces between words. The two long-vowel marks belong to no script in Unicode.
_SINGLE = r"\p{IsHan}\p{IsHiragana}\p{IsKatakana}\p{IsThai}\p{IsLao}\p{IsKhmer}\p{IsMyanmar}ーｰ"
_VOICED = r"\u3099\u309a\uff9e\uff9f"  # voicing marks, after a kana that has no character together with them

_FIRST, _WORD = r"\p{L}\p{N}", r"\p{L}\p{M}\p{N}"  # a word does not start with a mark: emoji have some
_RUN = rf"[[{_WORD}&&[^{_SINGLE}]]\p{{Nd}}]*"

#: The regular expression for a word, in text without joiners. It means the same in Java (Elasticsearch) and Python's
#: `regex` (with V1), never spans two of the single-character scripts (whose digits make numbers as all others do),
#: needs no group and no stack.
TOKEN = rf"[{_WORD}&&[{_SINGLE}]&&[^\p{{Nd}}]][{_VOICED}]*|[[{_FIRST}&&[^{_SINGLE}{_VOICED}]]\p{{Nd}}]{_RUN}"

# Invisible joiners belong to the word, except that in Arabic script the non-joiner separates its parts.
_token = regex.compile(rf"{TOKEN}(?:(?:\u200d|(?<![\u0600-\u08ff])\u200c){_RUN})*", regex.V1)
# Text of only these characters (Latin, Greek, Cyrillic, Hebrew and Arabic letters without marks, common punctuation,
# Hangul) is split identically, and eight times faster, by `_plain_token`; a test compares the two.
_PLAIN = (
    "\0-\u02ff\u0370-\u0482\u048a-\u052f\u05be\u05d0-\u05ea\u060c\u061b\u061f-\u064a\u0660-\u066f\u0671-\u06d5"
    "\u1e00-\u1eff\u2000-\u200b\u200e-\u206f\u20ac\u2116\u2122\u2212\uac00-\ud7a3"
)
_plain = re.compile(f"[{_PLAIN}]*")
# The same as [^\W_]+ there, but looking up a list of characters is much faster than the category of each.
_between = "".join(char for char in re.findall(f"[{_PLAIN}]", "".join(map(chr, range(0xAC00)))) if not char.isalnum())
_plain_token = re.compile(f"[^{re.escape(_between)}]+")


class Token(NamedTuple):
    """`text[start:end]` folds to `word`. Positions count words, including dropped ones."""

    word: str
    start: int
    end: int
    position: int


def expression(text: str) -> Any:
    """The compiled regular expression whose matches in `text` are its words, including those that are too long."""
    return _plain_token if _plain.fullmatch(text) else _token


def whole(text: str, at: int) -> int:
    """`at`, or the end of the word around it."""
    if not 0 < at < len(text) or text[at - 1].isspace() or text[at].isspace():
        return at
    across = _token.match(text, at - 1)
    return max(at, across.end()) if across else at


def tokenize(text: str) -> list[Token]:
    """The words of `text` (in NFC) in order, with their positions in code points."""
    tokens = []
    for position, match in enumerate(expression(text).finditer(text)):
        start, end = match.span()
        if end - start <= LONGEST_WORD and (word := folds[match[0]]):
            tokens.append(Token(word, start, end, position))
    return tokens


def words(text: str) -> list[str]:
    """The folded words by position, "" for a dropped one: `tokenize` without offsets, three times as fast."""
    return folded(written(text))


def count(text: str) -> int:
    """How many words `text` has, those that are too long left out."""
    lengths = map(len, expression(text).findall(text))
    return sum(map(LONGEST_WORD.__ge__, lengths))


def written(text: str) -> list[str]:
    """The words by position as written, "" for a dropped one."""
    return without_long(expression(text).findall(text))


def without_long(words: list[str]) -> list[str]:
    """The same words, with "" for those that are too long."""
    return [word if len(word) <= LONGEST_WORD else "" for word in words]


def folded(words: Iterable[str]) -> list[str]:
    """Each of `words` in the form used for comparison."""
    return list(map(folds.__getitem__, words))


def spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each word by position, including dropped ones: the offsets that `words` leaves out."""
    return [match.span() for match in expression(text).finditer(text)]


def first_words(names: Iterable[str]) -> dict[str, int]:
    """First word of each of `names` (words joined by a space) -> number of words in the longest name that starts with
    it."""
    longest: dict[str, int] = {}
    for name in names:
        first, _, rest = name.partition(" ")
        count = 1 + rest.count(" ") + bool(rest)
        if count > longest.get(first, 0):
            longest[first] = count
    return longest

"""Defines what a word is, for alert matching, the embedded index and Elasticsearch alike.

A word is one Han, kana, Thai, Lao, Khmer or Myanmar letter, mark or digit, or a run of letters, marks and digits of
other scripts. It is then ASCII-folded and lower-cased. There is no stemming and there are no stop words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import regex  # type: ignore[import-untyped]

from pipeline.core.text.folding import ASCII

#: A run of more characters than this is not a word, but still takes a position (Lucene's limit).
LONGEST_WORD = 255

# Scripts written without spaces between words. The two long-vowel marks belong to no script in Unicode.
_SINGLE = r"\p{IsHan}\p{IsHiragana}\p{IsKatakana}\p{IsThai}\p{IsLao}\p{IsKhmer}\p{IsMyanmar}ーｰ"

_WORD = r"\p{L}\p{M}\p{N}"  # the scripts above have their own punctuation: ។ ၊ ။ ๏

#: The regular expression for a word. It means the same in Rust (tantivy), Java (Elasticsearch) and Python's `regex`
#: (with V1), never spans two of the single-character scripts, needs no group and cannot backtrack.
TOKEN = rf"[{_WORD}&&[{_SINGLE}]]|[{_WORD}&&[^{_SINGLE}]]+"

_token = regex.compile(TOKEN, regex.V1)
# Text of only these characters (Latin, Greek, Cyrillic, Hebrew and Arabic letters without marks, common punctuation,
# Hangul) is split identically, and eight times faster, by `_plain_token`; a test compares the two.
_PLAIN = (
    "\0-\u02ff\u0370-\u0482\u048a-\u052f\u05be\u05d0-\u05ea\u060c\u061b\u061f-\u064a\u0660-\u066f\u0671-\u06d5"
    "\u1e00-\u1eff\u2000-\u206f\u20ac\u2116\u2122\u2212\uac00-\ud7a3"
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


class _Letters(dict[int, str]):
    """Code point -> its folded form. Lower-cases one character at a time, because `str.lower` treats final sigma."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = chr(code).lower()
        return folded


_letters = _Letters({ord(char): target for target, chars in ASCII.items() for char in chars})


def fold(word: str) -> str:
    """The word in the form used for comparison: ASCII-folded like Lucene, then lower case. Its length may change
    (`Straße`)."""
    return word.lower() if word.isascii() else word.translate(_letters)


class _Folds(dict[str, str]):
    """A cache of folded words, of about 10 MB: half of every text are the same few hundred words."""

    def __missing__(self, word: str) -> str:
        if len(self) >= 1 << 16:
            self.clear()
        self[word] = folded = fold(word)
        return folded


#: A word -> its folded form, cached. For look-ups only.
folds = _Folds()


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
        if end - start <= LONGEST_WORD:
            tokens.append(Token(folds[match[0]], start, end, position))
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

"""Finds what words may be written as besides: joined, without full stops, as a number without separators, in parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from pipeline.core.text.folding import fold
from pipeline.core.text.languages import every_word
from pipeline.core.text.numerals import NUMBER, read_number

MOST_JOINED = 6  # words that are joined into one
_MOST_RUNS = 4  # of letters and digits in a word that is parted; more are in codes


class Kind(Enum):
    """Why a token stands for some words."""

    JOINED = "joined"  # cease-fire, Sana'a, می‌گوید: ceasefire …
    NUMBER = "number"  # 3,500: 3500
    ACRONYM = "acronym"  # U.S.: us, =us
    PLURAL = "plural acronym"  # EE.UU.
    SYMBOL = "symbol"  # C++, AT&T, $500
    PART = "part"  # su and 27 of Su27, the words of a hashtag
    OWNER = "owner"  # Peru's: peru
    CAPITALS = "capitals"  # US: =us
    TAG = "tag"  # #TropasFuera: #tropasfuera


class Found(NamedTuple):
    """`token` stands for the words `first` to `last`, inclusive."""

    kind: Kind
    token: str
    first: int
    last: int


class Written(NamedTuple):
    """The words of a chunk as they are written: `same` is the chunk with ASCII punctuation, `spans` their places."""

    same: str
    spans: tuple[tuple[int, int], ...]
    words: tuple[str, ...]

    def gap(self, word: int) -> str:
        """What is between a word and the next."""
        return self.same[self.spans[word][1] : self.spans[word + 1][0]]

    def joined(self, first: int, last: int) -> str:
        return "".join(self.words[first : last + 1])


def numbers(chunk: Written) -> Iterator[Found]:
    for match in NUMBER.finditer(chunk.same):
        if (number := read_number(match[1])) is None:
            continue
        first, last = _covered(chunk, match.start(1), match.end(1))
        yield Found(Kind.NUMBER, number, first, last)
        rest = chunk.same[match.end(1) : chunk.spans[last][1]]
        if rest:  # 3.5bn
            yield Found(Kind.NUMBER, number + fold(rest), first, last)


def _covered(chunk: Written, start: int, end: int) -> tuple[int, int]:
    """The first and last word that lie in a place of the chunk."""
    inside = [n for n, (a, b) in enumerate(chunk.spans) if a < end and b > start]
    return inside[0], inside[-1]


_ACRONYM = re.compile(r"(?<![\w.])[^\W\d_]{1,2}(?:\.[^\W\d_]{1,2})+(?![^\W_])\.?")
_TWO = re.compile(r"([^\W\d_])\1", re.IGNORECASE)


def acronyms(chunk: Written) -> Iterator[Found]:
    """U.S., I.A.E.A., Ph.D., EE.UU.: letters with full stops. Of two letters each, the first must be a capital."""
    if "." not in chunk.same[:-1]:
        return
    for match in _ACRONYM.finditer(chunk.same):
        letters = match[0].rstrip(".").split(".")
        if all(len(one) == 1 or one[0].isupper() for one in letters):
            first, last = _covered(chunk, *match.span())
            kind = Kind.PLURAL if any(len(one) > 1 for one in letters) else Kind.ACRONYM
            yield from acronym(kind, chunk.words[first : last + 1], first)


def acronym(kind: Kind, words: Sequence[str], first: int) -> Iterator[Found]:
    """The tokens of an acronym whose letters are these words."""
    token, last = "".join(words), first + len(words) - 1
    yield Found(kind, token, first, last)
    yield Found(kind, "=" + token, first, last)


_ELIDED = every_word("variants", "elided")
_CONTRACTED = every_word("variants", "contracted")
_JOINS = frozenset(("-", "'", '"', "''", "\u200c", "_"))


def compounds(chunk: Written) -> Iterator[Found]:
    """What is written joined as well: words with a hyphen, an apostrophe or a non-joiner between them."""
    first = 0
    for n in range(len(chunk.words)):
        if n + 1 < len(chunk.words) and _goes_on(chunk, n):
            continue
        if n > first:
            yield from _compound(chunk, first, n)
        first = n + 1


def _goes_on(chunk: Written, n: int) -> bool:
    """Whether a word and the next may be written as one."""
    gap, one, other = chunk.gap(n), chunk.words[n], chunk.words[n + 1]
    if gap not in _JOINS and (not gap or gap.strip("\u200c")):
        return False
    if gap == '"' or gap == "''":  # gershayim: צה"ל
        return "\u05d0" <= one[-1:] <= "\u05ea" and "\u05d0" <= other[:1] <= "\u05ea"
    return not (one[-1:].isdigit() and other[:1].isdigit())  # 2-1, 2025-26


def _compound(chunk: Written, first: int, last: int) -> Iterator[Found]:
    gaps = {chunk.gap(n) for n in range(first, last)}
    if gaps == {"'"}:
        yield from _with_apostrophe(chunk, first, last)
    elif last - first < MOST_JOINED and gaps != {"_"}:
        yield Found(Kind.JOINED, chunk.joined(first, last), first, last)
    if chunk.words[last] == "s" and chunk.gap(last - 1) == "'" and len(gaps) > 1:  # cease-fire's
        yield Found(Kind.JOINED, chunk.joined(first, last - 1), first, last - 1)


def _with_apostrophe(chunk: Written, first: int, last: int) -> Iterator[Found]:
    one, other = chunk.words[first], chunk.words[last]
    if other == "s" and len(one) > 1:
        yield Found(Kind.OWNER, chunk.joined(first, last - 1), first, last)
        if len(one) < 4:
            return
    if other in _CONTRACTED and chunk.same[chunk.spans[last][0]].islower():
        return
    names = all(chunk.same[start].isupper() for start, _ in chunk.spans[first : last + 1])  # D'Souza, L'Oréal
    if last - first < MOST_JOINED and (names or one not in _ELIDED):
        yield Found(Kind.JOINED, chunk.joined(first, last), first, last)


_RUNS = re.compile(r"\d+|[^\W\d_]+")


def parts(text: str, chunk: Written, hidden: set[int]) -> Iterator[Found]:
    """Letters and digits of one word (Su27), and the words of a hashtag (#TropasFuera)."""
    for n, (start, end) in enumerate(chunk.spans):
        word, found = chunk.words[n], list[str]()
        if chunk.same[start - 1 : start] == "#":
            found = _humps(text[start:end])
        elif not word.isalpha() and not word.isdigit() and n not in hidden:
            found = _RUNS.findall(word)
            found = found if len(found) <= _MOST_RUNS else []
        if len(found) > 1:
            yield from (Found(Kind.PART, fold(part), n, n) for part in found)


def _humps(tag: str) -> list[str]:
    """The words of a hashtag: TropasFuera, USATroops, G20."""
    found, word = [], ""
    for before, char, after in zip(" " + tag, tag, tag[1:] + " ", strict=False):
        new = char.isdigit() != before.isdigit() or (char.isupper() and (before.islower() or after.islower()))
        if new and word:
            found.append(word)
            word = ""
        word += char
    return [*found, word]

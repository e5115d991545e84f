"""Finds whole numbers in a text, in digits or words: "1.200", "62 bin", "setenta y un", "einundsiebzig".

The words are data: vocabulary/numbers-*.toml. They are combined on a stack: a number word is added to a larger one that
leaves room for it (one hundred + four), a multiplier multiplies everything smaller (four hundred * thousand). Dates,
times, decimals, percentages, sums of money, and numbers in names ("R-11/02", "C-130") do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.core.expressions.number_words import Piece, Table, table
from pipeline.core.text.languages import words_of_all
from pipeline.core.text.reading import Reading

LARGEST = 10**9  # larger numbers do not count people
_LONGEST_WORD = 60  # letters: neunhundertneunundneunzigtausend… has fewer


class Number(NamedTuple):
    """A number in the words first to last (exclusive). `scale`: the multiplier in the last of them."""

    value: int
    first: int
    last: int
    digits: bool  # written in digits, at least in part
    ordinal: bool = False
    scale: int = 1

    @property
    def year(self) -> bool:
        """Whether it looks like a year."""
        return self.digits and self.last - self.first == 1 and 1900 <= self.value <= 2100


def numbers(reading: Reading, first: int, last: int, language: str | None) -> list[Number]:
    """The numbers in the words first to last (exclusive) of one sentence, in order, without overlaps."""
    known = table(language)
    found, at = [], first
    while at < last:
        one, at = _number(reading, at, last, known)
        if one is not None:
            found.append(one)
    return found


def _number(reading: Reading, at: int, last: int, known: Table) -> tuple[Number | None, int]:
    """The number that starts at word `at`, if any, and the word to continue with."""
    stack, end, digits, ordinal = _Stack(), at, False, False
    if reading.words[at].isdecimal():
        value, end, ordinal = _digits(reading, at, last, known)
        if value is None:
            return None, end
        stack.add(Piece(value, 1))
        digits = True
    if not ordinal:
        end = _spoken(reading, end, last, known, stack)
    value = sum(part.value for part in stack.parts)
    if end == at or value > LARGEST or _after(reading, end)[:1] in _MEASURES or reading.gap(at)[-1:] in _MONEY:
        return None, max(end, at + 1)
    ordinal = ordinal or (digits and known.dotted and end < last and reading.words[end - 1].isdecimal()
                          and reading.gap(end).startswith(". "))  # fmt: skip
    return Number(value, at, end, digits, ordinal or (digits and _numbered(reading, at, end, last)), stack.scale), end


def _numbered(reading: Reading, at: int, end: int, last: int) -> bool:
    """Whether it is the number of a legal act: "№ 12874", "Nr. 19", "1521 sayılı"."""
    if "№" in reading.gap(at) or (end < last and reading.words[end] in words_of_all("numbers", "after_act_number")):
        return True
    return at > 0 and reading.words[at - 1] in words_of_all("numbers", "before_act_number")


class _Stack:
    """The parts of a number so far, each smaller than the room left by the one before."""

    def __init__(self, parts: Sequence[Piece] = (), scale: int = 1) -> None:
        self.parts, self.scale = list(parts), scale

    def put(self, piece: Piece, joined: bool) -> bool:
        """Add `piece`; returns whether it fits. After "and", a multiplier does not multiply: "mil e cem", not "cem e
        mil"."""
        return self.multiply(piece) if piece.multiplies and not joined else self.add(piece)

    def turn(self, piece: Piece) -> bool:
        """Add tens to the units before them; returns whether both are there: "five and twenty"."""
        if not (self.parts and self.parts[-1].value < 10 and 20 <= piece.value < 100):
            return False
        self.parts[-1] = Piece(self.parts[-1].value + piece.value, 1)
        return True

    def add(self, piece: Piece) -> bool:
        """Add a number; returns whether it fits."""
        if (self.parts and not 0 < piece.value < self.parts[-1].room) or not piece.alone:
            return False
        self.parts.append(piece)
        self.scale = 1
        return True

    def multiply(self, by: Piece) -> bool:
        """Multiply the smaller parts; returns whether it fits."""
        kept = len(self.parts)
        while kept and self.parts[kept - 1].value < by.value:
            kept -= 1
        times = sum(part.value for part in self.parts[kept:])
        whole = by.value * times if times else by.value if by.alone and kept == len(self.parts) else 0
        if not whole or (kept and whole >= self.parts[kept - 1].room):
            return False
        self.parts[kept:] = [Piece(whole, by.value)]
        self.scale = by.value
        return True


def _spoken(reading: Reading, at: int, last: int, known: Table, stack: _Stack) -> int:
    """Put the number words from word `at` on `stack`; returns the word after them."""
    before_and: tuple[int, _Stack] | None = None
    end = at
    while at < last and (not stack.parts or reading.gap(at) in _BETWEEN_WORDS):
        joined = bool(stack.parts) and reading.words[at] in known.joining
        if joined:
            before_and = (at, _Stack(stack.parts, stack.scale))
            at += 1
            if at >= last or reading.gap(at) not in _BETWEEN_WORDS:
                break
        pieces, after = _pieces(reading, at, last, known, stack.scale)
        if not pieces and known.prefix:
            pieces, after = _prefixed(reading, at, last, known)
            joined = bool(pieces and stack.parts)
        if not pieces:
            break
        tried = _Stack(stack.parts, stack.scale)
        turned = joined and known.units_first and len(pieces) == 1 and tried.turn(pieces[0])
        if not turned and not all(tried.put(piece, joined) for piece in pieces):
            if pieces[0].multiplies and before_and:  # "two hundred and three" and then "hundred": two numbers
                end, kept = before_and
                stack.parts, stack.scale = kept.parts, kept.scale
            break
        stack.parts, stack.scale = tried.parts, tried.scale
        at = end = after
    return end


def _pieces(reading: Reading, at: int, last: int, known: Table, scale: int) -> tuple[Sequence[Piece], int]:
    """The number word at `at`, as pieces, and the word after it."""
    word = reading.words[at]
    for length in range(min(known.longest.get(word, 0), last - at), 0, -1):
        piece = known.pieces.get(" ".join(reading.words[at : at + length]))
        if piece is not None:
            return (piece,), at + length
    if known.compound and 3 < len(word) <= _LONGEST_WORD:
        return _split_compound(word, known), at + 1
    if len(word) == 3 and word.isdecimal() and word[0] != "0" and scale > int(word):  # "3 mil 500"
        return (Piece(int(word), 1),), at + 1
    return (), at


def _prefixed(reading: Reading, at: int, last: int, known: Table) -> tuple[Sequence[Piece], int]:
    """The number word at `at` behind a prefix that means "and", as pieces, and the word after it."""
    first = reading.words[at].removeprefix(known.prefix)
    for length in range(min(known.longest.get(first, 0), last - at), 0, -1) if first != reading.words[at] else ():
        piece = known.pieces.get(" ".join((first, *reading.words[at + 1 : at + length])))
        if piece is not None:
            return (piece,), at + length
    return (), at


def _split_compound(word: str, known: Table) -> Sequence[Piece]:
    """The fewest pieces that make up a compound word; empty if it cannot be split completely."""
    ways: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(end):
            way = ways[start]
            if way is not None and (word[start:end] in known.pieces or (way and word[start:end] in known.joining)):
                best = ways[end]
                if best is None or len(way) + 1 < len(best):
                    ways[end] = [*way, word[start:end]]
    pieces: list[Piece] = []
    turned: Piece | None = None
    for part, following in pairwise([*(ways[-1] or ()), ""]):
        piece = known.pieces.get(part)
        if known.units_first and piece and piece.value < 10 and following in known.joining:
            turned = piece
        elif piece is not None:
            pieces.append(Piece(piece.value + turned.value, 1) if turned else piece)
            turned = None
    return pieces


# ---- digits ----

_BETWEEN_WORDS = {" ", "-", "\u2011", "\u00a0", ""}
_GROUPING = {".", ",", "'", "\u2019", " ", "\u00a0", "\u202f", "\u2009"}
_GLUE = set("./:,_-\u2011\u2013\u2014")
_DASHES = set("-\u2011\u2013\u2014")
_MONEY = set("€$£₺₽₴")
_MEASURES = {*_MONEY, "%", "\u2030", "°"}


def _digits(reading: Reading, at: int, last: int, known: Table) -> tuple[int | None, int, bool]:
    """Value of the digits at word `at` (None: not a count), the word after them, and whether it is an ordinal."""
    word, end = reading.words[at], at + 1
    mark = reading.gap(at) if at else " "
    if mark in _GLUE and not (mark in _DASHES and reading.words[at - 1].isdecimal()):
        return None, end, False  # "C-130", "R-11/02"
    separator = reading.gap(end) if end < last else ""
    if separator in _GROUPING and len(word) < 4 and word[0] != "0":
        while end < last and reading.gap(end) == separator and _three(reading.words[end]):
            end += 1
    value = int("".join(reading.words[at:end])) if end - at < 5 and len(word) < 10 else None
    if end < last:
        mark, follows = reading.gap(end), reading.words[end]
        if mark in _DASHES and not follows.isdecimal() and follows[0] > "\u0400" and len(follows) < 4:
            return value, end + 1, follows not in words_of_all("numbers", "cardinal_endings")
        if mark in ("'", "\u2019") and follows.startswith(tuple(words_of_all("numbers", "ordinal_endings"))):
            return value, end + 1, True
        if mark in (".", ",") and follows.isdecimal() and end == at + 1:
            return _decimal(reading, at, last, known)
        dated = mark in _DASHES and end + 1 < last and follows.isdecimal() and reading.gap(end + 1) in _GLUE
        if dated or (mark in _GLUE and mark not in _DASHES):
            return None, _unglued(reading, end, last), False
    return (None if word[0] == "0" and len(word) > 1 else value), end, False


def _decimal(reading: Reading, at: int, last: int, known: Table) -> tuple[int | None, int, bool]:
    """A decimal with a multiplier: "2,5 tys.", "2,5" of "2,5 do 3 tys.". Other decimals, and dates or times with dots,
    are not counts."""
    end = at + 2
    whole, part = reading.words[at], reading.words[at + 1]
    if end < last and reading.gap(end) in _BETWEEN_WORDS and len(whole) < 4 and len(part) < 3:
        pieces, after = _pieces(reading, end, last, known, 1)
        scale = pieces[0].value if len(pieces) == 1 and pieces[0].multiplies else 1
        if scale == 1 and (reading.words[end],) in known.links and end + 1 < last:
            other, after = _number(reading, end + 1, last, known)[0], end
            scale = other.scale if other else 1
        if scale > 1:
            return round(float(f"{whole}.{part}") * scale), after, False
    return None, _unglued(reading, end, last), False


def _unglued(reading: Reading, at: int, last: int) -> int:
    """The first word from `at` on that no sign joins to the one before."""
    while at < last and reading.gap(at) in _GLUE:
        at += 1
    return at


def _three(word: str) -> bool:
    """Whether the word is a group of three digits."""
    return len(word) == 3 and word.isdecimal()


def _after(reading: Reading, end: int) -> str:
    """The text after the word before `end`."""
    place = reading.places[end - 1][1]
    return reading.field_of(end - 1)[place : place + 2].lstrip()

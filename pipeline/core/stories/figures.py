"""Reads what a text counts and how things ended, in a form in which another way of writing it is no change.

"$5 million", "5,000,000 dollars" and "five million dollars" are one amount; "$5 million" and "€5 million" are two. The
words are data: core/vocabulary/figures.toml, and numbers-*.toml for numbers in words.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import chain, pairwise

from pipeline.core.text import words
from pipeline.core.text.languages import vocabulary

CACHED = 1 << 13  # words in the cache of a list; then it is emptied
AROUND = 32  # characters beside a number in which its unit or side is looked for
SIDES = ("for", "against", "abstaining")
_STOP = re.compile(r"[,;()\[\]\n\d]|\.(?!\w)|[،；，、。]")  # what follows belongs to something else
_SIGNS = "$€£¥₽₴₺₹"
_SMALL = 2  # letters of a word that says nothing of what is counted
_LEAST = 2  # "one" in words is an article in most languages


class Terms(dict[str, str]):
    """Words and beginnings of words ("kilomet*"), each with what it stands for: a folded word -> that, or "". A word is
    looked for when first seen, and cached."""

    def __init__(self, listed: Iterable[tuple[str, str]], joined: str = "") -> None:
        """`listed`: what it stands for, and the words. `joined`: a letter that is written together with the next
        word: the Arabic "and"."""
        super().__init__()
        self._joined = joined
        self._whole: dict[str, str] = {}
        starts: dict[str, str] = {}
        for value, text in listed:
            for entry in text.split():
                bare = entry.rstrip("*")
                folded = "".join(words.words(bare)) or bare
                (starts if entry.endswith("*") else self._whole).setdefault(folded, value)
        self._starts = sorted(starts.items())
        self._keys = [start for start, _ in self._starts]

    def __missing__(self, word: str) -> str:
        if len(self) >= CACHED:
            self.clear()
        found = self._look_up(word)
        if not found and self._joined and word.startswith(self._joined) and len(word) > 3:
            found = self._look_up(word[1:])
        self[word] = found
        return found

    def _look_up(self, word: str) -> str:
        if found := self._whole.get(word):
            return found
        at = bisect_right(self._keys, word)
        for start, value in reversed(self._starts[max(0, at - 3) : at]):
            if word.startswith(start):
                return value
        return ""


@cache
def _flat(table: str) -> Terms:
    return Terms(vocabulary("figures")[table].items())


@cache
def _by_language(table: str, language: str) -> Terms:
    listed = vocabulary("figures")[table].items()
    return Terms(
        ((name, own[language]) for name, own in listed if language in own), joined="و" if language == "ar" else ""
    )


@cache
def _percent() -> tuple[Terms, tuple[tuple[str, ...], ...], Terms]:
    table = vocabulary("figures")["percent"]
    phrases = tuple(tuple(words.words(phrase)) for phrase in table["phrases"])
    return Terms([("%", table["after"])]), phrases, Terms([("%", table["before"])])


# -- amounts and votes


def amount(number: str, text: str, start: int, end: int) -> str:
    """The number in `text`[start:end] with what multiplies it and what it counts: "5000000 $".

    `number`: in the form of traits: ASCII digits, a point before decimals, "%" at the end.
    """
    sign = text[max(0, start - 2) : start].rstrip()[-1:]
    behind = _stopped(text[end : end + AROUND])
    left = words.words(text[max(0, start - 8) : start])
    known = "$" if sign == "$" else _flat("currencies")[sign] if sign and sign in _SIGNS else ""
    return counted(number, words.words(behind), known or _sign_after(behind), left)


def _stopped(text: str) -> str:
    found = _STOP.search(text)
    return text[: found.start()] if found else text


def _sign_after(behind: str) -> str:
    first = behind.lstrip()[:1]
    return _flat("currencies")[first] if first and first in _SIGNS else ""


def counted(number: str, after: Sequence[str], currency: str = "", before: Sequence[str] = ()) -> str:
    """A number with the folded words beside it."""
    if number.endswith("%"):
        return number
    after = _joined(after)
    ending, phrases, opening = _percent()
    if after and (ending[after[0]] or any(tuple(after[: len(one)]) == one for one in phrases)):
        return number + "%"
    if before and (opening[before[-1]] or opening["".join(before[-3:])]):
        return number + "%"
    if after and (scale := _flat("scales")[after[0]]):
        number, after = _scaled(number, int(scale)), after[1:]
        if after[:1] in (["de"], ["di"], ["d"]):  # "5 millones de dólares"
            after = after[1:]
    unit = currency or (after and (_flat("currencies")[after[0]] or _flat("units")[after[0]])) or ""
    if not unit and len(after) > 1 and len(after[0]) > 1:  # "5 US dollars", "5 million Canadian dollars"
        unit = _flat("currencies")[after[1]]
    return f"{number} {unit}".rstrip()


def _joined(after: Sequence[str]) -> list[str]:
    """The words, those of one character in a script without spaces also as one: 5 亿 美 元."""
    first = list(after[:4])
    if not first or len(first[0]) > 1 or first[0].isascii():
        return first
    text = "".join(first)
    scales = _flat("scales")
    if scales[text[:1]]:
        return [text[:1], text[1:3], text[1:2]] if not _currency(text[1:3]) else [text[:1], text[1:3]]
    return [text[:2]] if _currency(text[:2]) else [text[:1]]


def _currency(text: str) -> str:
    return _flat("currencies")[text] or _flat("units")[text]


def counts(word: str) -> bool:
    """Whether `word` says how much, or of what: in German it has a capital as names have."""
    return any(_flat(table)[folded] for folded in words.words(word) for table in ("scales", "currencies", "units"))


def _scaled(number: str, scale: int) -> str:
    try:
        value = Decimal(number) * scale
    except InvalidOperation:
        return number
    return str(int(value)) if value == int(value) else str(value.normalize())


def vote(number: str, text: str, start: int, end: int, language: str) -> str:
    """The number in `text`[start:end] with the side that voted so ("27 for"); "" if it counts no votes."""
    sides = _by_sides(language)
    if sides is None or not number.isdecimal():
        return ""
    behind = words.words(_stopped(text[end : end + AROUND]))[:4]
    ahead = words.words(_stopped(text[max(0, start - AROUND) : start][::-1])[::-1])[-2:]
    for word in (*behind, *_pairs(behind), *reversed(ahead)):
        if side := sides[word]:
            return f"{number} {side}"
    return ""


@cache
def _by_sides(language: str) -> Terms | None:
    table = vocabulary("figures")["votes"]
    listed = [(side, table[side][language]) for side in SIDES if language in table[side]]
    return Terms(listed) if listed else None


def noun(text: str, end: int) -> str:
    """The word for what the number before `text`[end] counts, as written; "" if no such word follows."""
    behind = _stopped(text[end : end + AROUND])
    for word in words.written(behind)[:2]:
        if _names_things(word):
            return word
        if len(word) > _SMALL:
            break
    return ""


def _names_things(word: str) -> bool:
    """Whether a word behind a number may say what is counted. One character does where each is a word."""
    if len(word) <= _SMALL:
        return bool(word) and ord(word[0]) > 0x2E00
    return word[0].isalpha() and "".join(words.words(word)) not in _beside()


@cache
def _beside() -> frozenset[str]:
    return frozenset(words.words(vocabulary("figures")["beside"]["words"]))


# -- numbers in words


@cache
def number_words(language: str) -> tuple[Mapping[str, int], Mapping[str, int], frozenset[str]]:
    """Words that are added, words that multiply, and words between them."""
    data = vocabulary("numbers", language) if language else {}
    added = {
        word: int(value)
        for table in ("ones", "tens", "hundreds")
        for value, listed in data.get(table, {}).items()
        for entry in str(listed).split()
        for word in words.words(entry)
    }
    scales = {
        word: int(value)
        for value, listed in data.get("multipliers", {}).items()
        for entry in str(listed).split()
        for word in words.words(entry)
        if int(value) >= 100
    }
    return added, scales, frozenset(words.words(" ".join(data.get("joining", ()))))


def spoken(read: Sequence[str], language: str, used: Container[int] = ()) -> Iterator[tuple[str, str]]:
    """The amounts that folded words state in words, from two on, each with the word for what is counted. `used`: places
    of words that belong to something else."""
    added, scales, joining = number_words(language)
    phrases = _percent()[1]
    at = 0
    for place in [place for place, word in enumerate(read) if word in added or word in scales] if added else ():
        if place < at:
            continue
        at = place
        value, end = _value(read, at, added, scales, joining)
        # A multiplier alone ("thousands of people") is no number; after digits it belongs to them.
        percent = at > 0 and tuple(read[at - 1 : at + 1]) in phrases  # "por cento" is no hundred
        if value >= _LEAST and read[at] in added and not percent and at not in used:
            amount = counted(str(value), read[end : end + 3])
            yield amount, next(filter(_names_things, read[end : end + 2]), "") if amount == str(value) else ""
        at = end


def _value(
    read: Sequence[str], at: int, added: Mapping[str, int], scales: Mapping[str, int], joining: frozenset[str]
) -> tuple[int, int]:
    """The number that starts at `at`, and the word after it."""
    total, part, room = 0, 0, 10**6
    while at < len(read):
        word = read[at]
        if (value := added.get(word)) is not None and (value < room or not part):
            part, room = (
                part + value,
                10 if value >= 20 and value % 10 == 0 and value < 100 else 100 if value >= 100 else 1,
            )
        elif (scale := scales.get(word)) is not None:
            part = max(1, part) * scale
            if scale >= 1000:
                total, part = total + part, 0
            room = 10**6 if scale >= 1000 else 100
        elif not (word in joining and part and at + 1 < len(read) and read[at + 1] in added and room > 1):
            break
        at += 1
    return total + part, at


# -- outcomes and days


def outcomes(read: Sequence[str], language: str) -> tuple[str, ...]:
    """How things ended, in order of first appearance: "approved"."""
    return _named("outcomes", read, language)


def days(read: Sequence[str], language: str) -> tuple[str, ...]:
    """Today and its neighbours, in order of first appearance."""
    return _named("days", read, language)


def _named(table: str, read: Sequence[str], language: str) -> tuple[str, ...]:
    if not _languages(table, language):
        return ()
    terms = _by_language(table, language)
    return tuple(dict.fromkeys(filter(None, map(terms.__getitem__, chain(read, _pairs(read))))))


@cache
def _languages(table: str, language: str) -> bool:
    return any(language in listed for listed in vocabulary("figures")[table].values())


def _pairs(read: Sequence[str]) -> Iterator[str]:
    """Words of two characters, in scripts where each character is one."""
    if not any(len(word) == 1 and not word.isascii() for word in set(read)):
        return iter(())
    return (one + other for one, other in pairwise(read) if len(one) == len(other) == 1 and not one.isascii())

"""Finds quantities with bounds: "up to 300", "between 200 and 300", "tra 800 e 1.000", "at least a dozen".

Words such as "around" and "some" change nothing. The phrases are data: [bounds] in vocabulary/numbers-*.toml.
"""

from __future__ import annotations

from typing import NamedTuple

from pipeline.core.expressions.number_words import Table, table
from pipeline.core.expressions.numbers import Number, numbers
from pipeline.core.expressions.phrases import Phrases, beginning, ending, ends_with
from pipeline.core.text.reading import Reading

_NONE = Phrases()
_DASHES = ("-", "\u2013", "\u2014", " \u2013 ", " - ")
_BESIDE = ("", " ", "'", "\u2019", "\u00a0")  # nothing between characters of Chinese
_REACH = 2  # words of a unit between a number and "at most"


class Quantity(NamedTuple):
    """A quantity in the words first to last (exclusive). `low` and `high`: its bounds, the same if it is exact, None
    where it is open. `number`: the last number, which the unit follows."""

    low: Number | None
    high: Number | None
    number: Number
    first: int
    last: int


def quantities(reading: Reading, first: int, last: int, language: str | None) -> list[Quantity]:
    """The quantities in the words first to last (exclusive) of one sentence, in order."""
    known, every = table(language), [n for n in numbers(reading, first, last, language) if not n.ordinal]
    found, at = [], 0
    while at < len(every):
        one = every[at]
        if at + 1 < len(every) and _linked(reading, one, every[at + 1], first, known):
            found.append(_range(one, every[at + 1]))
            at += 2
        else:
            found.append(_with_bound(reading, one, first, last, known))
            at += 1
            if len(found) > 1 and _closing(found[-2], found[-1]):
                found[-2:] = [_between(*found[-2:])]
    return found


def _closing(one: Quantity, other: Quantity) -> bool:
    """Whether a lower and an upper bound make one quantity: "at least 400 and at most 600"."""
    return bool(one.low and other.high and not one.high and not other.low) and 0 <= other.first - one.last < 2


def _between(one: Quantity, other: Quantity) -> Quantity:
    return Quantity(one.low, other.high, other.number, one.first, other.last)


def _linked(reading: Reading, one: Number, other: Number, first: int, known: Table) -> bool:
    """Whether the two are the ends of a range."""
    if _scaled(one, other).value >= other.value:
        return False
    words = reading.words
    link = tuple(words[one.last : other.first])
    if not link:
        return reading.gap(other.first) in _DASHES
    return link in known.links or any(
        link == between and ends_with(words, first, one.first, lead) for lead, between in known.between
    )


def _range(one: Number, other: Number) -> Quantity:
    return Quantity(_scaled(one, other), other, other, one.first, other.last)


def _scaled(one: Number, other: Number) -> Number:
    """`one` with the multiplier of `other`, if it is stated once: "2 a 3 mil"."""
    if one.scale == 1 and other.scale >= 100 and one.value * other.scale < other.value:
        return one._replace(value=one.value * other.scale, scale=other.scale)
    return one


def _with_bound(reading: Reading, one: Number, first: int, last: int, known: Table) -> Quantity:
    """The quantity of one number, with the bound that the words next to it state."""
    words, at, bounds = reading.words, one.first, known.bounds
    for _ in range(3):  # "hasta unos 300"
        if reading.gap(at) not in _BESIDE:
            break
        found = {name: ending(words, first, at, bounds.get(name, _NONE)) for name in ("at_most", "at_least")}
        name = max(found, key=lambda name: found[name])
        if found[name]:
            return _only(name, one, at - found[name], one.last)
        about = ending(words, first, at, bounds.get("about", _NONE))
        if not about:
            break
        at -= about
    for start in range(one.last, min(one.last + _REACH + 1, last)):
        if reading.gap(start) not in _BESIDE or words[start].isdecimal():
            break
        for name in ("at_most", "at_least"):
            length = beginning(words, start, last, bounds.get(f"{name}_after", _NONE))
            if length:
                return _only(name, one, one.first, start + length if start == one.last else one.last)
    after = beginning(words, one.last, last, bounds.get("about_after", _NONE))
    return Quantity(one, one, one, one.first, one.last + after)


def _only(name: str, one: Number, first: int, last: int) -> Quantity:
    return Quantity(one if name == "at_least" else None, one if name == "at_most" else None, one, first, last)

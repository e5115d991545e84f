"""Number words by language, from vocabulary/numbers-*.toml."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from pipeline.core.expressions.phrases import Phrases, pairs, phrases
from pipeline.core.text.languages import vocabulary
from pipeline.core.text.words import first_words, words


class Piece(NamedTuple):
    """What a word adds to a number. `room`: what follows must be smaller than this."""

    value: int
    room: int
    multiplies: bool = False
    alone: bool = True  # of a multiplier: it may come without a number before it


@dataclass(frozen=True, slots=True)
class Table:
    """The number words of a language. `pieces`: by folded words, joined by a space; `longest`: first word -> maximum
    words."""

    pieces: Mapping[str, Piece] = field(default_factory=dict)
    longest: Mapping[str, int] = field(default_factory=dict)
    joining: frozenset[str] = frozenset()
    compound: bool = False
    units_first: bool = False
    prefix: str = ""  # "and", written together with the word after it: "خمسة وعشرون"
    dotted: bool = False  # "136." is an ordinal
    bounds: Mapping[str, Phrases] = field(default_factory=dict)  # at_most, at_least, about …
    links: Phrases = field(default_factory=Phrases)  # between the ends of a range
    between: frozenset[tuple[tuple[str, ...], tuple[str, ...]]] = frozenset()  # before it, and between its ends

    def bare(self, among: Iterable[str], known: Container[str]) -> list[str]:
        """The words; the prefix is taken off where what is left is in `known`."""
        return [rest if (rest := word.removeprefix(self.prefix)) in known else word for word in among]


@cache
def table(language: str | None) -> Table:
    """The number words of `language` (None: English); empty if there is no file."""
    data = vocabulary("numbers", language)
    return _compiled(data) if data else Table()


def _compiled(data: Mapping[str, Any]) -> Table:
    pieces: dict[str, Piece] = {}
    for name, room in (("ones", 1), ("tens", 10), ("hundreds", 100)):
        for value, listed in data.get(name, {}).items():
            pieces |= dict.fromkeys(_entries(listed), Piece(int(value), room))
    for name in ("multipliers", "counted"):
        for value, listed in data.get(name, {}).items():
            piece = Piece(int(value), int(value), multiplies=True, alone=name == "multipliers")
            pieces |= dict.fromkeys(_entries(listed), piece)
    bounds = dict(data["bounds"])
    links, between = phrases(bounds.pop("links")), pairs(bounds.pop("between"))
    return Table(
        pieces, first_words(pieces), frozenset(word for one in data.get("joining", ()) for word in words(one)),
        data.get("compound", False), data.get("units_first", False), data.get("prefix", ""),
        data.get("dotted_ordinals", False),
        {name: phrases(listed) for name, listed in bounds.items()}, links, between,
    )  # fmt: skip


def _entries(listed: str) -> Iterator[str]:
    """Words separated by spaces; an entry with a space or an apostrophe becomes several words."""
    for bracketed, bare in re.findall(r"\[([^]]*)\]|(\S+)", listed):
        yield " ".join(words(bracketed or bare))

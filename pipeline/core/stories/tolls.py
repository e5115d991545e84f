"""Reads how many people a report counts as killed, hurt, missing, arrested or displaced, if that is clear.

Only the title and the first sentences count, with numbers in digits ("17"), in words ("three hundred") and vague ones
("dozens"). If these give two numbers of one kind, neither counts: one of them is of another event, of a part, or of a
year ago. The words are data: vocabulary/tolls.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from pipeline.core.expressions.number_words import table
from pipeline.core.expressions.quantities import Quantity, quantities
from pipeline.core.expressions.vague import Vague, after, vague_numbers
from pipeline.core.text.languages import base_code, vocabulary
from pipeline.core.text.reading import Reading, Sentence, read
from pipeline.core.text.words import words

READ = 700  # characters of the text
_LEAST_IN_WORDS = 2  # "one" in words is an article in many languages
_NOT = 3  # words before a number in which a negation means that nobody was hurt: "none of the 12 passengers"
_NUMBER = "\x01(\\d+)\x02"
_STOP = "\x03"  # a sign after a number: what follows is not what it counts
_ABOUT = ("about", "at_least", "at_most")


class Toll(NamedTuple):
    """What is counted (killed, injured, …), how many, and the sentence that says so. `low` and `high`: the bounds of
    what is no exact number, such as "dozens" or "at least 17"; None without a bound on that side."""

    field: str
    value: int | str
    low: int | None
    high: int | None
    sentence: str

    @property
    def exact(self) -> bool:
        return self.low == self.high == self.value


def tolls(title: str, text: str, language: str | None) -> tuple[Toll, ...]:
    """The tolls of an article. Empty for a language without words."""
    language = base_code(language)
    known = _patterns(language or "")
    if not known:
        return ()
    reading = read(title, text[:READ], language)
    if not table(language).prefix and known.telling.isdisjoint(reading.words):
        return ()
    found: dict[str, list[Toll]] = {}
    for sentence in reading.sentences:
        for toll in _counted(reading, sentence, language, known):
            found.setdefault(toll.field, []).append(toll)
    agreed = map(_agreed, found.values())
    return tuple(toll for toll in agreed if toll is not None)


def _agreed(several: Sequence[Toll]) -> Toll | None:
    """The one number that all of these mean; a vague one gives way to a number within its bounds."""
    numbers = [toll for toll in several if isinstance(toll.value, int)]
    best = min(numbers or several, key=lambda toll: not toll.exact)
    if len({toll.value for toll in numbers}) > 1:
        return None
    if numbers and not all(_within(numbers[0], toll) for toll in several if toll not in numbers):
        return None
    return best if numbers or len({(toll.low, toll.high) for toll in several}) == 1 else None


def _within(number: Toll, vague: Toll) -> bool:
    return (vague.low or 0) <= int(number.value) <= (vague.high or int(number.value))


class _Count(NamedTuple):
    """A number in the words first to last (exclusive)."""

    value: int | str
    low: int | None
    high: int | None
    first: int
    last: int


def _counted(reading: Reading, sentence: Sentence, language: str | None, known: _Patterns) -> Iterator[Toll]:
    """The tolls of a sentence: in its words each number is replaced by its place in a list."""
    spoken = table(language).bare(reading.words[sentence.first : sentence.last], known.telling)
    if known.telling.isdisjoint(spoken):
        return
    among = [*reading.words[: sentence.first], *spoken]
    counts = _counts(reading, sentence, language)
    written, at = [], sentence.first
    for number, count in enumerate(counts):
        written += [*among[at : count.first], f"\x01{number}\x02"]
        at = count.last
        if at < sentence.last and reading.gap(at).strip():
            written.append(_STOP)
    line = " ".join((*written, *among[at:]))
    for field, pattern in known.kinds:
        for match in pattern.finditer(line):
            count = counts[int(next(group for group in match.groups() if group))]
            if known.negations.isdisjoint(line[: match.start()].split()[-_NOT:]):
                quoted = " ".join(reading.quote(sentence).split())
                yield Toll(field, count.value, count.low, count.high, quoted)


def _counts(reading: Reading, sentence: Sentence, language: str | None) -> list[_Count]:
    """The numbers of a sentence that may count people, in order and without overlaps."""
    first, last = sentence.first, sentence.last
    vague = [_vague(reading, one, last, language) for one in vague_numbers(reading, first, last, language)]
    every = quantities(reading, first, last, language)
    stated = [_stated(one) for one in every if _counts_people(one) and not _scored(reading, one.first)]
    found: list[_Count] = []
    for count in sorted((*vague, *stated), key=lambda count: (count.first, -count.last)):
        if not found or count.first >= found[-1].last:
            found.append(count)
    return found


def _counts_people(quantity: Quantity) -> bool:
    number = quantity.number
    return number.value >= (1 if number.digits else _LEAST_IN_WORDS) and not number.year


def _scored(reading: Reading, first: int) -> bool:
    """Whether it is the second number of a score: "3-2"."""
    return reading.gap(first) in ("-", "\u2013", ":") and reading.words[first - 1].isdecimal()


def _stated(quantity: Quantity) -> _Count:
    low, high = (bound and bound.value for bound in (quantity.low, quantity.high))
    value = f"{low}-{high}" if low and high and low != high else high or low or 0
    return _Count(value, low, high, quantity.first, quantity.last)


def _vague(reading: Reading, one: Vague, last: int, language: str | None) -> _Count:
    written = reading.original(one.first, one.last).lower()
    return _Count(written, one.low, one.high, one.first, after(reading, one, last, language))


class _Patterns(NamedTuple):
    """The words of a language. `telling`: first words of all kinds, without one of which nothing can match."""

    kinds: tuple[tuple[str, re.Pattern[str]], ...]
    telling: frozenset[str]
    negations: frozenset[str]


@cache
def _patterns(language: str) -> _Patterns | None:
    """For each kind: the number before its words, with a word for people between them ("17 people were killed"), or
    right after them ("killed at least 17 people")."""
    data = vocabulary("tolls")
    if language not in data["people"]:
        return None
    people, between = (_any(_entries(data[name].get(language, ""))) for name in ("people", "between"))
    about = _any(" ".join(phrase) for name in _ABOUT for phrase in _about(language, name))
    found, telling = [], set[str]()
    for field, kind in data["kinds"].items():
        after, ahead = (_entries(table.get(language, "")) for table in (kind, data["ahead"].get(field, {})))
        if after:
            pattern = rf"{_NUMBER} (?:{people} )?(?:{between} ){{0,2}}{_any(after)}(?= |$)"
            if ahead:
                pattern += rf"|(?:^| ){_any(ahead)} (?:{about} ){{0,2}}{_NUMBER} {people}(?= |$)"
            found.append((field, re.compile(pattern)))
            telling.update(entry.split()[0] for entry in (*after, *ahead))
    negations = frozenset(words(vocabulary("traits")["negations"].get(language, "")))
    return _Patterns(tuple(found), frozenset(telling), negations)


def _about(language: str, name: str) -> Iterable[tuple[str, ...]]:
    bounds = table(language).bounds
    return bounds[name].every if name in bounds else ()


def _entries(listed: str) -> list[str]:
    """The entries, folded; `_` is a blank."""
    return [" ".join(words(entry.replace("_", " "))) for entry in listed.split()]


def _any(entries: Iterable[str]) -> str:
    """One regular expression for all entries, the longer ones first; without any it never matches."""
    parts = sorted(set(entries), key=lambda entry: (-len(entry), entry))
    return f"(?:{'|'.join(map(re.escape, parts))})" if parts else "(?!)"

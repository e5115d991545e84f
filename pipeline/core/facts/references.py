"""Reads how a later mention refers to an act: "the law of March", "that agreement", "the previous resolution".

antecedents.py decides by it which act is meant. The words are in vocabulary/antecedents.toml, by language.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from pipeline.core.expressions.calendar import calendar_of
from pipeline.core.expressions.dates import days_in
from pipeline.core.facts.listed import endings, is_listed, phrases
from pipeline.core.facts.noun_phrases import bounds, small_words
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.signs import breaks
from pipeline.core.text.languages import base_code
from pipeline.core.text.reading import Sentence
from pipeline.core.text.stems import stem
from pipeline.core.topics.hits import Span, overlaps
from pipeline.records import Stated

_BEFORE = 3  # words in which the words for "previous" and "this" come before a mention
_INDEFINITE = 2  # words in which an indefinite word comes before one: "a new law"
_DATED = 6  # words between a mention and its month: "the measure, voted in March"
_SHORT = 3  # letters; words up to this length are mostly articles and prepositions
_PART = 4  # letters from which a part of a compound shows its kind: "Stationierungsabkommen"

Month = tuple[int, int | None]  # a year and a month, or only a year


class Named(NamedTuple):
    """Words for an act. `kind`: without its number. `end`: of the number, or of the kind."""

    kind: Span
    number: Stated | None
    end: int


class Reference(NamedTuple):
    """What a mention says about the act that it means. `nouns`: stems of its words. `classes`: numbers of the groups of
    nouns that can mean the same act. `indefinite`, `definite`, `demonstrative`, `earlier`: the words beside it.
    `abroad`: it is another country's. `agreement`: it is one between states. `months`: when it was made, as far as
    stated with it. `days`: the words for the day of its making."""

    nouns: frozenset[str]
    classes: frozenset[int]
    indefinite: bool
    definite: bool
    demonstrative: bool
    earlier: bool
    abroad: bool
    agreement: bool
    months: frozenset[Month]
    days: frozenset[Span]


def read_reference(scene: Scene, one: Named, host: str | None) -> Reference:
    """How the mention refers to its act. `host`: whose acts are not another country's."""
    first, last = bounds(scene, one.kind[0])
    pace, language = scene.reading.pace, scene.language
    start = _numbered_from(scene, first, one)
    before = _unbroken(scene, max(first, start - _BEFORE * pace), start)
    after = scene.reading.words[one.kind[1] : min(last, one.kind[1] + pace)]
    indefinite = scene.reading.words[max(first, one.kind[0] - _INDEFINITE) : one.kind[0]]
    agreement = overlaps(one.kind, scene.spans("agreement"))
    dates = [*_dates(scene, one)]
    return Reference(
        _nouns(scene, one.kind),
        _classes(scene, one.kind),
        is_listed("indefinite", language, indefinite),
        one.kind[0] - 1 in scene.covered("the"),
        is_listed("demonstrative", language, before) or is_listed("demonstrative_behind", language, after),
        is_listed("earlier", language, before) or is_listed("earlier", language, after),
        not agreement and _abroad(scene, one.kind, host),
        agreement,
        frozenset(month for month, _ in dates),
        frozenset() if agreement else frozenset(span for _, span in dates if span),
    )


def _numbered_from(scene: Scene, first: int, one: Named) -> int:
    """The first word of the mention, or of the number before it: "a korábbi, 12. számú törvény"."""
    start = one.kind[0]
    if one.number is None or one.number.start > scene.reading.places[start][0]:
        return start
    while start > first and scene.reading.places[start][0] > one.number.start:
        start -= 1
    return start


def _unbroken(scene: Scene, first: int, last: int) -> list[str]:
    """The words before word `last`, back to `first` or a sign that ends a phrase; one directly before it does not."""
    start = last
    while start > first and (start == last or not breaks(scene.reading.gap(start))):
        start -= 1
    return scene.reading.words[start:last]


def _nouns(scene: Scene, kind: Span) -> frozenset[str]:
    code = base_code(scene.language) or "en"
    meaning = [word for word in scene.reading.words[slice(*kind)] if len(word) > _SHORT or not word.isascii()]
    return frozenset(stem(word, code) for word in meaning or scene.reading.words[slice(*kind)])


def _classes(scene: Scene, kind: Span) -> frozenset[int]:
    """The groups in which a word of the mention, or a part of a compound, is listed."""
    named = scene.reading.words[slice(*kind)]
    return frozenset(
        number
        for number, group in enumerate(phrases("same", scene.language))
        if any(part == word or (len(part) >= _PART and part in word) for part in group for word in named)
    )


def _abroad(scene: Scene, kind: Span, host: str | None) -> bool:
    """Whether the mention names a country other than the host as the act's: "the Chilean law", "la loi italienne"."""
    if host is None:
        return False
    small = scene.covered("of", "the", sentence=_sentence(scene, kind))
    found = set[str]()
    for mention in scene.mentions_in(_sentence(scene, kind)):
        country = mention.country
        between = range(mention.last, kind[0]) if mention.last <= kind[0] else range(kind[1], mention.first)
        if country is not None and small.issuperset(between) and len(between) <= _BEFORE:
            found.add(country)
    return bool(found) and host not in found


def _sentence(scene: Scene, kind: Span) -> int:
    return scene.reading.sentence_at(kind[0])


def _dates(scene: Scene, one: Named) -> Iterator[tuple[Month, Span | None]]:
    """When the act was made: a date in its phrase, with nothing but words for its making in between; and its words, if
    it is a day that such a word introduces."""
    published = scene.published
    if published is None:
        return
    first, last = bounds(scene, one.kind[0])
    reach = _DATED * scene.reading.pace
    first, last = max(first, one.kind[0] - reach), min(last, one.end + reach)
    loose, making = _making(scene, scene.reading.sentences[_sentence(scene, one.kind)])
    for day in days_in(scene.reading, first, last, calendar_of(scene.language), published):
        between = range(day.last, one.kind[0]) if day.first < one.kind[0] else range(one.end, day.first)
        if day.grain not in ("day", "month", "year") or not (loose | making).issuperset(between):
            continue
        year = day.year or _past_year(published, day.month)
        if date(year, day.month or 1, 1) <= published:
            told = day.grain == "day" and not making.isdisjoint(between)
            yield (year, day.month), (day.first, day.last) if told else None


def _past_year(published: date, month: int | None) -> int:
    """The year of the most recent such month."""
    return published.year - (month is not None and month > published.month)


def _making(scene: Scene, at: Sentence) -> tuple[set[int], set[int]]:
    """The words of a sentence that may stand between an act and its date: small ones, and words for its making."""
    small, number = small_words(scene.language), scene.reading.sentence_at(at.first)
    listed = small.into | small.articles | small.links | small.behind | small.marks
    loose = scene.covered("of", "the", "at", "being", sentence=number)
    making = scene.covered("instrument-dated", "instrument-made", sentence=number)
    dated, words_here = endings("voted", scene.language), range(at.first, at.last)
    loose |= {word for word in words_here if scene.reading.words[word] in listed}
    return loose, making | {word for word in words_here if scene.reading.words[word].startswith(dated)} - loose

"""Finds the date of a legal act: next to it ("of 28 January"), or where its making is reported ("on Tuesday").

A day after the article's date, or one that starts or ends a stay, does not count. A weekday means the most recent one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from pipeline.core.expressions.date_phrases import date_phrases
from pipeline.core.facts.noun_phrases import Timeline, small_words
from pipeline.core.text.languages import base_code, weekday_names
from pipeline.core.text.words import words
from pipeline.core.topics.hits import Span
from pipeline.records import Stated

_BESIDE = 4  # words from an act or its number to its date
_BEFORE = 6  # words from a date to an act: "13 Ocak tarihli ve 1521 sayılı karar"
_AFTER_SIGNING, _BEFORE_SIGNING = 8, 3  # words between a signature and its day
_PUBLISHED = 6  # words from a day to the gazette of that day
_BACK = timedelta(days=330)  # the date reader prefers dates up to some months ahead; an act is in the past
_OLDEST = timedelta(days=400)
_SURE = timedelta(days=270)  # a day without a year that seems older is rather one to come
_RECENT = timedelta(days=60)  # news is not older


class _Day(NamedTuple):
    """A day that the text names, and its words."""

    day: date
    span: Span
    relative: bool  # "on Tuesday"
    edge: bool = False  # probably the start or end of a stay
    old: bool = False  # longer ago than news is

    @property
    def is_news(self) -> bool:
        return not (self.edge or self.old)


def issued(
    timeline: Timeline, mentions: Sequence[tuple[Span, int]], reported_in: Sequence[int], done_in: Sequence[int],
    *, agreement: bool,
) -> Stated | None:  # fmt: skip
    """The date of an act. `mentions`: the words for it and the end of its number, best mention first. `reported_in`:
    sentences that may report its making; `done_in`: those with the decision or signature itself. `agreement`: it is
    dated by its signature."""
    scene = timeline.scene
    beside = next((day for kind, end in mentions if (day := _beside(timeline, kind, end))), None)
    if beside is not None:
        return beside
    signed = _signature(timeline) if agreement else None
    if signed is not None:
        return scene.stated(signed.day.isoformat(), *signed.span, implied=signed.relative)
    for sentence in reported_in:
        if scene.spans_in("instrument-made", sentence):
            made = [one for one in _days(timeline, sentence) if one.is_news]
            made.sort(key=lambda one: (one.day == scene.published, one.relative, one.span))  # a dateline comes last
            if made:
                return scene.stated(made[0].day.isoformat(), *made[0].span, implied=made[0].relative)
    done = [one for sentence in done_in for one in _days(timeline, sentence) if one.is_news]
    done.sort(key=lambda one: not one.relative)  # "on Tuesday" before a dateline
    return scene.stated(done[0].day.isoformat(), *done[0].span, implied=done[0].relative) if done else None


def _beside(timeline: Timeline, kind: Span, end: int) -> Stated | None:
    """The date beside a mention of an act."""
    scene = timeline.scene
    own = scene.reading.sentence_at(kind[0])
    days = list(_days(timeline, own))
    dated = scene.spans_in("instrument-dated", own)
    for found in days:
        first, last = found.span
        joined = any(mark[1] == first or mark[0] == first for mark in dated)
        if joined and not found.relative and 0 <= first - end <= _BESIDE:
            return scene.stated(found.day.isoformat(), first, last)
        behind = any(last <= mark[0] <= last + 1 for mark in dated)
        if behind and small_words(scene.language).behind and 0 <= kind[0] - last <= _BEFORE:
            return scene.stated(found.day.isoformat(), first, last)
    return None


def _signature(timeline: Timeline) -> _Day | None:
    """The day shortly after words for a signature, or directly before them."""
    pace = timeline.scene.reading.pace
    for first, last in timeline.scene.spans("signed"):
        at = timeline.scene.reading.sentence_at(first)
        for one in _days(timeline, at):
            after, before = one.span[0] - last, first - one.span[1]
            if not one.edge and (0 <= after <= _AFTER_SIGNING * pace or 0 <= before <= _BEFORE_SIGNING * pace):
                return one
    return None


def _days(timeline: Timeline, sentence: int) -> Iterator[_Day]:
    """Days of a sentence before the article's date, in order."""
    scene = timeline.scene
    published = scene.published
    if published is None:
        return
    at = scene.reading.sentences[sentence]
    found = [*named_days(timeline, at.first, at.last, published)]
    for one in date_phrases(scene.reading, at.first, at.last, scene.language, published - _BACK):
        day = one.start or one.end
        whole = one.grain == "day" and day is not None and (one.start is None or one.end in (None, one.start))
        span = (one.start_at if one.start else one.end_at) or (one.first, one.last)
        oldest = published - (_OLDEST if any(len(word) == 4 for word in _figures(timeline, span)) else _SURE)
        if whole and day is not None and _figures(timeline, span) and oldest <= day <= published:
            found.append(_Day(day, span, False, one.kind not in ("date", "on"), published - day > _RECENT))
    gazettes = [span[0] for span in scene.spans_in("gazette", sentence)]
    issued_on = [one for one in found if one.relative and any(0 <= g - one.span[1] <= _PUBLISHED for g in gazettes)]
    yield from sorted((one for one in found if one not in issued_on), key=lambda one: one.span)


def _figures(timeline: Timeline, span: Span) -> list[str]:
    """The words with digits in a date; one of four is a year."""
    return [word for word in timeline.scene.reading.words[slice(*span)] if any(sign.isdigit() for sign in word)]


def named_days(timeline: Timeline, first: int, last: int, published: date) -> Iterator[_Day]:
    """Days named in relation to the article's date: "yesterday", "on Tuesday"; not "next Tuesday"."""
    scene = timeline.scene
    small, weekdays = small_words(scene.language), _weekdays(scene.language)
    reading, reached = scene.reading, first
    for word in range(first, last):
        written = reading.words[word]
        if word < reached or {*reading.words[max(first, word - 2) : word + 3]} & small.coming:
            continue
        before_last = [one for one in small.two_days_ago if one == tuple(reading.words[word : word + len(one)])]
        if before_last:
            reached = word + len(before_last[0])
            yield _Day(published - timedelta(days=2), (word, reached), True)
            continue
        if written in small.today or written in small.yesterday:
            yield _Day(published - timedelta(days=written in small.yesterday), (word, word + 1), True)
            continue
        number = weekdays.get(written)
        if number is not None and not (word > first and reading.words[word - 1].isdecimal()):
            ago = (published.weekday() - number) % 7
            yield _Day(published - timedelta(days=ago), (word, word + 1), True)


@cache
def _weekdays(language: str | None) -> Mapping[str, int]:
    """Folded name of a weekday in its case forms -> its number, Monday is 0. From CLDR, inflected by phrases.toml."""
    small, found = small_words(language), dict[str, int]()
    if not small.yesterday:
        return found  # the words around days are not known for this language
    for name, number in weekday_names(base_code(language) or "en", contexts=("format",)):
        name = max(words(name), key=len)  # "terça-feira", "п'ятниця"
        found.setdefault(name, number)
        for end, others in small.day_endings:
            if name.endswith(end):
                found.update({name.removesuffix(end) + other: number for other in others})
    return found

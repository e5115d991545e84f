"""Finds the date of a legal act: next to it ("of 28 January"), or where its making is reported ("on Tuesday").

Every day in a sentence on the act or the event is a candidate; where it stands is its evidence
(vocabulary/evidence.toml). A day after the article's date does not count. A weekday means the most recent one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from pipeline.core.expressions.date_phrases import date_phrases
from pipeline.core.facts.candidates import Candidate, scale, setting
from pipeline.core.facts.noun_phrases import Timeline, small_words
from pipeline.core.facts.scene import Scene
from pipeline.core.text.languages import base_code, grammar_of, weekday_names
from pipeline.core.text.words import words
from pipeline.core.topics.hits import Span, overlaps
from pipeline.records import Stated

_BESIDE = 4  # words from an act or its number to its date
_BEFORE = 6  # words from a date to an act: "13 Ocak tarihli ve 1521 sayılı karar"
_AFTER_SIGNING, _BEFORE_SIGNING = 8, 3  # words between a signature and its day
_MOST = 100  # days of one article
#: The ways in which an act is dated, the surest first.
_WAYS = (("beside",), ("signed-agreement",), ("reported-dated", "reported-relative"), ("done-dated", "done-relative"))
_PUBLISHED = 6  # words from a day to the gazette of that day
_BACK = timedelta(days=330)  # the date reader prefers dates up to some months ahead; an act is in the past
_OLDEST = timedelta(days=400)
_SURE = timedelta(days=270)  # a day without a year that seems older is rather one to come
_RECENT = timedelta(days=60)  # news is not older


class Day(NamedTuple):
    """A day that the text names, and its words."""

    day: date
    span: Span
    relative: bool  # "on Tuesday"
    edge: bool = False  # probably the start or end of a stay
    old: bool = False  # longer ago than news is


@dataclass(frozen=True, slots=True)
class Made:
    """What is known of an act whose date is looked for. `mentions`: the words for it and the end of its number. `days`:
    the words for its day, beside a mention.
    `told_in`: sentences that name it or go on about it; `done_in`: those with the decision or signature itself.
    `agreement`: it is dated by its signature. `agreed`, `unmade`: it was only agreed, refused or debated."""

    mentions: Sequence[tuple[Span, int]]
    days: Collection[Span]
    told_in: Collection[int]
    done_in: Collection[int]
    agreement: bool
    agreed: bool
    unmade: bool


def find_day(scene: Scene, candidates: Sequence[Candidate[Day]]) -> Stated | None:
    """The most probable day of the act."""
    best = scale("instrument-date").best(candidates)
    if best is None:
        return None
    return scene.stated(best.value.day.isoformat(), *best.value.span, implied=best.value.relative)


def day_candidates(timeline: Timeline, act: Made) -> list[Candidate[Day]]:
    """The days in sentences on the act or the event, with their evidence, in order."""
    scene, found = timeline.scene, list[tuple[Day, int, set[str]]]()
    named_in = dict.fromkeys(scene.reading.sentence_at(kind[0]) for kind, _ in act.mentions)
    signed = {scene.reading.sentence_at(first) for first, _ in scene.spans("signed")}
    for sentence in sorted({*scene.event, *named_in, *act.told_in, *act.done_in, *signed}):
        days = list(_days(timeline, sentence))
        around = setting(timeline, sentence) if days else set[str]()
        around |= {"named"} if sentence in named_in else {"told"} if sentence in act.told_in else set()
        around |= {"agreement"} if act.agreement else set()
        around |= {"unmade"} if act.unmade else set()
        made = bool(scene.spans_in("instrument-made", sentence)) and not (act.agreed or act.unmade)
        reported = made and (sentence in scene.event or not around.isdisjoint(("named", "told")))
        for one in days[: _MOST - len(found)]:
            evidence = around | _of_day(timeline, sentence, one, act)
            if not (one.edge or one.old):
                how = "relative" if one.relative else "dated"
                evidence |= {f"reported-{how}"} if reported else set()
                evidence |= {f"done-{how}"} if sentence in act.done_in else set()
            found.append((one, sentence, evidence))
    order = [*named_in, *act.told_in, *act.done_in]
    ranks = [_rank(order, scene.published, *one) for one in found]
    if ranks and min(ranks)[0] < len(_WAYS):
        found[ranks.index(min(ranks))][2].add("foremost")
    return [scale("instrument-date").weigh(*one) for one in found]


def _rank(
    order: Sequence[int], published: date | None, one: Day, sentence: int, evidence: set[str]
) -> tuple[int, int, bool, bool, Span]:  # fmt: skip
    """How far back a day stands among those of the act: by the way in which it is told, then by the sentence; a
    dateline comes last. `order`: the sentences on the act, the best first."""
    way = next((n for n, names in enumerate(_WAYS) if not evidence.isdisjoint(names)), len(_WAYS))
    at = order.index(sentence) if sentence in order else len(order) + sentence
    relative = one.relative != ("done-relative" in evidence)
    return way, at, one.day == published and not one.relative, relative, one.span


def _of_day(timeline: Timeline, sentence: int, one: Day, act: Made) -> set[str]:
    """The evidence of a day itself: how it is written, and what stands beside it."""
    found = {"edge"} if one.edge else set()
    found |= {"old"} if one.old else set()
    found |= {"today"} if one.day == timeline.scene.published else set()
    if _beside(timeline, sentence, one, act):
        found.add("beside")
    if _at_signature(timeline, sentence, one):
        found.add("signed-agreement" if act.agreement else "signed")
    return found


def _beside(timeline: Timeline, sentence: int, one: Day, act: Made) -> bool:
    """Whether the day stands beside a mention of the act: "of 28 January"."""
    scene, (first, last) = timeline.scene, one.span
    if overlaps(one.span, act.days):
        return True
    dated = scene.spans_in("instrument-dated", sentence)
    joined = any(mark[1] == first or mark[0] == first for mark in dated) and not one.relative
    behind = any(last <= mark[0] <= last + 1 for mark in dated) and bool(small_words(scene.language).behind)
    mentions = [(kind, end) for kind, end in act.mentions if scene.reading.sentence_at(kind[0]) == sentence]
    return any(
        (joined and 0 <= first - end <= _BESIDE) or (behind and 0 <= kind[0] - last <= _BEFORE)
        for kind, end in mentions
    )


def _at_signature(timeline: Timeline, sentence: int, one: Day) -> bool:
    """Whether the day stands shortly after words for a signature, or directly before them."""
    pace = timeline.scene.reading.pace
    for first, last in timeline.scene.spans_in("signed", sentence):
        after, before = one.span[0] - last, first - one.span[1]
        if 0 <= after <= _AFTER_SIGNING * pace or 0 <= before <= _BEFORE_SIGNING * pace:
            return True
    return False


def _days(timeline: Timeline, sentence: int) -> Iterator[Day]:
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
            found.append(Day(day, span, False, one.kind not in ("date", "on"), published - day > _RECENT))
    gazettes = [span[0] for span in scene.spans_in("gazette", sentence)]
    issued_on = [one for one in found if one.relative and any(0 <= g - one.span[1] <= _PUBLISHED for g in gazettes)]
    yield from sorted((one for one in found if one not in issued_on), key=lambda one: one.span)


def _figures(timeline: Timeline, span: Span) -> list[str]:
    """The words with digits in a date; one of four is a year."""
    return [word for word in timeline.scene.reading.words[slice(*span)] if any(sign.isdigit() for sign in word)]


def named_days(timeline: Timeline, first: int, last: int, published: date) -> Iterator[Day]:
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
            yield Day(published - timedelta(days=2), (word, reached), True)
            continue
        if written in small.today or written in small.yesterday:
            yield Day(published - timedelta(days=written in small.yesterday), (word, word + 1), True)
            continue
        for size, names in weekdays.items():
            number = names.get(tuple(reading.words[word : min(word + size, last)]))
            if number is not None and not (word > first and reading.words[word - 1].isdecimal()):
                ago, reached = (published.weekday() - number) % 7, word + size
                yield Day(published - timedelta(days=ago), (word, reached), True)
                break


@cache
def _weekdays(language: str | None) -> Mapping[int, Mapping[tuple[str, ...], int]]:
    """By how many words they have: the folded name of a weekday in its case forms -> its number, Monday is 0. From
    CLDR, inflected by phrases.toml. Where each character is a word, short names ("周二") are common too."""
    small, found = small_words(language), defaultdict[int, dict[tuple[str, ...], int]](dict)
    if not small.yesterday:
        return found  # the words around days are not known for this language
    code = base_code(language) or "en"
    short = [one for one in weekday_names(code, "short", contexts=("format",)) if grammar_of(code).pace > 1]
    for name, number in [*weekday_names(code, contexts=("format",)), *short]:
        parts = tuple(words(name))
        if grammar_of(code).pace == 1:
            parts = (max(parts, key=len),)  # "terça-feira", "п'ятниця"
        found[len(parts)].setdefault(parts, number)
        for end, others in small.day_endings:
            if parts[-1].endswith(end):
                forms = (parts[-1].removesuffix(end) + other for other in others)
                found[len(parts)].update({(*parts[:-1], form): number for form in forms})
    return found

"""Finds the first and last day of the stay.

Every phrase on dates in the article is a candidate; its kind, the words around it and its sentence are its evidence
(vocabulary/evidence.toml). Both days belong to the stay: "six months from 1 March" ends on 31 August. A duration
without a known start gives no end, and a start long ago does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from pipeline.core.expressions.calendar import calendar_of
from pipeline.core.expressions.date_phrases import DatePhrase, date_phrases
from pipeline.core.expressions.dates import day_number
from pipeline.core.expressions.durations import Duration, durations
from pipeline.core.facts.candidates import Candidate, scale, setting, told
from pipeline.core.facts.noun_phrases import Timeline, ands_in, small_words
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.signs import breaks
from pipeline.records import Period, Stated

_STARTS = ("from", "weak", "on", "date")
_RECENT = timedelta(days=45)  # a stay that began this long before publication is still news
_NEAR = 5  # sentences from the days of an exercise to those of arrival and departure
_CLOSE = 2.0  # a range of the same sentence with at most so much less evidence belongs to the stay too
_FEW = timedelta(days=7)  # a shorter time is rather that of a debate
_SHORT = 4  # words of a clause that only has a date
_MOST_DATES = 100  # a text with more is a calendar
_TOLD = ("background", "earlier", "persons", "stay")  # roles of words anywhere in the sentence
_HERE = ("beginning", "deadline", "term", "stay", "force", "sitting")  # roles of words in the clause
_LONGEST = timedelta(days=366 * 30)


class _Cue(NamedTuple):
    """A phrase on dates that is probably on those of the stay, with its score."""

    phrase: DatePhrase
    sentence: int
    score: float


def find_period(scene: Scene) -> Period | None:
    """The first and last day of the stay, as ISO 8601 dates."""
    outcome = scene.decision.outcome if scene.decision else ""
    every = [_Cue(one.value, one.sentence, one.score) for one in period_candidates(scene)]
    cues = [cue for cue in _exact(every) if cue.score >= scale("period").enough]
    whole = _rotations(cues, _best(cue for cue in cues if cue.phrase.kind in ("range", "whole")))
    ends = [cue for cue in cues if cue.phrase.kind == "until"]
    end = _last(ends) if outcome == "extended" else _best(ends)
    start = _best(cue for cue in cues if cue.phrase.kind in _STARTS)
    if whole and not (start and end and _frames(start, whole, end)):
        start, end = _travel(scene, whole) or (whole, whole)
    if start and end and start is not end and not _fits(outcome, start, end):
        start = None
    first = _stated(scene, start.phrase.start, start.phrase.start_at) if start else None
    last = _stated(scene, end.phrase.end, end.phrase.end_at) if end else _computed_end(scene, start)
    return Period(start=first, end=last) if first or last else None


def _exact(cues: list[_Cue]) -> list[_Cue]:
    """The cues, a month replaced by a day of it that another cue names: "until November", "until 15 November"."""
    days = {(one.phrase.kind, *_months(one.phrase)): one for one in cues if one.phrase.grain == "day"}
    exact = [
        one if one.phrase.grain == "day" else days.get((one.phrase.kind, *_months(one.phrase)), one) for one in cues
    ]
    return [one._replace(score=max(one.score, cue.score)) for one, cue in zip(exact, cues, strict=True)]


def _rotations(cues: list[_Cue], whole: _Cue | None) -> _Cue | None:
    """`whole` with the other ranges of its sentence, from the first day of all to the last."""
    if whole is None or whole.phrase.kind != "range":
        return whole
    every = [one for one in cues if one.phrase.kind == "range" and one.sentence == whole.sentence]
    every = [one for one in every if one.phrase.grain == whole.phrase.grain and one.score >= whole.score - _CLOSE]
    first = min((one.phrase for one in every), key=lambda one: one.start or date.max)
    last = max((one.phrase for one in every), key=lambda one: one.end or date.min)
    return whole._replace(phrase=first._replace(end=last.end, end_at=last.end_at))


def _months(phrase: DatePhrase) -> list[tuple[int, int]]:
    return [(day.year, day.month) for day in (phrase.start, phrase.end) if day]


def _frames(start: _Cue, whole: _Cue, end: _Cue) -> bool:
    """Whether the days of arrival and departure are stated beside those of an exercise, which are fewer."""
    one, other, inner = start.phrase.start, end.phrase.end, whole.phrase
    if not (one and other and inner.start and inner.end) or inner.kind != "range":
        return False
    near = abs(start.sentence - whole.sentence) < _NEAR and abs(end.sentence - whole.sentence) < _NEAR
    return near and one <= inner.start and inner.end <= other and (one, other) != (inner.start, inner.end)


def _travel(scene: Scene, whole: _Cue) -> tuple[_Cue, _Cue] | None:
    """The days of arrival and departure around a range, stated without their month: "they enter on the 6th and leave on
    the 15th"."""
    first, last = whole.phrase.start, whole.phrase.end
    if whole.phrase.kind != "range" or whole.phrase.grain != "day" or not (first and last):
        return None
    for number in range(whole.sentence, min(whole.sentence + _NEAR, len(scene.reading.sentences))):
        come, leave = _bare_day(scene, "beginning", number), _bare_day(scene, "deadline", number)
        if come and leave:
            one = next((day for n in range(31) if (day := first - timedelta(days=n)).day == come[1]), None)
            other = next((day for n in range(31) if (day := last + timedelta(days=n)).day == leave[1]), None)
            if one and other:
                at, to = (come[0], come[0] + 1), (leave[0], leave[0] + 1)
                start = DatePhrase("from", one, None, at, None, *at)
                return _Cue(start, number, whole.score), _Cue(
                    DatePhrase("until", None, other, None, to, *to), number, 0
                )
    return None


def _bare_day(scene: Scene, role: str, number: int) -> tuple[int, int] | None:
    """The word and the day of a day without its month, shortly after a word with `role`."""
    reading, known, last = scene.reading, calendar_of(scene.language), scene.reading.sentences[number].last
    for _, end in scene.spans_in(role, number):
        for at in range(end, min(end + _SHORT, last)):
            if breaks(reading.gap(at)):
                break
            day = day_number(reading.words[at], known)
            following = reading.words[at + 1] if at + 1 < last else ""
            dated = known.month(following, beside=True) or following in small_words(scene.language).links
            if day and not dated:
                return at, day
    return None


def _last(cues: Iterable[_Cue]) -> _Cue | None:
    """The latest end, for a prolonged stay, which has two; a day is better than a month."""
    return max(cues, key=lambda cue: (cue.phrase.grain == "day", cue.phrase.end or date.min), default=None)


def _best(cues: Iterable[_Cue]) -> _Cue | None:
    """The cue with the highest score; of equals, the first."""
    return max(cues, key=lambda cue: cue.score, default=None)


def _stated(scene: Scene, day: date | None, at: tuple[int, int] | None) -> Stated | None:
    return scene.stated(day.isoformat(), *at) if day and at else None


def _fits(outcome: str, start: _Cue, end: _Cue) -> bool:
    """Whether a start and an end from different phrases belong to one stay. A prolonged one began long ago."""
    if not (start.phrase.start and end.phrase.end and start.phrase.start <= end.phrase.end):
        return False
    return outcome not in ("extended", "revoked") or start.sentence == end.sentence


def _computed_end(scene: Scene, start: _Cue | None) -> Stated | None:
    """The last day, from a start and a duration in one sentence or two consecutive ones: the duration that is most
    likely that of the stay."""
    if start is None or start.phrase.start is None:
        return None
    best: tuple[int, date, Duration] | None = None
    for number in (start.sentence + n for n in (0, 1, -1, -2)):
        for duration in _durations(scene, number):
            day = duration.end(start.phrase.start)
            score = _lasting(scene, number, duration) + (number == start.sentence)
            if day > start.phrase.start and (best is None or score > best[0]):
                best = score, day, duration
    return scene.stated(best[1].isoformat(), best[2].first, best[2].last, implied=True) if best else None


def _lasting(scene: Scene, number: int, duration: Duration) -> int:
    """How likely a duration is that of a stay: after "for", beside words for a stay."""
    opened = scene.reading.words[duration.first - 1] in small_words(scene.language).until if duration.first else False
    beside = _clause(scene, number, duration.first, duration.last)
    stays = any(_in(scene, role, number, beside) for role in ("term", "stay", "being-there", "beginning"))
    return opened + 2 * stays - 2 * (duration.end(date.min) - date.min < _FEW)


def _durations(scene: Scene, number: int) -> list[Duration]:
    sentences = scene.reading.sentences
    if not 0 <= number < len(sentences):
        return []
    at = sentences[number]
    return durations(scene.reading, at.first, at.last, scene.language)


def period_candidates(scene: Scene) -> list[Candidate[DatePhrase]]:
    """The phrases on dates in the article that may be on those of the stay, with their evidence, in order."""
    timeline, found = Timeline(scene), list[Candidate[DatePhrase]]()
    for number, at in enumerate(scene.reading.sentences):
        if len(found) > _MOST_DATES:
            break
        every = date_phrases(scene.reading, at.first, at.last, scene.language, scene.published)
        around = setting(timeline, number) | told(scene, number, _TOLD) if every else set[str]()
        for one in every:
            if _is_current(scene, one):
                known = one._replace(kind="until") if _closes(scene, number, one) else one
                evidence = around | _of_phrase(scene, number, known, every)
                found.append(scale("period").weigh(known, number, evidence))
    return found


def _closes(scene: Scene, number: int, one: DatePhrase) -> bool:
    """Whether the words around a day make it the last one: "they have to leave on 31 May"."""
    clause = _clause(scene, number, one.first, one.last)
    alone = clause[1] - clause[0] <= one.last - one.first + _SHORT
    if alone and not any(_in(scene, role, number, clause) for role in ("beginning", "deadline")):
        clause = _clause_before(scene, number, clause)
    return (one.kind in ("on", "date") and one.grain == "day" and one.first - scene.reading.sentences[number].first > 1
            and _in(scene, "deadline", number, clause) and not _in(scene, "beginning", number, clause))  # fmt: skip


def _clause_before(scene: Scene, number: int, clause: tuple[int, int]) -> tuple[int, int]:
    """A clause with the one before it, whose date it states: "until the mandate expires, on 8 December"."""
    first = scene.reading.sentences[number].first
    if clause[0] <= first or scene.reading.gap(clause[0]).strip() != ",":
        return clause
    return _clause(scene, number, clause[0] - 1, clause[0] - 1)[0], clause[1]


def _in(scene: Scene, role: str, number: int, clause: tuple[int, int]) -> bool:
    """Whether the concept in `role` is in the clause."""
    return any(clause[0] <= span[0] < clause[1] for span in scene.spans_in(role, number))


def _is_current(scene: Scene, one: DatePhrase) -> bool:
    """Whether the period was not over when the article appeared, and has a plausible duration."""
    now = scene.published
    if now and one.end is not None and one.end < now:
        return False
    if now and one.start is not None and one.end is None and one.start < now - _RECENT:
        return False
    return one.start is None or one.end is None or one.end - one.start < _LONGEST


def _of_phrase(scene: Scene, number: int, one: DatePhrase, every: Sequence[DatePhrase]) -> set[str]:
    """The evidence of a phrase itself: its kind, how exact it is, when it is, and the words of its clause. `every`: the
    phrases of the sentence."""
    clause = _clause(scene, number, one.first, one.last)
    found = {f"kind-{one.kind}", f"by-{one.grain.split()[-1]}"}
    found |= {f"{role}-here" for role in _HERE if _in(scene, role, number, clause)}
    if one.kind == "until" and any(_in(scene, role, number, clause) for role in ("stay", "being-there", "term")):
        found.add("stays-until")
    open_start = one.kind in ("weak", "on", "date")
    known = one.grain == "day" or (one.grain == "month" and one.kind != "date")
    if open_start:
        found.add("open")
    if "sitting-here" in found and found.isdisjoint(("stay-here", "force-here", "term-here")):
        found.add("sitting-only")
    if open_start and known and "beginning-here" in found and one.start != scene.published:
        found.add("begins")
    if open_start and any(other.kind == "until" for other in every):
        found.add("beside-end")
    if one.kind == "from" and "beginning-here" in found:
        found.add("from-beginning")
    if one.kind == "from" and _durations(scene, number):
        found.add("from-lasting")
    if one.start is not None and one.kind != "until":
        now = scene.published or date.min
        found.add("starts-today" if one.start == now else "begun" if one.start < now else "ahead")
    if one.start and one.end and one.kind == "range" and one.end - one.start < _FEW:
        found.add("short")
    if any(
        clause[0] <= span[0] < clause[1] and _nearest(span, every).first == one.first
        for span in scene.spans_in("earlier-leave", number)
    ):
        found.add("earlier-leave")
    return found


def _nearest(span: tuple[int, int], every: Sequence[DatePhrase]) -> DatePhrase:
    """The date nearest to a span of words."""
    return min(every, key=lambda one: max(one.first - span[1], span[0] - one.last))


def _clause(scene: Scene, number: int, first: int, last: int) -> tuple[int, int]:
    """The words around a date, up to the next comma or "and"."""
    reading, at = scene.reading, scene.reading.sentences[number]
    ands = ands_in(scene, number)
    while first > at.first and not breaks(reading.gap(first)) and first - 1 not in ands:
        first -= 1
    while last < at.last and not breaks(reading.gap(last)) and last not in ands:
        last += 1
    return first, last

"""Finds the first and last day of the stay.

Both days belong to the stay: "six months from 1 March" ends on 31 August. A duration without a known start gives no
end, and a start long ago does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from pipeline.core.expressions.date_phrases import DatePhrase, date_phrases
from pipeline.core.expressions.durations import Duration, durations
from pipeline.core.facts.noun_phrases import ands_in
from pipeline.core.facts.scene import Scene
from pipeline.records import Period, Stated

_WEIGHTS = {"range": 6, "until": 5, "from": 3, "weak": 1, "whole": 4, "on": 1, "date": 0}
_ENOUGH = 5  # minimum score
_STARTS = ("from", "weak", "on", "date")
_BREAKS = set(",;:()，、；：（）،؛\u2013\u2014")
_RECENT = timedelta(days=45)  # a stay that began this long before publication is still news
_MOST_DATES = 100  # a text with more is a calendar
_LONGEST = timedelta(days=366 * 30)


class _Cue(NamedTuple):
    """A phrase on dates that may be those of the stay, with its score."""

    phrase: DatePhrase
    sentence: int
    score: int


def find_period(scene: Scene) -> Period | None:
    """The first and last day of the stay, as ISO 8601 dates."""
    outcome = scene.decision.outcome if scene.decision else ""
    cues = [cue for cue in _cues(scene) if cue.score >= _ENOUGH]
    whole = _best(cue for cue in cues if cue.phrase.kind in ("range", "whole"))
    ends = [cue for cue in cues if cue.phrase.kind == "until"]
    end = whole or (_last(ends) if outcome == "extended" else _best(ends))
    start = whole or _best(cue for cue in cues if cue.phrase.kind in _STARTS)
    if start and end and start is not end and not _fits(outcome, start, end):
        start = None
    first = _stated(scene, start.phrase.start, start.phrase.start_at) if start else None
    last = _stated(scene, end.phrase.end, end.phrase.end_at) if end else _computed_end(scene, start)
    return Period(start=first, end=last) if first or last else None


def _last(cues: Iterable[_Cue]) -> _Cue | None:
    """The latest end, for a prolonged stay, which has two; a day is better than a month."""
    return max(cues, key=lambda cue: (cue.phrase.grain == "day", cue.phrase.end or date.min), default=None)


def _best(cues: Iterable[_Cue]) -> _Cue | None:
    """The cue with the highest score; of equals, the first. A day is better than a month."""
    return max(cues, key=lambda cue: cue.score + 3 * (cue.phrase.grain == "day"), default=None)


def _stated(scene: Scene, day: date | None, at: tuple[int, int] | None) -> Stated | None:
    return scene.stated(day.isoformat(), *at) if day and at else None


def _fits(outcome: str, start: _Cue, end: _Cue) -> bool:
    """Whether a start and an end from different phrases belong to one stay. A prolonged one began long ago."""
    if not (start.phrase.start and end.phrase.end and start.phrase.start <= end.phrase.end):
        return False
    return outcome not in ("extended", "revoked") or start.sentence == end.sentence


def _computed_end(scene: Scene, start: _Cue | None) -> Stated | None:
    """The last day, from a start and a duration in one sentence or two consecutive ones."""
    if start is None or start.phrase.start is None:
        return None
    for number in (start.sentence + n for n in (0, 1, -1, -2)):
        for duration in _durations(scene, number):
            day = duration.end(start.phrase.start)
            if day > start.phrase.start:
                return scene.stated(day.isoformat(), duration.first, duration.last, implied=True)
    return None


def _durations(scene: Scene, number: int) -> list[Duration]:
    sentences = scene.reading.sentences
    if not 0 <= number < len(sentences):
        return []
    at = sentences[number]
    return durations(scene.reading, at.first, at.last, scene.language)


def _cues(scene: Scene) -> list[_Cue]:
    found: list[_Cue] = []
    for number, at in enumerate(scene.reading.sentences):
        if len(found) > _MOST_DATES:
            break
        every = date_phrases(scene.reading, at.first, at.last, scene.language, scene.published)
        for one in every:
            if _is_current(scene, one):
                known = one._replace(kind="until") if _closes(scene, number, one) else one
                found.append(_Cue(known, number, _score(scene, number, known, every)))
    return found


def _closes(scene: Scene, number: int, one: DatePhrase) -> bool:
    """Whether the words around a day make it the last one: "they have to leave on 31 May"."""
    clause = _clause(scene, number, one)
    return (one.kind in ("on", "date") and one.grain == "day" and one.first - scene.reading.sentences[number].first > 1
            and _in(scene, "deadline", number, clause) and not _in(scene, "beginning", number, clause))  # fmt: skip


def _in(scene: Scene, role: str, number: int, clause: tuple[int, int]) -> bool:
    """Whether the concept in `role` is in the clause."""
    return any(clause[0] <= span[0] < clause[1] for span in scene.spans_in(role, number))


def _is_current(scene: Scene, one: DatePhrase) -> bool:
    """Whether the period was not over when the article appeared, and has a plausible duration."""
    now = scene.published or date.min
    if one.end is not None and one.end < now:
        return False
    if one.start is not None and one.end is None and one.start < now - _RECENT:
        return False
    return one.start is None or one.end is None or one.end - one.start < _LONGEST


def _score(scene: Scene, number: int, one: DatePhrase, every: Sequence[DatePhrase]) -> int:
    """How likely the dates are those of the stay."""
    clause = _clause(scene, number, one)

    def here(role: str) -> bool:
        return _in(scene, role, number, clause)

    near = {number - 1, number + 1} & set(scene.event)
    score = _WEIGHTS[one.kind] + (2 if number in scene.event else bool(near))
    score += any(bool(scene.spans_in(role, number)) for role in ("force", "persons"))
    score += bool(scene.spans_in("stay", number))
    if one.kind in ("weak", "on", "date"):
        known = one.grain == "day" or (one.grain == "month" and one.kind != "date")
        score += any(other.kind == "until" for other in every)
        score += 3 if known and here("beginning") and one.start != scene.published else -4
    elif one.kind == "from":
        score += here("beginning") + 2 * bool(_durations(scene, number))
    score += here("term")
    score -= 7 * any(
        clause[0] <= span[0] < clause[1] and _nearest(span, every).first == one.first
        for span in scene.spans_in("earlier-leave", number)
    )
    score -= (2 if here("stay") or here("force") or here("term") else 5) * here("sitting")
    score -= 4 * any(scene.spans_in(role, number) for role in ("background", "earlier"))
    return score


def _nearest(span: tuple[int, int], every: Sequence[DatePhrase]) -> DatePhrase:
    """The date nearest to a span of words."""
    return min(every, key=lambda one: max(one.first - span[1], span[0] - one.last))


def _clause(scene: Scene, number: int, one: DatePhrase) -> tuple[int, int]:
    """The words around a date, up to the next comma or "and"."""
    reading, at = scene.reading, scene.reading.sentences[number]
    ands = ands_in(scene, number)
    first, last = one.first, one.last
    while first > at.first and not _BREAKS & set(reading.gap(first)) and first - 1 not in ands:
        first -= 1
    while last < at.last and not _BREAKS & set(reading.gap(last)) and last not in ands:
        last += 1
    return first, last

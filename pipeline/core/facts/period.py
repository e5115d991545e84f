"""From when until when they are to stay.

Both days are of the stay: "six months from 1 March" ends on 31 August. How long it lasts says nothing where no start is
known, and a start that is long past is no news.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from pipeline.core.facts.outcome import find_outcome
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.when import Length, Told, lengths, told
from pipeline.core.facts.wording import gap
from pipeline.records import Period, Stated

_WEIGHT = {"range": 6, "until": 5, "from": 3, "during": 1, "on": 1}
_ENOUGH = 5
_BREAKS = set(",;:()\u2013\u2014")
_RECENT = timedelta(days=45)  # a stay that began so long before publication is still news
_LONGEST = timedelta(days=366 * 30)


class _Cue(NamedTuple):
    """Dates that may be those of the stay, and how much speaks for it."""

    told: Told
    sentence: int
    score: int


def find_period(scene: Scene) -> Period | None:
    """First and last day as ISO 8601 dates."""
    cues = [cue for cue in _cues(scene) if cue.score >= _ENOUGH]
    whole = _best(cue for cue in cues if cue.told.kind == "range")
    end = whole or _best(cue for cue in cues if cue.told.kind == "until")
    start = whole or _best(cue for cue in cues if cue.told.kind in ("from", "on", "during"))
    if start and end and start is not end and not _fits(scene, start, end):
        start = None
    first = _leaf(scene, start.told.start, start.told.start_at) if start else None
    last = _leaf(scene, end.told.end, end.told.end_at) if end else _reckoned(scene, start)
    return Period(start=first, end=last) if first or last else None


def _best(cues: Iterator[_Cue]) -> _Cue | None:
    """The one with most to speak for it; of equals, the first. A day says more than a month."""
    return max(cues, key=lambda cue: cue.score + 3 * (cue.told.grain == "day"), default=None)


def _leaf(scene: Scene, day: date | None, at: tuple[int, int] | None) -> Stated | None:
    return scene.stated(day.isoformat(), *at) if day and at else None


def _fits(scene: Scene, start: _Cue, end: _Cue) -> bool:
    """Whether a start and an end that are told apart are of one stay. One that is prolonged began long ago."""
    if not (start.told.start and end.told.end and start.told.start <= end.told.end):
        return False
    outcome = find_outcome(scene)
    old = outcome is not None and outcome.value in ("extended", "revoked")
    return not old or start.sentence == end.sentence


def _reckoned(scene: Scene, start: _Cue | None) -> Stated | None:
    """The last day where a start and a length of time are told, in one sentence or two that follow each other."""
    if start is None or start.told.start is None:
        return None
    for number in (start.sentence, start.sentence + 1, start.sentence - 1):
        for length in _lengths(scene, number):
            day = length.end(start.told.start)
            if day > start.told.start:
                return scene.stated(day.isoformat(), length.first, length.last, implied=True)
    return None


def _lengths(scene: Scene, number: int) -> list[Length]:
    sentences = scene.reading.sentences
    if not 0 <= number < len(sentences):
        return []
    at = sentences[number]
    return lengths(scene.reading, at.first, at.last, scene.language)


def _cues(scene: Scene) -> list[_Cue]:
    found = []
    for number, at in enumerate(scene.reading.sentences):
        for one in told(scene.reading, at.first, at.last, scene.language, scene.published):
            if one.kind in _WEIGHT and _to_come(scene, one):
                found.append(_Cue(one, number, _score(scene, number, one)))
    return found


def _to_come(scene: Scene, one: Told) -> bool:
    """Not over when the article appeared, and of a length that a stay may have."""
    now = scene.published or date.min
    if one.end is not None and one.end < now:
        return False
    if one.start is not None and one.end is None and one.start < now - _RECENT:
        return False
    return one.start is None or one.end is None or one.end - one.start < _LONGEST


def _score(scene: Scene, number: int, one: Told) -> int:
    first, last = _clause(scene, number, one)

    def here(role: str) -> bool:
        return any(first <= span[0] < last for span in scene.spans_in(role, number))

    near = {number - 1, number + 1} & set(scene.event)
    score = _WEIGHT[one.kind] + (2 if number in scene.event else bool(near))
    score += any(bool(scene.spans_in(role, number)) for role in ("force", "persons"))
    score += bool(scene.spans_in("stay", number))
    if one.kind in ("on", "during"):
        score += 3 if here("beginning") and one.grain in ("day", "month") else -4
    elif one.kind == "from":
        score += here("beginning") + bool(_lengths(scene, number))
    score += here("term")
    score -= 7 * here("earlier-leave")
    score -= (2 if here("stay") or here("force") or here("term") else 5) * here("sitting")
    score -= 4 * any(scene.spans_in(role, number) for role in ("background", "earlier"))
    return score


def _clause(scene: Scene, number: int, one: Told) -> tuple[int, int]:
    """The words around a date, as far as the next comma."""
    reading, at = scene.reading, scene.reading.sentences[number]
    first, last = one.first, one.last
    while first > at.first and not _BREAKS & set(gap(reading, first)):
        first -= 1
    while last < at.last and not _BREAKS & set(gap(reading, last)):
        last += 1
    return first, last

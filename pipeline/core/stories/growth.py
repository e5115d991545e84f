"""Says whether a story grows or fades, measured against the rhythm in which news of its kind comes.

A pure function of the story's timeline and the time now. A story gets fewer reports at night although it does not fade:
each hour counts as much as outlets usually publish then, in the time of the outlets' countries. How much its sources
publish together follows from their number: an outlet publishes again about a story every 12 hours at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from pipeline.records import Story

Phase = Literal["new", "growing", "steady", "fading", "over"]

HOUR = timedelta(hours=1)
NEW = 6.0  # hours of usual activity after the first report in which a story is new
SPAN = 6.0  # hours of usual activity that are compared with those before them
OVER = 72.0  # hours of usual activity without a report after which a story is over
FASTER, SLOWER = 1.5, 0.5  # times the rate before: from here it grows, below it fades
LEAST = 3  # reports in the span from which a story can grow

#: How much outlets publish in each hour of their day, of a mean of 1: little from 0 to 5, most from 8 to 18.
ACTIVITY = (
    0.47, 0.36, 0.31, 0.31, 0.36, 0.52, 0.83, 1.09, 1.25, 1.36, 1.41, 1.41,
    1.35, 1.35, 1.41, 1.41, 1.41, 1.35, 1.30, 1.25, 1.15, 0.99, 0.78, 0.57,
)  # fmt: skip
#: Hours that the middle of a country is ahead of UTC, where that matters; others follow from `EUROPE`.
AHEAD = {
    "US": -6, "CA": -6, "BR": -3, "CL": -4, "BO": -4, "VE": -4, "CU": -5, "PA": -5, "DO": -4, "NI": -6, "SV": -6,
    "JP": 9, "KR": 9, "CN": 8, "TW": 8, "HK": 8, "SG": 8, "MY": 8, "PH": 8, "ID": 7, "VN": 7, "TH": 7, "IN": 5,
    "PK": 5, "BD": 6, "LK": 5, "NP": 6, "AF": 4, "IR": 3, "AE": 4, "SA": 3, "RU": 3, "TR": 3, "IL": 2, "EG": 2,
    "ZA": 2, "ET": 3, "TZ": 3, "UG": 3, "AU": 10, "NZ": 12,
}  # fmt: skip
EUROPE = 1


@dataclass(frozen=True, slots=True)
class Growth:
    """`reports`: articles in the last hours of the span, without copies. `before`: the usual number of as many hours
    before them. `hours` since the last report, on the clock."""

    phase: Phase
    reports: int
    before: float
    hours: float


def growth(story: Story, now: datetime) -> Growth:
    """The growth of a story at `now`, in any time zone."""
    now = now.astimezone(UTC)
    activity = _activity(story)
    own = {hour.at: hour.own for hour in story.timeline}
    first = min(own, default=story.opened.replace(minute=0, second=0, microsecond=0))
    last = max((at for at, n in own.items() if n), default=first)
    recent = earlier = 0
    lately = age = quiet = 0.0
    at = max(now.replace(minute=0, second=0, microsecond=0), first)
    while at >= first and age < 4 * OVER:
        usual = activity[at.hour]
        if lately < SPAN:
            recent, lately = recent + own.get(at, 0), lately + usual
        else:
            earlier += own.get(at, 0)
        quiet += usual if at > last else 0.0
        age += usual
        at -= HOUR
    before = earlier * lately / (age - lately) if age > lately else 0.0
    return Growth(_phase(recent, before, age, quiet), recent, round(before, 1), round((now - last) / HOUR, 1))


def _phase(recent: int, before: float, age: float, quiet: float) -> Phase:
    if quiet >= OVER:
        return "over"
    if age <= NEW:
        return "growing" if recent >= 2 * LEAST else "new"
    if recent >= LEAST and recent >= FASTER * before:
        return "growing"
    return "steady" if recent and recent >= SLOWER * before else "fading"


def _activity(story: Story) -> Mapping[int, float]:
    """By hour in UTC, how much the outlets of the story usually publish, of a mean of 1."""
    zones = Counter(AHEAD.get(one.country or "", EUROPE) for one in story.articles) or Counter({EUROPE: 1})
    total = sum(zones.values())
    return {
        hour: sum(ACTIVITY[(hour + ahead) % 24] * n for ahead, n in zones.items()) / total for hour in range(24)
    }  # fmt: skip

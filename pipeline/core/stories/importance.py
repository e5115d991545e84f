"""Says how important a story is: the one order by importance of pages, commands and both indexes.

Importance counts doublings. It is the sum of

- sources: log2 of one more than its independent sources,
- growth: log2 of its reports without copies, each of which counts half as much HALF_LIFE later,
- rules: what the severity of the alert rules that it matched is worth, see `WORTH`.

So twelve hours weigh as much as half the reports, and a story of one source that matched a critical rule stands beside
one with sixty times the reports. As all reports fade alike, two stories never change their order by time alone: the
index can keep the sum of the first two, `rank`, and sort by it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log2

from pipeline.records import Story

HALF_LIFE = timedelta(hours=12)
SINCE = datetime(2020, 1, 1, tzinfo=UTC)  # from which `growth` counts
WORTH = {"info": 0.5, "low": 1.0, "medium": 2.0, "high": 4.0, "critical": 6.0}
RANKS = 1_000  # of one doubling
_LEAST = 2.0**-60  # reports of a story without one of its own, such as what a split left


@dataclass(frozen=True, slots=True)
class Importance:
    """The parts of the importance of a story, in doublings. `growth` is as of SINCE."""

    sources: float
    growth: float
    rules: float = 0.0

    @property
    def whole(self) -> float:
        return self.sources + self.growth + self.rules


def importance(story: Story, severities: Collection[str] = ()) -> Importance:
    """The importance of a story that matched rules with these severities. Of several rules the most severe counts
    whole, and each further doubling of their number by one quarter."""
    rules = max((WORTH.get(one, 0.0) for one in severities), default=0.0)
    rules += log2(len(severities)) / 4 if severities else 0.0
    return Importance(log2(1 + story.independent), _growth(story), rules)


def rank(story: Story) -> int:
    """The importance without rules as a whole number of thousandths, by which an index sorts."""
    found = importance(story)
    return round(found.whole * RANKS)


def _growth(story: Story) -> float:
    newest = max((hour.at for hour in story.timeline if hour.own > 0), default=story.opened)
    reports = sum(max(hour.own, 0) * 2.0 ** ((hour.at - newest) / HALF_LIFE) for hour in story.timeline)
    return log2(max(reports, _LEAST if story.timeline else 1.0)) + (newest - SINCE) / HALF_LIFE

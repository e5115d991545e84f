"""Which alerts of a rule go out at once when it may send only so many messages a day.

Nobody knows at ten what the afternoon will bring. The budget learns from the last fortnight how many alerts come at
which time of the day, and how they score: an alert goes out if fewer alerts with a higher score are still expected
today than messages are left. So an average alert goes out on a calm day, and in the evening what is left is not wasted.
On a day that is busier than usual more are expected, in proportion. Of alerts with the same score the first go out.

Before three days are known the first alerts go out, but a third of the budget is kept for those that score higher than
all before them; it becomes free over the day.

Memory: per day counts by hour and score, 14 days; a burst of any size takes no more.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from pipeline.core.calendar.local import day_starts, local_day

DAYS = 14  # that are remembered
ENOUGH = 3  # days from which on they are believed
_HOURS, _STEPS = 25, 100  # a day has 25 hours when the clocks go back
_DOUBT = 5.0  # alerts: a few more or less than usual make no busy day
_CALMEST, _BUSIEST = 0.5, 3.0
_RESERVE = 1 / 3

Counts = NDArray[np.float64]


class Budget:
    """The budget of one rule: `limit` messages for each local day of the zone."""

    def __init__(self, limit: int, zone: str) -> None:
        self.limit, self._zone = limit, zone
        self._days: dict[date, Counter[tuple[int, int]]] = {}
        self._today: date | None = None
        self._length = 86400.0  # seconds of today
        self._known = 0  # days before today
        self._later: Counts | None = None

    def offer(self, moment: datetime, score: float) -> None:
        """Note an alert that could be sent, whether or not it is; also those of the past, in any order."""
        day = local_day(moment, self._zone)
        today = self._turn_to(day)
        if day < today - timedelta(days=DAYS):
            return
        if day < today:
            self._later = None
        self._days.setdefault(day, Counter())[self._hour(moment, day)[0], _step(score)] += 1

    def admits(self, moment: datetime, score: float, sent_today: int) -> bool:
        """Whether an alert with this score may go out now, when `sent_today` messages went out since the local day
        began. Ask before it is offered."""
        left = self.limit - sent_today
        if left <= 0:
            return False
        day = local_day(moment, self._zone)
        if day != self._today:  # also back, when a clock was wrong
            self._today, self._later = day, None
        if self._later is None:
            self._count(day)
        if self._known < ENOUGH:
            return self._admits_without_past(moment, score, sent_today)
        return self._expected(moment, score) < left

    def _admits_without_past(self, moment: datetime, score: float, sent_today: int) -> bool:
        hour, part = self._hour(moment, self._turn_to(local_day(moment, self._zone)))
        reserve = int(self.limit * _RESERVE)
        free = self.limit - reserve + round(reserve * min((hour + part) * 3600.0 / self._length, 1.0))
        best = max((step for _, step in self._counts()), default=-1)
        return sent_today < free or _step(score) > best

    def _expected(self, moment: datetime, score: float) -> float:
        """How many alerts with a higher score are still to be expected today."""
        table = self._later
        assert table is not None
        hour, part = self._hour(moment, self._turn_to(local_day(moment, self._zone)))

        def after(step: int) -> float:
            """Alerts of the past days at this time of the day or later, with a score of at least a step."""
            rest, next_hours = table[hour, step], table[hour + 1, step]
            return float(next_hours + (1.0 - part) * (rest - next_hours))

        usual = (float(table[0, 0]) - after(0)) / self._known
        today = sum(self._counts().values())
        busy = min(max((today + _DOUBT) / (usual + _DOUBT), _CALMEST), _BUSIEST)
        return busy * after(_step(score) + 1) / self._known

    # -- days

    def _turn_to(self, day: date) -> date:
        """Today: `day`, if it is later than the one before."""
        if self._today is None or day > self._today:
            self._today, self._later = day, None
            self._days = dict(sorted(self._days.items())[-2 * DAYS :])  # more than needed: a clock may be wrong
        return self._today

    def _count(self, today: date) -> None:
        """Add up the past days, of which those without alerts count, too.

        `_later`: their alerts in or after an hour of the day (rows) with a score of at least a step (columns).
        """
        table = np.zeros((_HOURS + 1, _STEPS + 2))
        for day, counts in self._days.items():
            if today - timedelta(days=DAYS) <= day < today:
                for (hour, step), number in counts.items():
                    table[hour, step] += number
        self._later = np.cumsum(np.cumsum(table[::-1, ::-1], axis=0), axis=1)[::-1, ::-1]
        first = min((day for day in self._days if day >= today - timedelta(days=DAYS)), default=today)
        self._known = max((today - first).days, 0)
        start, end = day_starts(today, self._zone), day_starts(today + timedelta(days=1), self._zone)
        self._length = max((end - start).total_seconds(), 1.0)

    def _counts(self) -> Counter[tuple[int, int]]:
        return self._days.get(self._today, Counter()) if self._today else Counter()

    def _hour(self, moment: datetime, day: date) -> tuple[int, float]:
        """The hour since the local day began, and how much of it has passed."""
        seconds = max((moment - day_starts(day, self._zone)).total_seconds(), 0.0)
        hour, rest = divmod(seconds, 3600.0)
        return (int(hour), rest / 3600.0) if hour < _HOURS else (_HOURS - 1, 1.0)


def _step(score: float) -> int:
    return int(min(max(score, 0.0), 1.0) * _STEPS)

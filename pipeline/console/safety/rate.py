"""Limits on how often someone may do something: a bucket that fills again with time, per name."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

MOST = 20_000  # names that are remembered; of more, those that were seen longest ago are forgotten


class Rate:
    """At most `burst` at once, and `per_minute` in the long run."""

    def __init__(self, per_minute: float, burst: float) -> None:
        self._per_second, self._burst = per_minute / 60, burst
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # name -> (what is left, when)

    def wait(self, name: str, now: datetime, cost: float = 1.0) -> float:
        """Take one for `name`. Returns 0, or the seconds to wait if nothing is left; then nothing is taken."""
        moment = now.timestamp()
        left, since = self._levels.get(name, (self._burst, moment))
        left = min(self._burst, left + max(0.0, moment - since) * self._per_second)
        short = cost - left
        self._levels[name] = (left if short > 0 else left - cost, moment)
        self._levels.move_to_end(name)
        if len(self._levels) > MOST:
            self._levels.popitem(last=False)
        return max(0.0, short / self._per_second)

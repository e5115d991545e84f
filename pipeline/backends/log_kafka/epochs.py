"""Who owned a state partition when: a pure account of the claims seen in it.

A claim is a message; its epoch is its offset + 1, so epochs are unique and rise without anybody having to agree on
them. The owner's messages carry its epoch. A message whose epoch is lower than that of a claim before it is a zombie's.
"""

from __future__ import annotations

from bisect import bisect_left, insort

LOOK_BACK = 1000  # offsets in which the owner is looked for: it writes more often than its zombie


class Epochs:
    """Of one partition, over any number of readings."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, int]] = []  # (offset, epoch), both rising
        self._low = self._high = 0  # what lies between was seen

    def begin(self, start: int) -> int:
        """Where a reading has to begin, so that what it sees from `start` on is judged rightly."""
        if not self._low <= start <= self._high:
            self._low = self._high = max(0, start - LOOK_BACK)
            return self._low
        return start

    def see(self, offset: int, epoch: int) -> bool:
        """Note the message at `offset`; true when it is stale. `epoch` 0: it carries none."""
        self._high = max(self._high, offset + 1)
        if epoch > offset + 1:  # of a stream that was deleted and made again meanwhile
            return True
        highest = self._before(offset)
        if epoch > highest:
            insort(self._steps, (offset, epoch))
            self._steps = [step for n, step in enumerate(self._steps) if not n or step[1] > self._steps[n - 1][1]]
        return epoch < highest

    def _before(self, offset: int) -> int:
        at = bisect_left(self._steps, (offset, 0))
        return self._steps[at - 1][1] if at else 0

"""Who owned a state partition when: a pure account of the claims seen in it.

A claim is a message; its epoch is its offset + 1, so epochs are unique and rise without anybody having to agree on
them. The owner's messages carry its epoch. A message whose epoch is lower than a claim before it is a zombie's.
"""

from __future__ import annotations

from bisect import bisect_left, insort


class Epochs:
    """Of one partition. Kept over several readings, which may begin anywhere."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, int]] = []  # (offset, epoch), both rising
        self.read = 0  # every offset below was seen, or given up by a look-back

    def see(self, offset: int, epoch: int) -> bool:
        """Note the message at `offset`; true when it is stale. No epoch is 0."""
        if epoch > offset + 1:  # of a topic that was deleted and made again
            return True
        highest = self._before(offset)
        if epoch > highest and (offset, epoch) not in self._steps:
            insort(self._steps, (offset, epoch))
            self._steps = [step for n, step in enumerate(self._steps) if not n or step[1] > self._steps[n - 1][1]]
        self.read = max(self.read, offset + 1)
        return epoch < highest

    def _before(self, offset: int) -> int:
        at = bisect_left(self._steps, (offset, 0))
        return self._steps[at - 1][1] if at else 0

"""When relate looks for what is old on its state streams, to remove it, and whether it may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from pipeline.stage import Emit, Out, Unavailable

STAYS = timedelta(days=14)  # for which a record stays even if the window is shorter: revisits ask for it
PAUSE = timedelta(minutes=1)  # between looks, if there was nothing to remove

Owns = Callable[[], Awaitable[bool]]
#: Given a moment, what to publish about records written before it; None if there is nothing to do for now.
Find = Callable[[datetime], Awaitable[Sequence[Out] | None]]


def stays(window: float) -> timedelta:
    """How long a record stays after it was written last. `window`: seconds in which stories are looked for."""
    return max(STAYS, timedelta(seconds=window))


class Ageing:
    """Looks for old records of one stream."""

    def __init__(self, window: float) -> None:
        """`window`: see `stays`."""
        self._stays = stays(window)
        self._owns: Owns | None = None
        self.forget()

    def forget(self) -> None:
        self._next: datetime | None = None  # when to look next

    def asks(self, owns: Owns) -> None:
        self._owns = owns

    async def tick(self, now: datetime, find: Find) -> Emit | None:
        """What `find` wants to publish; None if there is nothing. All that was sent must be durable."""
        if self._next and now < self._next:
            return None
        try:
            outs = await find(now - self._stays)
        except Unavailable:  # whoever needs it reports it
            outs = None
        if outs is None:
            self._next = now + PAUSE
        if not outs:
            return None
        # A process that no longer owns the state must not delete: compaction cannot tell whose deletion it was.
        if self._owns is not None and not await self._owns():
            return None
        return Emit(tuple(outs))

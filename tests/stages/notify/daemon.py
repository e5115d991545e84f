"""A notify stage with its state, clock and channels, which can die and start again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

from pipeline import ports
from pipeline.core.alerts.ledger import DeliveryOptions
from pipeline.records import Alert, AlertState, encode
from pipeline.stage import Emit, Message, Out, Outcome, Position
from pipeline.stages.notify import Notify
from tests.reading import state_of

OPTIONS = DeliveryOptions(quiet=30, max_wait=100, retry=10, max_retry=40, attempts=6, timeout=1, batch=3, alone_from=3)


class Daemon:
    """A notify stage with its state topic, its clock and its channels; it can die and start again."""

    def __init__(self, channels: Mapping[str, ports.Channel], options: DeliveryOptions = OPTIONS) -> None:
        self.channels, self.options = channels, options
        self.now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
        self.log: list[Out] = []
        self.stage = Notify(channels, lambda: self.now, options)

    async def replay(self, stream: str, since: int = 0) -> AsyncIterator[Message]:
        newest = {out.key: n for n, out in enumerate(self.log)}  # compaction
        for n, out in enumerate(self.log):
            if newest[out.key] == n:
                value = encode(out.record) if out.record else None
                yield Message(Position(stream, 0, n), out.key, value, self.now)

    async def restart(self) -> None:
        self.stage = Notify(self.channels, lambda: self.now, self.options)
        await self.stage.restore(state_of(self.stage, self.replay))

    async def give(self, *alerts: Alert, commit: bool = True) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for one in alerts:
            outcome = await self.stage.step(one, Position("alerts", 0, 0))
            outcomes.append(outcome)
            if commit:
                await self.commit(outcome)
        return outcomes

    async def commit(self, outcome: Outcome | None) -> None:
        if isinstance(outcome, Emit):
            self.log += outcome.outs
            await self.stage.settled()

    async def later(self, seconds: float) -> Emit | None:
        self.now += timedelta(seconds=seconds)
        emit = await self.stage.tick(self.now)
        await self.commit(emit)
        return emit

    def states(self) -> list[tuple[str, str]]:
        """(article, status) of the newest state of each alert."""
        newest = {out.key: out.record for out in self.log}
        return [(state.original, state.status) for state in newest.values() if isinstance(state, AlertState)]

    def state(self) -> AlertState:
        record = self.log[-1].record
        assert isinstance(record, AlertState)
        return record

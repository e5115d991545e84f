"""A notify stage with its state, clock and channels, which can die and start again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline import ports
from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.notification.planning.planner import Plan
from pipeline.records import Alert, AlertRequest, Delivery, encode
from pipeline.records import Message as Notice
from pipeline.stage import Emit, Message, Out, Outcome, Position
from pipeline.stages.notify import Notify
from tests.reading import state_of


class Daemon:
    """`specs`: of the channels, if they are not mail without limits to set."""

    def __init__(self, channels: Mapping[str, ports.Channel], **specs: ChannelSpec) -> None:
        self.channels = channels
        self.plan = Plan(channels={name: specs.get(name) or ChannelSpec(name, "mail") for name in channels} | specs)
        self.now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
        self.log: list[Out] = []
        self.stage = self._made()

    def _made(self) -> Notify:
        stage = Notify(self.plan, self.channels, lambda: self.now, lambda: 0.0)
        stage.senders.more = 0
        return stage

    async def replay(self, stream: str, since: int = 0) -> AsyncIterator[Message]:
        newest = {(out.stream, out.key): n for n, out in enumerate(self.log)}  # compaction
        for n, out in enumerate(self.log):
            if out.stream == stream and newest[out.stream, out.key] == n:
                value = encode(out.record) if out.record else None
                yield Message(Position(stream, 0, n), out.key, value, self.now)

    async def start(self) -> Daemon:
        await self.stage.restore(state_of(self.stage, self.replay))
        return self

    async def die(self) -> None:
        """Like a kill: what was not published is gone."""
        await self.stage.senders.stop(0)

    async def restart(self) -> None:
        """Die and start again."""
        await self.die()
        self.stage = self._made()
        await self.start()

    async def give(self, *records: Alert | AlertRequest, commit: bool = True, settle: bool = True) -> list[Outcome]:
        """Steps; with `settle`, what follows is sent and noted."""
        outcomes: list[Outcome] = []
        for one in records:
            outcome = await self.stage.step(one, Position("alerts", 0, 0))
            outcomes.append(outcome)
            if commit:
                await self.commit(outcome)
        if settle:
            await self.settle()
        return outcomes

    async def commit(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            assert not hasattr(outcome, "out")
            self.log += getattr(outcome, "outs", ())
            await self.stage.settled(getattr(outcome, "outs", ()))

    async def tick(self) -> Emit | None:
        emit = await self.stage.tick(self.now)
        await self.commit(emit)
        return emit

    async def settle(self) -> None:
        """Ticks and turns of the senders until nothing happens any more."""
        quiet = 0
        while quiet < 3:
            emit = await self.tick()
            for _ in range(5):
                await asyncio.sleep(0)
            quiet = 0 if emit or self.stage.senders.sending() else quiet + 1
            if self.stage.senders.sending():
                await asyncio.sleep(0.001)

    async def later(self, seconds: float) -> None:
        """So many seconds later, what is due then was done."""
        self.now += timedelta(seconds=seconds)
        await self.settle()

    def records(self, stream: str) -> dict[str, Any]:
        """The newest record of each key of a stream."""
        newest = {out.key: out.record for out in self.log if out.stream == stream}
        return {key: record for key, record in newest.items() if record is not None}

    def delivery(self, channel: str) -> Delivery:
        """The newest delivery of a channel."""
        found = [out.record for out in self.log if isinstance(out.record, Delivery) and out.record.channel == channel]
        return found[-1]

    def statuses(self, channel: str = "one") -> list[str]:
        """How the messages of a channel are, in the order of the log; none where nothing was tried."""
        return [state.status for state in self.records("deliveries").values() if state.channel == channel]

    def reports(self) -> list[str]:
        """What was said about channels."""
        return [
            one.text for one in self.records("messages").values() if isinstance(one, Notice) and one.kind == "report"
        ]

"""Reads state for a stage that is tested without its driver: what cannot be read fails the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from pipeline.records import Record
from pipeline.stage import Apply, Message, Position, Stage, read_record

Replay = Callable[[str, int], AsyncIterator[Message]]


@dataclass(frozen=True)
class state_of:  # noqa: N801  used like a function
    """Reads the state of `stage` from `replay(stream, since)`."""

    stage: Stage
    replay: Replay

    async def __call__(self, stream: str, apply: Apply, since: int = 0) -> int:
        async for message in self.replay(stream, since):
            apply(message, self._record(message))
            since = message.at.offset + 1
        return since

    async def peek(self, at: Position, limit: int) -> list[Record]:
        messages = [message async for message in self.replay(at.stream, at.offset)]
        return [record for message in messages[:limit] if (record := self._record(message))]

    def _record(self, message: Message) -> Record | None:
        return read_record({**self.stage.reads, **self.stage.owns}[message.at.stream], message)

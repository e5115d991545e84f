"""Reads state for a stage that is tested without its driver: what cannot be read fails the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from pipeline.stage import Apply, Message, ReadState, Stage, read_record

Replay = Callable[[str, int], AsyncIterator[Message]]


def state_of(stage: Stage, replay: Replay) -> ReadState:
    """Reads the state of `stage` from `replay(stream, since)`."""
    kinds = {**stage.reads, **stage.owns}

    async def read(stream: str, apply: Apply, since: int = 0) -> int:
        async for message in replay(stream, since):
            apply(message, read_record(kinds[stream], message))
            since = message.at.offset + 1
        return since

    return read

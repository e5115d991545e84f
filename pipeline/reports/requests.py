"""Publishes what people ask of notify, and reads what it has not done yet."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing, suppress

from pipeline.ports import Log
from pipeline.records import AlertRequest, SchemaError, decode
from pipeline.stage import Out

REQUESTS = "alert-requests"


async def publish_requests(log: Log, requests: Sequence[AlertRequest]) -> None:
    """Ask notify; durable on return, also if it does not run. Raises Unavailable."""
    await log.publish([Out(REQUESTS, "", request) for request in requests])


async def waiting_requests(log: Log) -> tuple[AlertRequest, ...]:
    """What was asked and is not done: notify does not run, or is just at it. Raises Unavailable."""
    done = (await log.groups()).get(("notify", REQUESTS, 0), 0)
    found = []
    async with aclosing(log.replay(REQUESTS, done)) as messages:
        async for message in messages:
            with suppress(SchemaError):  # notify makes a dead record of it
                found.append(decode(AlertRequest, message.value or b""))
    return tuple(found)

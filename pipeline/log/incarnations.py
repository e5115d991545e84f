"""Remembers on the log which topic each stream of a broker was, so that one created again is noticed much later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pipeline.log.reading import read_newest
from pipeline.ports import SharedLog
from pipeline.records import Incarnation
from pipeline.stage import Out

STREAM = "incarnations"
REPAIR = "to get back what was on it, stop the workers, run `almenara streams repair`, and start them again"


async def remembered(log: SharedLog) -> dict[str, str]:
    """By stream, the id of its topic when it was last in order. Raises Unavailable."""
    found, _ = await read_newest(log, STREAM, Incarnation)
    return {stream: one.topic for stream, one in found.items()}


async def remembered_since(log: SharedLog) -> dict[str, datetime]:
    """By stream, when its topic was remembered: soon after it was created, or repaired. Raises Unavailable."""
    return {message.key: message.written async for message in log.replay(STREAM)}


async def remember(log: SharedLog, streams: Iterable[str] | None = None) -> None:
    """Remember these streams as they are; None: those that are not remembered yet. Raises Unavailable."""
    now, before = await log.incarnations(), await remembered(log)
    changed = [name for name in now if (name not in before if streams is None else before.get(name) != now[name])]
    wanted = changed if streams is None else [name for name in changed if name in set(streams)]
    if wanted:
        await log.publish([Out(STREAM, name, Incarnation(stream=name, topic=now[name])) for name in wanted])


async def created_again(log: SharedLog) -> tuple[str, ...]:
    """The streams that were deleted and created again, and not repaired. Raises Unavailable."""
    now = await log.incarnations()
    return tuple(sorted(name for name, topic in (await remembered(log)).items() if now.get(name, topic) != topic))

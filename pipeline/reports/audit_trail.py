"""Who did what: the newest entries of the audit on `control`."""

from __future__ import annotations

from contextlib import aclosing, suppress

from pipeline.ports import Log
from pipeline.records import Audited, Request, SchemaError, decode
from pipeline.requests.asking import CONTROL

TAIL = 2_000  # records from the end that are looked at


async def read_trail(log: Log, most: int) -> list[Audited]:
    """The newest entries, the newest first. Raises Unavailable."""
    since = max(0, (await log.ends()).get((CONTROL, 0), 0) - TAIL)
    found: list[Audited] = []
    async with aclosing(log.replay(CONTROL, since)) as messages:
        async for message in messages:
            with suppress(SchemaError):  # of another version, or damaged
                request = decode(Request, message.value or b"")
                found += [request.audit] if request.audit else []
    return found[: -most - 1 : -1]

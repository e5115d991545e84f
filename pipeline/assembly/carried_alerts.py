"""Takes what was sent since a backup into the restored log, so that the same alerts are not sent twice."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from pipeline.assembly.backends import open_sqlite
from pipeline.config.settings import Settings
from pipeline.log.reading import read_newest
from pipeline.records import AlertState
from pipeline.stage import Out, Unavailable
from pipeline.stages.notify import STATE


async def carry_alerts(settings: Settings, previous: Path, restored: Path) -> int | None:
    """Publish on the restored log the delivery states that only the previous log has, or that are newer there.

    After a restore the feeds are read again, and articles that came after the backup fire the same alerts, with the
    same ids. Returns how many were taken over; None if the previous log cannot be read. Raises Unavailable
    if the restored log cannot be written.
    """
    try:
        newer = await _states(settings, previous)
    except Unavailable:
        return None
    async with AsyncExitStack() as stack:
        log = open_sqlite(settings, path=restored)
        stack.push_async_callback(log.close)
        older, _ = await read_newest(log, STATE, AlertState)
        changed = [state for id, state in newer.items() if id not in older or older[id].at < state.at]
        await log.publish([Out(STATE, state.id, state) for state in changed])
    return len(changed)


async def _states(settings: Settings, path: Path) -> dict[str, AlertState]:
    log = open_sqlite(settings, path=path, write=False)
    try:
        found, _ = await read_newest(log, STATE, AlertState)
        return found
    finally:
        await log.close()

"""Takes what was sent since a backup into the restored log, so that the same alerts are not sent twice."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from pipeline.assembly.backends import open_sqlite
from pipeline.config.settings import Settings
from pipeline.core.notification.streams import ALERT_STATE
from pipeline.log.reading import read_newest
from pipeline.records import Record
from pipeline.stage import Out, Unavailable
from pipeline.stages.notify import Notify


async def carry_alerts(settings: Settings, previous: Path, restored: Path) -> int | None:
    """Publish on the restored log the state of notify that only the previous log has, or that is newer there.

    After a restore the feeds are read again, and articles that came after the backup fire the same alerts, with the
    same ids. Returns how many alerts were taken over; None if the previous log cannot be read. Raises Unavailable
    if the restored log cannot be written.
    """
    try:
        newer = await _states(settings, previous)
    except Unavailable:
        return None
    async with AsyncExitStack() as stack:
        log = open_sqlite(settings, path=restored)
        stack.push_async_callback(log.close)
        carried = 0
        for stream, records in newer.items():
            older, _ = await read_newest(log, stream, Notify.owns[stream])
            changed = [(key, one) for key, one in records.items() if key not in older or _is_newer(one, older[key])]
            await log.publish([Out(stream, key, record) for key, record in changed])
            carried += len(changed) if stream == ALERT_STATE else 0
    return carried


async def _states(settings: Settings, path: Path) -> dict[str, dict[str, Record]]:
    """Stream -> key -> record of all that notify remembers."""
    log = open_sqlite(settings, path=path, write=False)
    try:
        return {stream: (await read_newest(log, stream, kind))[0] for stream, kind in Notify.owns.items()}
    finally:
        await log.close()


def _is_newer(one: Record, other: Record) -> bool:
    """Whether it was written later. All records of notify have the moment `at`."""
    return bool(getattr(other, "at") < getattr(one, "at"))  # noqa: B009  of several types

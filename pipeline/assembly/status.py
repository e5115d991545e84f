"""Gathers the report of `almenara status`: from the log, the index, the disk and the process on the data folder."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.assembly.backends import IndexPlace, ask_health, clock
from pipeline.assembly.data_lock import NAME, running_pid
from pipeline.config.settings import Settings
from pipeline.ports import IndexStatus
from pipeline.records import Problem
from pipeline.reports.problems import Seen
from pipeline.reports.problems.finding import Disk, Holder
from pipeline.reports.problems.processes import newest, state_of
from pipeline.reports.status import index_report, report_of
from pipeline.stage import Unavailable


async def status_report(
    settings: Settings, place: IndexPlace, embedded: bool, see: Callable[[], Awaitable[Seen]]
) -> dict[str, Any]:
    """The report of `almenara status --json`. `see` reads the log; a log that cannot be read is one of the problems."""
    seen, (index, index_error) = await asyncio.gather(_see(see, embedded), _index_status(place))
    data = settings.data
    holder = _holder(data)
    seen = replace(
        seen, data=str(data), max_lag=timedelta(seconds=settings.health.max_lag), index=index,
        index_error=index_error, disk=_disk(data), holder=holder,
    )  # fmt: skip
    seen = replace(seen, answers=await _answers(seen))
    return {
        "data": str(data),
        "log": settings.log_location(),
        "daemon": holder.pid if holder else None,
        **report_of(seen),
        "documents": index.documents if index else 0,
        "index": index_report(settings.index_location(), index, index_error),
        "disk": {
            "log": _size(data, "log.sqlite*"), "index": _size(data, "index/**/*"),
            "free": seen.disk.free if seen.disk else None,
        },
        "keep_days": {name: round(seconds / 86400, 1) for name, seconds in settings.keep.model_dump().items()},
    }  # fmt: skip


async def _see(see: Callable[[], Awaitable[Seen]], embedded: bool) -> Seen:
    try:
        return await see()
    except Unavailable as error:
        return Seen(clock(), embedded=embedded, unreadable={"log": str(error)})


async def _index_status(place: IndexPlace) -> tuple[IndexStatus | None, str | None]:
    """The state of the index, and why it cannot be read. An index that was never written is neither."""
    try:
        if not place.exists():
            return None, None
        index = await place.open(write=False)
        try:
            return await index.status(), None
        finally:
            await index.close()
    except Unavailable as error:
        return None, str(error)


async def _answers(seen: Seen) -> dict[str, tuple[Problem, ...]]:
    """What the health endpoints of processes say that send no heartbeats, but may still run."""
    silent = [beat for beat in newest(seen.beats).values() if state_of(beat, seen) == "silent" and beat.health_url]
    answers = {beat.process: await ask_health(beat) for beat in silent}
    return {process: answer for process, answer in answers.items() if answer is not None}


def _holder(data: Path) -> Holder | None:
    pid = running_pid(data)
    if pid is None:
        return None
    return Holder(pid, datetime.fromtimestamp((data / NAME).stat().st_mtime, UTC))


def _disk(data: Path) -> Disk | None:
    """The disk of the data folder, or of the folder in which it would be created."""
    place = data.resolve()
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        found = os.statvfs(place)
    except OSError:
        return None
    files_left = found.f_favail > 0 or found.f_files == 0  # some file systems do not count files
    return Disk(str(data), found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize, files_left)


def _size(data: Path, pattern: str) -> int:
    return sum(file.stat().st_size for file in data.glob(pattern) if file.is_file())

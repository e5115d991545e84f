"""Says at a worker's start which streams were deleted and created again, and not repaired."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from pipeline.log.incarnations import REPAIR, created_again, remember
from pipeline.ports import SharedLog

logger = structlog.get_logger("almenara")


async def note_lost_streams(log: SharedLog, note: Callable[[str, str, str], None]) -> None:
    """Log and `note` streams that were created again; remember those seen for the first time. Raises Unavailable."""
    await remember(log)
    for stream in await created_again(log):
        why = "it was deleted and created again, so records are missing"
        logger.error("stream lost", stream=stream, why=why, hint=REPAIR)
        note(f"stream {stream}", "recreated", f"{why}: {REPAIR}")

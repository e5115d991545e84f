"""Runs only the stages that match, decide and send, on the embedded log: it starts in a second.

    python -m tests.agents.delivery_process CONFIG HOURS

The wall clock is so many hours ahead, so that outages, merging and ageing pass between two starts.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path

from agents.embedded import Embedded
from pipeline.assembly.backends import clock, open_sqlite
from pipeline.assembly.channels import configured_channels
from pipeline.config.folder import load
from pipeline.core.notification.planning.plan import plan_of
from pipeline.stages.alert import Alert
from pipeline.stages.notify import Notify


async def run(folder: Path, ahead: timedelta) -> None:
    def now() -> datetime:
        return clock() + ahead

    configuration = load(folder)
    log = open_sqlite(configuration.settings)
    channels = configured_channels(configuration)
    stages = (Alert(configuration.alerts), Notify(plan_of(configuration.alerts), channels, now, lambda: 0.5))
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with Embedded(log, log.streams, stages, None, now).running():
        await ended.wait()
    for stage in stages:
        await stage.close()
    await log.close()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), timedelta(hours=float(sys.argv[2]))))

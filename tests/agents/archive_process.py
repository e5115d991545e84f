"""Runs only relate and index, and looks at few old records at once: it starts in a second or two.

    python -m tests.agents.archive_process CONFIG DAYS PAGE

The wall clock is so many days ahead of that of the log. PAGE: articles of a page of old ones.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from agents.app import Broker
from agents.embedded import Embedded
from agents.worker import Worker
from pipeline.assembly.backends import clock, index_place, open_kafka, open_sqlite
from pipeline.assembly.deployment import deployment_for
from pipeline.assembly.numbering import ExistingDocuments
from pipeline.backends.state_sqlite import ArchiveSqlite, StateSqlite
from pipeline.config.settings import Settings
from pipeline.ports import Clock, Index
from pipeline.records import Known, Story
from pipeline.stage import Stage
from pipeline.stages.index import Index as IndexStage
from pipeline.stages.relate import Relate

LOOKED = 2  # stories


async def run(settings: Settings, ahead: timedelta, page: int) -> None:
    settings.data.mkdir(parents=True, exist_ok=True)
    index = await index_place(settings).open(write=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with driver(settings, index, lambda: clock() + ahead, page):
        await ended.wait()
    await index.close()


@asynccontextmanager
async def driver(settings: Settings, index: Index, now: Clock, page: int) -> AsyncIterator[None]:
    """The stages, running on the log of the settings."""
    if settings.log_location().startswith("sqlite"):
        file = open_sqlite(settings)
        stages = stages_of(settings, ExistingDocuments(file, index_place(settings), index), index, page)
        async with Embedded(file, file.streams, stages, None, now).running():
            yield
        await file.close()
    else:
        log = await open_kafka(settings)
        stages = stages_of(settings, ExistingDocuments(log, index_place(settings), index), index, page)
        broker = Broker(log.options.servers, log.options.prefix, "w", settings.kafka.session)
        async with Worker(log, broker, stages, None, now).running():
            yield
        await log.close()
    for stage in stages:
        await stage.close()


def stages_of(settings: Settings, existing: ExistingDocuments, index: Index, page: int) -> tuple[Stage, ...]:
    known = StateSqlite(Known, settings.data / "known.sqlite")
    stories = StateSqlite(Story, settings.data / "stories.sqlite")
    archive = ArchiveSqlite(settings.data / "archive.sqlite", settings.keep.index)
    window = settings.relate.window
    relate = Relate(known, archive, stories, window, existing=existing, page=page, looked=LOOKED)
    return relate, IndexStage(index)


if __name__ == "__main__":
    asyncio.run(run(deployment_for(Path(sys.argv[1])).settings, timedelta(days=float(sys.argv[2])), int(sys.argv[3])))

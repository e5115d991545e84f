"""Opens what a repair needs, and makes sure that the stages concerned do not run meanwhile."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

from pipeline.assembly.backends import clock, open_kafka, open_sqlite
from pipeline.assembly.deployment import Deployment, Distributed
from pipeline.log.kinds import BrokerLog
from pipeline.ports import Log
from pipeline.records import Known, Story
from pipeline.repair.findings import Findings, find
from pipeline.repair.state import Progress, Rebuilt, StateRebuild
from pipeline.repair.stories import StoriesRebuild
from pipeline.repair.streams import OWNER, Say, StreamsRepair
from pipeline.stage import Unavailable
from pipeline.stages.ageing import stays
from pipeline.stages.relate import Relate


class StillRunning(Unavailable):
    """Workers whose stages must not run during the repair."""


async def rebuild_state(deployment: Deployment, progress: Progress) -> Rebuilt:
    """Rebuild `known`, `fingerprints` and `stories`. Raises StillRunning, Unavailable."""
    async with _without_relate(deployment) as log:
        return await rebuild_on(deployment, log, progress)


async def rebuild_on(deployment: Deployment, log: Log, progress: Progress) -> Rebuilt:
    """Rebuild `known`, `fingerprints` and `stories` on a log on which this process may write them."""
    from pipeline.backends.state_sqlite import ArchiveSqlite, StateSqlite

    settings = deployment.settings
    settings.data.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        index = None
        if deployment.index.exists():
            index = await deployment.open_index()
            stack.push_async_callback(index.close)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="rebuild-", dir=settings.data))
        known = stack.enter_context(closing(StateSqlite(Known, Path(folder) / "known.sqlite")))
        archive = stack.enter_context(closing(ArchiveSqlite(Path(folder) / "archive.sqlite")))
        stories = stack.enter_context(closing(StateSqlite(Story, Path(folder) / "stories.sqlite")))
        done = await StateRebuild(log, index, known, archive, settings.relate.window, progress).run()
        done.stories = await StoriesRebuild(log, index, stories, clock() - stays(settings.relate.window)).run()
        return done


@asynccontextmanager
async def _without_relate(deployment: Deployment) -> AsyncIterator[Log]:
    """The log, on which relate does not run and this process owns its state."""
    settings = deployment.settings
    async with AsyncExitStack() as stack:
        if not isinstance(deployment, Distributed):
            stack.enter_context(deployment.lock())
            log = open_sqlite(settings)
            stack.push_async_callback(log.close)
            yield log
            return
        broker = await open_kafka(settings)
        stack.push_async_callback(broker.close)
        await require_stopped(broker, ["relate"], settings.kafka.session + 5)
        for stream in Relate.owns:
            await broker.claim(stream, 0, OWNER)
        yield broker


async def repair_streams(deployment: Deployment, only_look: bool, say: Say) -> Findings:
    """Find lost streams, and repair them unless `only_look`. Raises StillRunning, Unavailable."""
    settings = deployment.settings
    log = await deployment.open_broker()
    try:
        findings = await find(log)
        for line in findings.lines():
            say(line)
        if only_look or not findings.lines():
            return findings
        patience = settings.kafka.session + 5
        await require_stopped(log, findings.groups(), patience)

        async def rebuild() -> str:
            return (await rebuild_on(deployment, log, lambda what, n: None)).summary()

        await StreamsRepair(log, findings, clock(), patience, say, rebuild).run()
        return findings
    finally:
        await log.close()


async def require_stopped(log: BrokerLog, groups: Collection[str], patience: float) -> None:
    """Raise StillRunning if one of the groups has members; waits up to `patience` seconds until it has none."""
    end = asyncio.get_running_loop().time() + patience
    while True:
        members = {group: names for group, names in (await log.members()).items() if group in groups}
        if not members:
            return
        if asyncio.get_running_loop().time() < end:
            await asyncio.sleep(1.0)
            continue
        listed = "; ".join(f"{group}: {', '.join(sorted(names))}" for group, names in sorted(members.items()))
        raise StillRunning(
            f"these groups still have workers: {listed}. Stop them and try again; a worker that has just ended "
            "counts until its [kafka] session is over"
        )

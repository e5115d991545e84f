"""The processes that make stories, killed at every place that concerns them, while people merge and split stories: no
article is lost or doubled, and every story is as if nothing had happened. On the embedded log and on a real broker."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

import pytest

from pipeline.assembly.deployment import deployment_for
from pipeline.ports import Index
from pipeline.records import Document, Story
from tests.agents.cluster import Cluster
from tests.agents.story_room import REPORTS, StoryDesk, StoryRoom, check_stories
from tests.agents.test_kill import Daemon, configure, finish, known_feed, reaches

BATCH = 2 * REPORTS  # articles published before each start: all of two events
RELATE = (
    "relate.ready", "relate.decided", "relate.settled", "relate.requested", "relate.corrected", "known.absorb",
    "stories.absorb",
)  # fmt: skip
EMBEDDED = (
    *RELATE,
    "commit.relate.before",
    "commit.relate.after",
    "index.story",
    "index.stories",
    "commit.index.before",
)
BROKER = (
    *RELATE, "claim.relate", "commit.relate.before", "commit.relate.outputs", "commit.relate.published",
    "index.story", "index.stories", "commit.index.before", "commit.index.published",
)  # fmt: skip
ASKED = ("relate.requested", "relate.corrected", "stories.absorb")  # before these a person asks for something
PATIENCE = 120.0  # seconds
AGAIN = ("known.absorb", "stories.absorb")  # passed at a start or at a tick, whichever comes after news first


async def found(index: Index) -> tuple[list[Story], list[Document]]:
    stories = await asyncio.to_thread(lambda: list(index.scan_stories()))
    return stories, await asyncio.to_thread(lambda: list(index.scan()))


async def asks(config: Path, number: int) -> None:
    """Merge two stories, or take an article out of one: every second time, as `almenara stories` does."""
    index = await deployment_for(config).open_index()
    stories, _ = await found(index)
    await index.close()
    large = sorted((story for story in stories if story.size > 1), key=lambda story: (story.opened, story.id))
    assert len(large) > 1, "the reports of an event are one story"
    command = ["split", large[0].id, large[0].articles[-1].id] if number % 2 else ["merge", large[1].id, large[0].id]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pipeline", "stories", *command, "--config", str(config), stdout=asyncio.subprocess.PIPE
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0, said


@pytest.mark.slow
async def test_stories_survive_every_kill_of_the_daemon(tmp_path: Path) -> None:
    daemon, config = Daemon(tmp_path), tmp_path / "config"
    async with StoryRoom() as room:
        configure(tmp_path, room.url)
        await known_feed(daemon, room)
        room.published = BATCH
        await finish(daemon, room.published)
        for number, point in enumerate(EMBEDDED):
            room.published += BATCH
            if point in AGAIN:
                await finish(daemon, room.published)
                room.published += BATCH
            if point in ASKED:
                await asks(config, number)
            await reaches(await daemon.start(point), point)
        await finish(daemon, room.published)
    assert set(EMBEDDED) <= set(daemon.passed())
    deployment = deployment_for(config)
    index, log = await deployment.open_index(), await deployment.open_log()
    try:
        await check_stories(log, *await found(index), room.published)
    finally:
        await index.close()
        await log.close()


@pytest.mark.slow
async def test_stories_survive_every_kill_of_workers(
    tmp_path: Path, kafka: str, elasticsearch: str, prefix: str
) -> None:
    dice = random.Random(3)
    async with StoryDesk() as desk:
        cluster = Cluster(tmp_path, kafka, elasticsearch, prefix, desk)
        reader = cluster.machine("reader", ("poll", "clean", "tag", "alert", "notify"))
        writer = cluster.machine("writer", ("relate", "index"))
        try:
            await cluster.open()
            await reader.start()
            await writer.start()
            desk.published = BATCH
            await cluster.quiet(desk.published, PATIENCE)
            for number, point in enumerate(BROKER):
                assert await writer.stop() == 0
                desk.published += BATCH
                if point in ASKED:
                    await asyncio.sleep(1.5)  # until Elasticsearch finds what was written
                    await asks(writer.config, number)
                await writer.dies_at(point, 1, PATIENCE)
                await writer.start()
                await cluster.quiet(desk.published, PATIENCE)
            await cluster.kill_at_random(writer, 2, dice)
            await cluster.quiet(desk.published, PATIENCE)
            await asyncio.sleep(1.5)
            index = await deployment_for(writer.config).open_index()
            assert cluster.log is not None
            await check_stories(cluster.log, *await found(index), desk.published)
            await index.close()
        finally:
            await cluster.close()
    assert [point for point in writer.kills if point] == list(BROKER)

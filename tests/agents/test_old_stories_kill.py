"""Relate, killed with SIGKILL while it deletes old records of stories, and while it asks the index for one: all stories
go on as if nothing had happened, in both modes. The audit of the broker adds up.

The process has a clock that is weeks ahead, and looks at two records at once. Its caches are lost once, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_for
from pipeline.log.kinds import BrokerLog
from pipeline.ports import Log
from pipeline.records import Story, StoryRequest, Tagged, decode
from pipeline.reports.audit import audit_broker
from pipeline.stage import Out, Unavailable
from tests.agents.test_archive_kill import Office, article
from tests.stages.relate.house import T0, House, records_of, tagged

pytestmark = pytest.mark.slow

ALIKE = 12  # reports of one event: its record is written in steps
OTHERS = 4  # articles with stories of their own
DELETING = ("tick.relate.before", "relate.old", "stories.absorb")
EMBEDDED = (*DELETING, "tick.relate.after")
SHARED = (*DELETING, "tick.relate.published")
DECIDING = ("relate.asked", "relate.decided", "commit.relate.before")
EMBEDDED_DECIDING = (*DECIDING, "commit.relate.after")
SHARED_DECIDING = (*DECIDING, "commit.relate.outputs", "commit.relate.published")
READERS = {"tagged": "relate", "story-requests": "relate", "documents": "index", "stories": "index"}
MANY = 1000  # articles of a page of `archive`: more than there are, so that only stories are deleted


def report(number: int, days: float = 0.0, more: str = "") -> Tagged:
    """A report of the event that all have in common; `more`: a later version of it."""
    sentences = [f"The ferry Brenta ran aground off Valmora with 212 passengers on board, said witness {number}."]
    sentences += [f"Sentence{number}{n} of outlet{number} tells of rescue{number}{n}." for n in range(9)]
    return tagged(
        f"https://o{number}.example/ferry", " ".join(sentences) + more, title="Ferry Brenta runs aground off Valmora",
        vector="ferry", seen=T0 + timedelta(days=days, minutes=number),
    )  # fmt: skip


def first() -> list[Tagged]:
    return [*map(report, range(ALIKE)), *map(article, range(OTHERS))]


def late() -> list[Tagged]:
    """Two months later: old articles change, one of them of a story that was merged; one is reposted."""
    towed = " It was towed to Puerto Calma, the harbour said later."
    repost = tagged(
        "https://z.example/repost", report(1).article.text, title=report(1).article.title.value, vector="ferry",
        seen=T0 + timedelta(days=63),
    )  # fmt: skip
    return [report(3, 60, towed), article(0, 6, days=61), report(7, 62, towed), repost, article(2, boats=5, days=64)]


def merge() -> StoryRequest:
    return StoryRequest(at=T0, kind="merge", story=article(0).article.id, into=article(1).article.id)


def split() -> StoryRequest:
    return StoryRequest(at=T0, kind="split", story=report(0).article.id, articles=(report(5).article.id,))


class Desk(Office):
    """An office whose stories are looked at."""

    async def asks(self, *requests: StoryRequest) -> None:
        await self.ask(lambda log: log.publish([Out("story-requests", one.story, one) for one in requests]), write=True)

    async def on_stream(self) -> dict[str, Story]:
        """The newest record under each key of `stories`, as after compaction."""

        async def read(log: Log) -> dict[str, Story]:
            newest = {message.key: message.value async for message in log.replay("stories") if not message.stale}
            return {key: decode(Story, value) for key, value in newest.items() if value is not None}

        return await self.ask(read)

    async def deleted(self) -> bool:
        return not await self.on_stream()

    async def indexed(self) -> dict[str, Story]:
        index = await deployment_for(self.config).open_index()
        try:
            await asyncio.sleep(1.5)  # what was written last is found in Elasticsearch after a second
            stories = await asyncio.to_thread(lambda: list(index.scan_stories()))
            return {one.id: replace(one, steps=0) for one in stories}
        finally:
            await index.close()

    async def done(self) -> bool:
        """Whether nothing waits for a stage."""

        async def waiting(log: Log) -> int:
            ends, groups = await log.ends(), await log.groups()
            return sum(
                end - groups.get((READERS[name], name, n), 0) for (name, n), end in ends.items() if name in READERS
            )

        try:
            return await self.ask(waiting) == 0
        except Unavailable:  # a broker that was just started loads its groups
            return False


async def survives(desk: Desk, deleting: Sequence[str], deciding: Sequence[str]) -> None:
    house = House()  # is never killed, and keeps all records
    await house.restart()
    await desk.publish(*first())
    for one in first():
        await house.feed(one)
    await desk.works(0, desk.done)
    await desk.asks(merge())
    await house.ask(merge())
    await desk.works(0, desk.done)
    assert await desk.indexed() == records_of(house)
    assert any("+" in key for key in await desk.on_stream())
    for point in deleting:
        await desk.dies(20, point)
    await desk.works(20, desk.deleted)
    assert await desk.indexed() == records_of(house)
    for cache in (desk.folder / "data").glob("[!l]*.sqlite*"):  # all but the log
        cache.unlink()
    for one, point in zip(late(), deciding, strict=False):
        await desk.publish(one)
        await house.feed(one)
        await desk.dies(20, point)
    await desk.works(20, desk.done)
    await desk.asks(split())
    await house.ask(split())
    await desk.dies(20, "relate.corrected")
    await desk.works(20, desk.done)
    assert await desk.indexed() == records_of(house)
    await desk.works(20, desk.deleted)
    assert await desk.indexed() == records_of(house)


async def test_embedded(tmp_path: Path) -> None:
    desk = Desk(tmp_path, page=MANY)
    desk.configure()
    await survives(desk, EMBEDDED, EMBEDDED_DECIDING)


async def test_on_a_broker(tmp_path: Path, kafka: str, elasticsearch: str, prefix: str) -> None:
    desk = Desk(tmp_path, page=MANY)
    desk.configure(kafka, elasticsearch, prefix)

    async def create(log: Log) -> None:
        await log.create()  # type: ignore[attr-defined]

    async def audited(log: Log) -> dict[str, int]:
        index = await deployment_for(desk.config).open_index()
        try:
            report = await audit_broker(cast(BrokerLog, log), index, clock() + timedelta(days=20))
        finally:
            await index.close()
        assert report.stages["index"]["outcomes"]["drop.tombstone"] > 0
        return dict(report.found)

    await desk.ask(create, write=True)
    await survives(desk, SHARED, SHARED_DECIDING)
    assert await desk.ask(audited) == {}

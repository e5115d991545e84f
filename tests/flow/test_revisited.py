"""All stages over three weeks of virtual time: an article is corrected, removed, and there again when the daemon comes
back after more than a week."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agents.embedded import Embedded
from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.backends.state_sqlite import ArchiveSqlite, StateSqlite
from pipeline.config.folder import load
from pipeline.core.urls import article_id
from pipeline.flow import Ports, build_flow
from pipeline.log.reading import read_all
from pipeline.log.streams import declared_streams
from pipeline.ports import NO_PROFILE, Log
from pipeline.records import Alert, Document, Item, Known, Page, Profile, Relation, Story
from pipeline.reports.versions import read_versions
from pipeline.stage import Out
from tests.builders import feed
from tests.fakes import InlinePool, MemoryChannel, page
from tests.flow.machine import configure

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD = "https://news.example.org/world/rain"  # listed from the start, so that the other is news
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEED, URL = "https://news.example.org/feed.xml", "https://news.example.org/world/ferry"
TEXT = "The council of Valmora sends {} soldiers as a sentinel to the northern harbour before the winter storms. " * 8
PATIENCE = 60.0


class World:
    """The site and the time. `asked`: how often each address was asked for."""

    def __init__(self) -> None:
        self.now, self.asked = START, Counter[str]()

    def clock(self) -> datetime:
        return self.now

    async def fetch(self, url: str, headers: Mapping[str, str] | None = None, profile: Profile = NO_PROFILE) -> Page:
        self.asked[url] += 1
        since = self.now - START
        if url == FEED:
            entries = "".join(
                f"<item><title>{url[-4:]}</title><link>{url}</link></item>"
                for url in ([URL, OLD] if since > timedelta(minutes=5) else [OLD])
            )
            body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>N</title>{entries}</channel></rss>'
            return page(url, body, content_type="text/xml", fetched_at=self.now)
        if url == OLD:
            return page(url, "<html><body><p>Rain.</p></body></html>", fetched_at=self.now)
        if timedelta(hours=20) < since < timedelta(days=8):
            return page(url, "", 404, fetched_at=self.now)
        number = "3,500" if since < timedelta(hours=5) else "4,200"
        body = (
            f"<html><head><title>Ferry</title></head><body><article><h1>Ferry</h1><p>{TEXT.replace('{}', number)}</p>"
        )
        return page(url, f"{body}</article></body></html>", fetched_at=self.now)


@asynccontextmanager
async def daemon(world: World, folder: Path) -> AsyncIterator[tuple[Log, TantivyIndex]]:
    configuration = load(folder / "config")
    settings = configuration.settings
    streams = declared_streams(settings.keep, settings.relate.window)
    log = SqliteLog(folder / "log.sqlite", streams, world.clock)
    index = TantivyIndex.open(folder / "index", write=True)
    known = StateSqlite(Known, folder / "known.sqlite")
    stories = StateSqlite(Story, folder / "stories.sqlite")
    archive = ArchiveSqlite(folder / "archive.sqlite")
    ports = Ports(world.fetch, InlinePool(), known, archive, stories, world.clock, random=lambda: 0.5)
    flow = build_flow(ports, settings, configuration.rules, configuration.alerts, index, {"file": MemoryChannel()})
    driver = Embedded(log, log.streams, tuple(flow), flow.poll, world.clock)
    try:
        async with driver.running():
            yield log, index
    finally:
        for stage in flow:
            await stage.close()
        await index.close()
        await log.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.1)


async def relation(index: TantivyIndex, done: Callable[[Relation], bool]) -> Relation:
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await index.get(article_id(URL))
            if found and done(found.relation):
                return found.relation
            await asyncio.sleep(0.1)


@pytest.mark.slow
async def test_three_weeks_of_an_article(tmp_path: Path) -> None:
    settings = configure(tmp_path) / "almenara.toml"
    settings.write_text(settings.read_text().replace('revisit = ["72h"]', ""))
    world = World()
    async with daemon(world, tmp_path) as (log, index):
        await log.publish([Out("feeds", "n", feed("n", url=FEED), by="example.org")])
        await until(lambda: world.asked[FEED] == 1)
        world.now += timedelta(minutes=10)
        first = await relation(index, lambda found: True)
        await until_alerted(log, 1)
        for hours, fetches in ((1.3, 2), (6.3, 3)):
            world.now = START + hours * HOUR
            await until(lambda fetches=fetches: world.asked[URL] == fetches)  # type: ignore[misc]
        second = await relation(index, lambda found: found.version == 2)
        assert [(one.before, one.after) for one in second.changes] == [("3500", "4200")]
        world.now = START + 24.3 * HOUR
        await until(lambda: world.asked[URL] == 4)
        await asyncio.sleep(2)  # it is looked at once more only after a quarter of an hour
        assert (await relation(index, lambda found: True)).removed_at is None
        world.now += 0.3 * HOUR
        gone = await relation(index, lambda found: found.removed_at is not None)
        assert (gone.removed, gone.version, world.asked[URL]) == ("http_404", 2, 5)
        versions = await read_versions(index, URL)
        assert [version.document.relation.version for version in versions] == [1, 2]
        assert "sends 4,200 soldiers" in versions[1].document.article.text
    world.now = START + 20 * DAY  # the daemon was off
    async with daemon(world, tmp_path) as (log, index):
        back = await relation(index, lambda found: found.removed_at is None)
        assert (back.version, back.first_seen, back.seq) == (2, first.first_seen, 5)
        assert world.asked[URL] == 6
        items, _ = await read_all(log, "items", Item)
        assert [item.revisit for item in items.values() if item.revisit == 4] == [4]
        world.now += 2 * DAY
        await asyncio.sleep(3)
    world.now += 20 * DAY
    async with daemon(world, tmp_path) as (log, index):
        await asyncio.sleep(3)
        assert world.asked[URL] == 6  # exactly one late revisit
        alerts, _ = await read_all(log, "alerts", Alert)
        assert [alert.version for alert in alerts.values()] == [1, 2]
        documents, _ = await read_all(log, "documents", Document)
        noted = [one.relation.noted for one in documents.values() if one.article.id == article_id(URL)]
        assert noted == ["", "", "removed", "returned"]


async def until_alerted(log: Log, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len((await read_all(log, "alerts", Alert))[0]) < count:
            await asyncio.sleep(0.1)

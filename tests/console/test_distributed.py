"""The same pages on Kafka and Elasticsearch: read, change a source, hear of news."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from pipeline.assembly.backends import clock
from pipeline.assembly.console import access_of, desk_of
from pipeline.assembly.deployment import Deployment, deployment_of
from pipeline.config.folder import Configuration, load
from pipeline.console.app import build
from pipeline.console.desk import Desk
from pipeline.console.follow import Follower
from pipeline.core.stories.updates import changed_by
from pipeline.stage import Out
from pipeline.terminal.reporter import Reporter
from tests.builders import alert, document
from tests.console.conftest import browser, sent
from tests.console.newsroom import NOW, fill, write_configuration

pytestmark = pytest.mark.slow
PAGES = (
    "/?span=all", "/story/p1", "/article/p1", "/search?q=strike", "/alerts?span=90d", "/rules", "/topics", "/watch",
    "/sources", "/sources/hafenblatt",
    "/system", "/system/dead", "/system/audit",
)  # fmt: skip


@pytest.fixture
async def both(tmp_path: Path, kafka: str, elasticsearch: str, prefix: str) -> tuple[Deployment, Configuration]:
    """The newsroom on servers."""
    write_configuration(tmp_path / "config")
    configuration = load(tmp_path / "config", {
        "LOG_URL": kafka, "INDEX_URL": elasticsearch, "ALMENARA_KAFKA_PREFIX": prefix,
        "ALMENARA_ELASTICSEARCH_PREFIX": prefix.rstrip("."), "ALMENARA_KAFKA_PARTITIONS": "2",
    })  # fmt: skip
    deployment = deployment_of(configuration.settings)
    broker = await deployment.open_broker()
    await broker.create()
    await broker.close()
    await fill(deployment, configuration)
    await shown(deployment)
    return deployment, configuration


async def shown(deployment: Deployment) -> None:
    """Wait until searches find what was written: Elasticsearch shows it within a second."""
    index = await deployment.open_index()
    try:
        async with asyncio.timeout(60):
            while len(await index.get_stories(["p1", "t1", "m1", "h1"])) < 4:
                await asyncio.sleep(0.2)
    finally:
        await index.close()


async def test_a_mute_made_in_the_console_reaches_notify(both: tuple[Deployment, Configuration]) -> None:
    deployment, configuration = both
    async with (
        desk_of(deployment, lambda: configuration, clock) as desk,
        browser(build(desk, access_of(configuration.settings))) as client,
        deployment.worker(configuration, Reporter(), ("notify",)) as worker,
        worker.driver.running(poll=False),
    ):
        await desk.follower.look()
        fields = {"what": "story", "story": "h1", "for": "1d", "reason": "seen enough", "back": "/alerts"}
        answer = await sent(client, "/alerts/mute", fields, page="/story/p1")
        assert answer.status_code == 303
        await until(desk, lambda: any(one.story == "h1" for one in desk.follower.mutes.by_key.values()))
        one = alert("h1", "Port strikes", story_id="h1", channels=("file",), seen=clock(), first_seen=clock())
        await desk.log.publish([Out("alerts", one.id, one)])
        await until(desk, lambda: one.id in desk.ledger.alerts)
        assert desk.ledger.alerts[one.id].status == "muted"
        assert "muted" in (await client.get(f"/alerts/{one.id}")).text


async def until(desk: Desk, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.2)
            await desk.follower.look()


async def test_the_console_works_on_kafka_and_elasticsearch(both: tuple[Deployment, Configuration]) -> None:
    deployment, configuration = both
    async with (
        desk_of(deployment, lambda: configuration, lambda: NOW) as desk,
        browser(build(desk, access_of(configuration.settings))) as client,
    ):
        await desk.follower.look()
        for path in PAGES:
            answer = await client.get(path)
            assert answer.status_code == 200, path
        assert "Dockers strike in Lisbon" in (await client.get("/?span=all")).text
        await sent(client, "/sources/harbour-post/pause", {}, page="/sources/harbour-post")
        assert not desk.follower.feeds.by_key["harbour-post"].enabled
        assert await moved(client, desk) == {"harbour-post": "https://elsewhere.example/rss"}
        before = desk.follower.news.cursor
        one = document("A ferry is late", "Late.", id="n1", seq=90, story_id="n1")
        index = await deployment.open_index(write=True)
        await index.put([one])
        await index.put_stories(changed_by(one, lambda ids: {}))
        await index.close()
        await desk.log.publish([Out("documents", one.article.id, one)])
        await until(desk, lambda: desk.follower.news.cursor != before)
        assert desk.follower.news.cursor.seq == 90


async def moved(client: httpx.AsyncClient, desk: Desk) -> dict[str, str]:
    """Id and address of a source whose address was changed until it is in another partition of the stream, and back."""
    for url in ("https://a.example/", "https://b.example/", "https://c.example/", "https://elsewhere.example/rss"):
        change = {"settings": {"url": url}}
        answer = await client.post("/api/v1/sources/harbour-post/change", json=change)
        assert answer.status_code == 202, answer.text
        assert desk.follower.feeds.by_key["harbour-post"].url == url
    again = Follower(desk.log, desk.index, desk.clock)  # as after a restart
    await again.look()
    feed = again.feeds.by_key["harbour-post"]
    return {feed.id: feed.url}

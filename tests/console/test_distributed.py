"""The same pages on Kafka and Elasticsearch: read, change a source, hear of news."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.assembly.console import access_of, desk_of
from pipeline.assembly.deployment import deployment_of
from pipeline.config.folder import load
from pipeline.console.app import build
from pipeline.stage import Out
from tests.builders import document
from tests.console.conftest import browser, sent
from tests.console.newsroom import NOW, fill, write_configuration

pytestmark = pytest.mark.slow
PAGES = (
    "/?span=all", "/story/p1", "/article/p1", "/search?q=strike", "/watch", "/sources", "/sources/hafenblatt",
    "/system", "/system/dead", "/system/audit",
)  # fmt: skip


async def test_the_console_works_on_kafka_and_elasticsearch(
    tmp_path: Path, kafka: str, elasticsearch: str, prefix: str
) -> None:
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
        before = desk.follower.news.cursor
        one = document("A ferry is late", "Late.", id="n1", seq=90, story_id="n1")
        index = await deployment.open_index(write=True)
        await index.put([one])
        await index.close()
        await desk.log.publish([Out("documents", one.article.id, one)])
        for _ in range(20):
            await desk.follower.look()
            if desk.follower.news.cursor != before:
                break
        assert desk.follower.news.cursor.seq == 90

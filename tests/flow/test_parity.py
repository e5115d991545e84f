"""The two modes give the same documents: end to end on the bundled site, and byte for byte from `tagged` onwards.

Real broker, real Elasticsearch. What may differ is what the network decides: which of two copies comes first, and when.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.worker import Worker
from pipeline.assembly.backends import clock, open_kafka
from pipeline.assembly.wiring import EmbeddedPipeline, Pipeline, embedded_pipeline, worker_pipeline
from pipeline.commands import demo
from pipeline.config.folder import Configuration, load
from pipeline.config.settings import Logs
from pipeline.demo.site import Site
from pipeline.demo.toml_text import tables
from pipeline.log.feeds import apply_seed
from pipeline.ports import Log
from pipeline.records import Document, Tagged, decode
from pipeline.stage import Out
from pipeline.terminal import logs
from pipeline.terminal.reporter import Reporter
from tests.flow.test_demo import groups

pytestmark = pytest.mark.slow

PATIENCE = 90.0  # seconds for a mode to finish with an edition
STILL = 2.0  # seconds without anything to do that count as the end
DECIDED = ("documents", "known", "fingerprints", "alerts")


@dataclass
class Run:
    """The results of one mode. `log`: stream -> (key, value) in order of the log, documents in order of seq."""

    documents: dict[str, Document]  # by the site's own key
    log: dict[str, list[tuple[str, bytes | None]]]
    alerts: set[tuple[str, int, str]]  # key of the article, version, rule


@dataclass
class Both:
    embedded: Run
    distributed: Run


def configured(folder: Path, site: Site, environment: dict[str, str]) -> Configuration:
    demo.prepare(folder)
    (folder / "config" / "feeds.toml").write_text(tables("feed", site.feeds()), encoding="utf-8")
    return load(folder / "config", environment)


def on_servers(kafka: str, elasticsearch: str, prefix: str, name: str) -> dict[str, str]:
    return {
        "LOG_URL": kafka, "INDEX_URL": elasticsearch, "ALMENARA_KAFKA_PREFIX": f"{prefix}{name}.",
        "ALMENARA_KAFKA_PARTITIONS": "3", "ALMENARA_ELASTICSEARCH_PREFIX": f"{prefix}{name}",
    }  # fmt: skip


async def still(log: Log, topics: Iterable[str]) -> None:
    """Until every group has done all that is on `topics`, for a while."""
    calm = 0.0
    async with asyncio.timeout(PATIENCE):
        while calm < STILL:
            await asyncio.sleep(0.5)
            ends, done = await log.ends(), await log.groups()
            readers = {(group, topic) for group, topic, _ in done}
            behind = [
                (topic, partition)
                for (topic, partition), end in ends.items()
                if topic in topics and end
                for progress in [done.get((group, topic, partition), 0) for group, read in readers if read == topic]
                or [0]
                if progress < end
            ]
            calm = 0.0 if behind else calm + 0.5


READ = ("feeds", "items", "items-later", "articles", "tagged", "documents", "alerts")


async def distributed(configuration: Configuration, site: Site) -> Run:
    log = await open_kafka(configuration.settings)
    await log.create()
    await apply_seed(log, configuration.seed)
    await log.close()
    async with worker_pipeline(configuration, Reporter()) as pipeline:
        await demo.mark_as_polled(pipeline)
        driver, poll = pipeline.driver, pipeline.flow.poll
        assert isinstance(driver, Worker)
        async with driver.running(poll=False):
            async with asyncio.timeout(PATIENCE):
                while len(poll.enabled()) < len(configuration.seed.feeds):
                    await asyncio.sleep(0.2)
            await driver.poll_once()
            await still(pipeline.log, READ)
            site.advance()
            await driver.poll_once()
            await still(pipeline.log, READ)
        return await outcome(pipeline, site)


async def embedded(configuration: Configuration, site: Site) -> Run:
    async with embedded_pipeline(configuration, Reporter()) as pipeline:
        await demo.mark_as_polled(pipeline)
        async with pipeline.driver.running(poll=False):
            await pipeline.driver.poll_once()
            await pipeline.driver.drained(demo.PATIENCE)
            site.advance()
            await pipeline.driver.poll_once()
            await pipeline.driver.drained(demo.PATIENCE)
        return await outcome(pipeline, site)


async def outcome(pipeline: Pipeline, site: Site) -> Run:
    log = {topic: [(m.key, m.value) async for m in pipeline.log.replay(topic)] for topic in ("tagged", *DECIDED)}
    log["documents"].sort(key=lambda row: decode(Document, row[1] or b"").relation.seq)
    assert pipeline.index is not None
    newest = {key: decode(Document, value) for key, value in log["documents"] if value}
    indexed = {id: await pipeline.index.get(id) for id in newest}
    assert indexed == newest
    keys = {id: site.key(document.article.url) or document.article.url for id, document in newest.items()}
    alerts = {(keys[a["article"]], a["version"], a["rule"]) for a in map(msgspec.json.decode, values(log["alerts"]))}
    return Run({keys[id]: document for id, document in newest.items()}, log, alerts)


def values(rows: list[tuple[str, bytes | None]]) -> list[bytes]:
    return [value for _, value in rows if value is not None]


@pytest.fixture(scope="module")
def both(kafka: str, elasticsearch: str, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """The site read by each mode, from the same addresses."""
    logs.configure(Logs(), quiet=True)
    folder = tmp_path_factory.mktemp("parity")

    async def read() -> Both:
        async with Site(clock()) as site:
            one = await embedded(configured(folder / "embedded", site, {}), site)
            site.edition = 1
            servers = on_servers(kafka, elasticsearch, f"parity-{clock():%H%M%S%f}.", "site")
            return Both(one, await distributed(configured(folder / "distributed", site, servers), site))

    return asyncio.run(read())


def test_the_same_documents_with_the_same_tags(both: Both) -> None:
    one, other = both.embedded.documents, both.distributed.documents
    assert set(one) == set(other)
    assert len(one) >= 40
    for key, document in one.items():
        left, right = timeless(document), timeless(other[key])
        assert {name: (left[name], right[name]) for name in left if left[name] != right[name]} == {}, key


def timeless(document: Document) -> dict[str, Any]:
    """All but when it was, and which of two feeds that list an article was first."""
    article: dict[str, Any] = msgspec.to_builtins(document.article)
    article["fetched"].pop("at")
    del article["seen"], article["feed"]
    relation = document.relation
    tags: dict[str, Any] = msgspec.to_builtins(document.tags)
    return article | tags | {"version": relation.version, "material": relation.material, "changes": relation.changes}


def test_the_same_stories_copies_and_alerts(both: Both) -> None:
    one, other = both.embedded, both.distributed
    assert linked(one, "story_id") == linked(other, "story_id")
    assert linked(one, "duplicate_of") == linked(other, "duplicate_of")
    assert any(len(group) > 2 for group in linked(one, "story_id"))
    alerted = {(rule, version) for _, version, rule in one.alerts}
    assert alerted == {(rule, version) for _, version, rule in other.alerts}
    assert one.alerts == other.alerts


def linked(run: Run, by: str) -> set[frozenset[str]]:
    keys = {document.article.id: key for key, document in run.documents.items()}
    pairs = [(key, getattr(document.relation, by)) for key, document in run.documents.items()]
    return groups((key, keys[id]) for key, id in pairs if id)


async def test_tagged_of_the_embedded_mode_gives_the_same_bytes_on_kafka(
    both: Both, kafka: str, elasticsearch: str, tmp_path: Path, prefix: str
) -> None:
    async with Site(clock()) as site:
        configuration = configured(tmp_path / "on", site, on_servers(kafka, elasticsearch, prefix, "bytes"))
    log = await open_kafka(configuration.settings)
    await log.create()
    await log.publish(again(both.embedded))
    await log.close()
    async with worker_pipeline(configuration, Reporter(), ("relate", "index", "alert")) as pipeline:
        async with pipeline.driver.running():
            await still(pipeline.log, ("tagged", "documents"))
        same(both.embedded, await decided(pipeline))


async def test_tagged_of_kafka_gives_the_same_bytes_embedded(both: Both, tmp_path: Path) -> None:
    async with Site(clock()) as site:
        configuration = configured(tmp_path / "on", site, {})
    async with embedded_pipeline(configuration, Reporter()) as pipeline:
        await pipeline.log.publish(again(both.distributed))
        async with pipeline.driver.running(poll=False):
            await pipeline.driver.drained(0)
        same(both.distributed, await decided(pipeline))


def again(run: Run) -> list[Out]:
    return [Out("tagged", key, decode(Tagged, value)) for key, value in run.log["tagged"] if value]


async def decided(pipeline: Pipeline | EmbeddedPipeline) -> dict[str, list[tuple[str, bytes | None]]]:
    found = {topic: [(m.key, m.value) async for m in pipeline.log.replay(topic)] for topic in DECIDED}
    found["documents"].sort(key=lambda row: decode(Document, row[1] or b"").relation.seq)
    return found


def same(run: Run, found: dict[str, list[tuple[str, bytes | None]]]) -> None:
    assert len(found["documents"]) >= 40
    assert found["documents"] == run.log["documents"]
    assert found["fingerprints"] == run.log["fingerprints"]
    assert dict(found["known"]) == dict(run.log["known"])  # compacted: the newest of each key
    assert sorted(found["alerts"]) == sorted(run.log["alerts"])  # partitions of `documents` come in any order

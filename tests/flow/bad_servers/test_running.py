"""An index that takes no writes, and records that cannot go on: waited for, reported, and nothing is lost."""

from __future__ import annotations

import asyncio
import json
import random
import string
from collections.abc import Awaitable, Callable

import pytest

from pipeline.backends.log_kafka import KafkaLog
from pipeline.records import Article, Dead, Document, decode
from pipeline.stage import Out
from tests import builders
from tests.agents.workers import Place, until
from tests.builders import document
from tests.contracts.test_log_kafka_access import ports as ports
from tests.flow.bad_servers.asking import ask, broker, everything, full_disk
from tests.services.servers import Elasticsearch

pytestmark = pytest.mark.slow


# -- an index that accepts no writes: workers wait, report it, and nothing is dead


async def _documents(log: KafkaLog, numbers: range) -> None:
    made: list[Document] = [document(f"Title {n}", "Some text.", id=f"a{n}", seq=n + 1) for n in numbers]
    await log.publish([Out("documents", one.article.id, one) for one in made])


def _found(url: str, place: Place, number: int) -> Callable[[], Awaitable[bool]]:
    alias = f"{url}/{place.environment['ALMENARA_ELASTICSEARCH_PREFIX']}-documents"

    async def found() -> bool:
        answer = await asyncio.to_thread(ask, f"{alias}/_search?size=0&track_total_hits=true&ignore_unavailable=true")
        return bool(answer["hits"]["total"]["value"] == number)

    return found


async def test_an_index_that_is_read_only(place: Place, kafka: str, elasticsearch: str) -> None:
    place.environment["INDEX_URL"] = elasticsearch
    pattern = f"{elasticsearch}/{place.environment['ALMENARA_ELASTICSEARCH_PREFIX']}-documents-*"
    async with broker(place, kafka) as log, place.worker("index") as worker:
        await _documents(log, range(3))
        await until(_found(elasticsearch, place, 3), worker)
        ask(f"{pattern}/_settings", "PUT", {"index.blocks.read_only": True})
        await _documents(log, range(3, 6))
        await worker.says("it accepts no writes")
        assert "lift the block" in worker.said
        code, out, _ = await place.almenara("status", "--json")
        assert code == 5
        assert json.loads(out)["groups"]["index"]["waiting"] == 3
        ask(f"{pattern}/_settings", "PUT", {"index.blocks.read_only": None})
        await until(_found(elasticsearch, place, 6), worker)
        assert await everything(log, "dead") == []


async def test_a_disk_that_reaches_the_watermark(place: Place, kafka: str, own_elasticsearch: Elasticsearch) -> None:
    url = own_elasticsearch.url
    place.environment["INDEX_URL"] = url
    async with broker(place, kafka) as log, place.worker("index") as worker:
        await _documents(log, range(3))
        await until(_found(url, place, 3), worker)
        with full_disk(url):

            async def blocked() -> bool:
                return "read_only_allow_delete" in json.dumps(await asyncio.to_thread(ask, f"{url}/_all/_settings"))

            await until(blocked, worker)
            await _documents(log, range(3, 6))
            await worker.says("its disk is full")
            assert "free space or add a node" in worker.said
        await until(_found(url, place, 6), worker)
        assert await everything(log, "dead") == []


# -- records that cannot go on


def article(n: int, length: int = 100) -> Article:
    text = "".join(random.Random(n).choices(string.ascii_lowercase + " ", k=length))
    return builders.article(f"Title {n}", text, id=f"a{n}")


async def test_a_record_that_grows_over_a_megabyte_is_dead_and_the_rest_goes_on(place: Place, kafka: str) -> None:
    async with broker(place, kafka) as log:
        for n, length in enumerate((100, 999_000, 200)):
            await log.publish([Out("articles", f"a{n}", article(n, length), partition=0)])
        async with place.worker("tag") as worker:
            await until(lambda: _ends(log, "tagged", 2), worker)
            await until(lambda: _ends(log, "dead", 1), worker)
        [message] = await everything(log, "dead")
        dead = decode(Dead, message.value or b"")
        assert (dead.stage, dead.key, dead.error, dead.cut) == ("tag", "a1", "too_large", False)
        assert [one.key for one in await everything(log, "tagged")] == ["a0", "a2"]
        code, out, _ = await place.almenara("dead", "list")
        assert code == 0
        assert "too_large" in out


async def _ends(log: KafkaLog, stream: str, number: int) -> bool:
    return sum(end for (name, _), end in (await log.ends()).items() if name == stream) == number


async def test_a_record_of_another_version_is_neither_lost_nor_passed_over(place: Place, kafka: str) -> None:
    async with broker(place, kafka) as log:
        newer = article(1)
        newer = type(newer)(**{name: getattr(newer, name) for name in newer.__struct_fields__} | {"v": newer.v + 1})
        await log.publish([Out("articles", f"a{n}", article(n), partition=0) for n in (0,)])
        await log.publish([Out("articles", "a1", newer, partition=0), Out("articles", "a2", article(2), partition=0)])
        async with place.worker("tag") as worker:
            await worker.says("upgrade this one")
            await until(lambda: _ends(log, "tagged", 1), worker)
            code, out, _ = await place.almenara("status", "--json")
            assert (code, json.loads(out)["groups"]["tag"]["waiting"]) == (5, 2)
        assert worker.process.returncode == 0, worker.said
        assert await everything(log, "dead") == []

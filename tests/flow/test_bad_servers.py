"""Brokers and nodes that are wrong, closed, full or missing, and records that cannot go on: what a worker and the
commands say, their exit codes, and that nothing is lost. The servers are real; a stand-in answers only where the
server's core cannot be made to."""

from __future__ import annotations

import asyncio
import json
import random
import re
import string
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from pipeline.backends.log_kafka import KafkaLog, servers_of
from pipeline.config.settings import Keep
from pipeline.log.streams import declared_streams
from pipeline.records import Article, Dead, Document, decode
from pipeline.stage import Message, Out
from tests import builders
from tests.agents.workers import Place, until
from tests.builders import document
from tests.contracts.test_log_kafka_access import CERTIFICATE, PASSWORD, USER
from tests.contracts.test_log_kafka_access import ports as ports
from tests.options import kafka_options
from tests.services.servers import Elasticsearch, free_port

pytestmark = pytest.mark.slow

DECLARED = declared_streams(Keep(), 3600.0, 2)


@pytest.fixture
def place(tmp_path: Path, prefix: str) -> Place:
    """An operator who has named no servers yet."""
    names = {"ALMENARA_KAFKA_PREFIX": prefix, "ALMENARA_ELASTICSEARCH_PREFIX": prefix.rstrip(".")}
    return Place.made(tmp_path / "place", **names)


@asynccontextmanager
async def broker(place: Place, kafka: str, create: bool = True) -> AsyncIterator[KafkaLog]:
    """The log at `kafka`, to look at it; `place` works on it from now on."""
    place.environment["LOG_URL"] = kafka
    log = await KafkaLog.open(kafka_options(servers_of(kafka), place.environment["ALMENARA_KAFKA_PREFIX"]), DECLARED)
    try:
        if create:
            await log.create()
        yield log
    finally:
        await log.close()


async def everything(log: KafkaLog, stream: str) -> list[Message]:
    return [message async for message in log.replay(stream)]


def ask(url: str, method: str = "GET", body: Any = None) -> Any:
    """What Elasticsearch answers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


# -- at the start: reported immediately, with exit code 3, so that the supervisor can retry


CANNOT = [
    ("worker", "LOG_URL", "kafka://127.0.0.1:{free}", "is the broker running? Check log_url"),
    ("run", "LOG_URL", "kafka://127.0.0.1:{free}", "is the broker running? Check log_url"),
    ("status", "LOG_URL", "kafka://no-such-host.invalid", "cannot use Kafka. no-such-host.invalid:9092: "),
    ("streams create", "LOG_URL", "kafka://127.0.0.1:{http}", "it closed the connection"),
    ("feeds list", "LOG_URL", "kafka://127.0.0.1:{free}", "Check log_url"),
    ("search x", "INDEX_URL", "http://127.0.0.1:{free}", "Elasticsearch is not reached at http://127.0.0.1:{free}"),
    ("export", "INDEX_URL", "https://127.0.0.1:{http}", "https://127.0.0.1:{http}"),
    ("reindex", "INDEX_URL", "http://127.0.0.1:{free}", "is not reached"),
    ("run", "INDEX_URL", "http://127.0.0.1:{free}", "is not reached"),
]


@pytest.mark.parametrize(("command", "variable", "url", "message"), CANNOT)
async def test_a_wrong_address(place: Place, command: str, variable: str, url: str, message: str) -> None:
    async with standin(web.json_response({})) as http:
        here = {"free": free_port(), "http": http.rpartition(":")[2]}
        code, out, err = await place.almenara(*command.split(), **{variable: url.format(**here)})
    assert (code, out) == (3, "")
    assert message.format(**here) in err


@asynccontextmanager
async def standin(answer: web.Response, paths: dict[str, web.Response] | None = None) -> AsyncIterator[str]:
    """A server that answers `answer`, or what `paths` has for the path. Its URL."""

    async def respond(request: web.Request) -> web.Response:
        given = (paths or {}).get(request.path, answer)
        headers = {"X-Elastic-Product": "Elasticsearch"}
        return web.Response(body=given.body, status=given.status, content_type="application/json", headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", respond)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


HEALTH = {"/_cluster/health": web.json_response({"status": "green"})}
DENIED = web.json_response({"error": {"type": "security_exception", "reason": "unable to authenticate"}}, status=401)
OLDER = web.json_response({"nodes": {"a": {"version": "8.19.3"}}})


@pytest.mark.parametrize("command", ["search x", "export", "run"])
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (DENIED, "wrong credentials: see elasticsearch.api_key, or username and password"),
        (OLDER, "is Elasticsearch 8.19.3; this program needs 9"),
    ],
    ids=["credentials", "version"],
)
async def test_an_elasticsearch_that_is_not_for_us(
    place: Place, command: str, answer: web.Response, message: str
) -> None:
    async with standin(answer, HEALTH if answer is OLDER else None) as url:
        secret = {"ALMENARA_ELASTICSEARCH_API_KEY": "s3cr3t"}
        code, out, err = await place.almenara(*command.split(), INDEX_URL=url, **secret)
    assert (code, out) == (3, "")
    assert f"{url}" in err
    assert message in err
    assert "s3cr3t" not in err


LOGIN = {
    "ALMENARA_KAFKA_TLS": "true", "ALMENARA_KAFKA_CA": str(CERTIFICATE), "ALMENARA_KAFKA_MECHANISM": "SCRAM-SHA-256",
    "ALMENARA_KAFKA_USERNAME": USER, "ALMENARA_KAFKA_PASSWORD": PASSWORD,
}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ALMENARA_KAFKA_PASSWORD": "wr0ng"}, "it refused user 'almenara': check [kafka] username and password"),
        ({"ALMENARA_KAFKA_TLS": "false", "ALMENARA_KAFKA_CA": ""}, "tls"),
    ],
    ids=["password", "no TLS"],
)
async def test_a_broker_that_wants_other_credentials(
    place: Place, ports: dict[str, int], wrong: dict[str, str], message: str
) -> None:
    url = f"kafka://localhost:{ports['BOTH']}"
    for command in (("worker",), ("status",)):
        code, out, err = await place.almenara(*command, LOG_URL=url, **LOGIN | wrong)
        assert (code, out) == (3, "")
        assert message in err
        assert "wr0ng" not in err


async def test_a_broker_with_tls_and_sasl_is_worked_on(place: Place, ports: dict[str, int]) -> None:
    place.environment |= LOGIN | {"LOG_URL": f"kafka://localhost:{ports['BOTH']}"}
    assert (await place.almenara("streams", "create"))[0] == 0
    async with place.worker("alert") as worker:
        await worker.says("group=alert")
        code, out, err = await place.almenara("status")
        assert (code, err) == (0, "")
        assert re.search(r"^alert +0 +0 +\S+ 2", out, re.MULTILINE)
    assert PASSWORD not in worker.said
    assert worker.process.returncode == 0, worker.said


# -- streams that are not as they must be


@pytest.mark.parametrize("command", ["worker", "run", "status", "feeds list", "dead list", "streams list"])
async def test_missing_streams(place: Place, kafka: str, command: str) -> None:
    code, _, err = await place.almenara(*command.split(), LOG_URL=kafka)
    assert code == 3
    assert "is missing: run `almenara streams create`" in err


async def test_a_stream_with_too_few_partitions(place: Place, kafka: str) -> None:
    async with broker(place, kafka, create=False) as log:
        few = [stream if stream.name != "items-later" else _one(stream) for stream in DECLARED]
        made = await KafkaLog.open(log.options, few)
        await made.create()
        await made.close()
        message = "stream items-later has too few partitions, 1 instead of 8: run `almenara streams create --grow`"
        for command in ("worker", "streams list", "streams create"):
            code, out, err = await place.almenara(*command.split())
            assert code == 3
            assert message in err
        assert "not grown: keys move to other partitions" in out
        code, out, err = await place.almenara("streams", "create", "--grow")
        assert (code, err) == (0, "")
        assert "grown from 1 to 8 partitions" in out
        async with place.worker("alert") as worker:
            await worker.says("started")


def _one(stream: Any) -> Any:
    return type(stream)(stream.name, 1, stream.keep, stream.compacted)


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
        assert code == 0
        assert json.loads(out)["groups"]["index"]["waiting"] == 3
        ask(f"{pattern}/_settings", "PUT", {"index.blocks.read_only": None})
        await until(_found(elasticsearch, place, 6), worker)
        assert await everything(log, "dead") == []


async def test_a_disk_that_reaches_the_watermark(place: Place, kafka: str, own_elasticsearch: Elasticsearch) -> None:
    url = own_elasticsearch.url
    place.environment["INDEX_URL"] = url
    marks = "cluster.routing.allocation.disk."
    full = {f"{marks}watermark.{name}": "1000000gb" for name in ("low", "high", "flood_stage")}
    async with broker(place, kafka) as log, place.worker("index") as worker:
        await _documents(log, range(3))
        await until(_found(url, place, 3), worker)
        ask(f"{url}/_cluster/settings", "PUT", {"persistent": full | {f"{marks}threshold_enabled": True}})

        async def blocked() -> bool:
            return "read_only_allow_delete" in json.dumps(await asyncio.to_thread(ask, f"{url}/_all/_settings"))

        await until(blocked, worker)
        await _documents(log, range(3, 6))
        await worker.says("its disk is full")
        assert "free space or add a node" in worker.said
        ask(f"{url}/_cluster/settings", "PUT", {"persistent": dict.fromkeys(full | {f"{marks}threshold_enabled": ""})})
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
            assert (code, json.loads(out)["groups"]["tag"]["waiting"]) == (0, 2)
        assert worker.process.returncode == 0, worker.said
        assert await everything(log, "dead") == []

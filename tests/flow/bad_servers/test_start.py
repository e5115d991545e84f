"""Servers that are wrong, closed or missing at the start: reported at once, with exit code 3."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from pipeline.backends.log_kafka import KafkaLog
from tests.agents.workers import Place
from tests.contracts.test_log_kafka_access import CERTIFICATE, PASSWORD, USER
from tests.contracts.test_log_kafka_access import ports as ports
from tests.flow.bad_servers.asking import DECLARED, broker
from tests.services.servers import free_port

pytestmark = pytest.mark.slow


# -- at the start: reported immediately, with exit code 3, so that the supervisor can retry


CANNOT = [
    ("worker", "LOG_URL", "kafka://127.0.0.1:{free}", "is the broker running? Check log_url"),
    ("run", "LOG_URL", "kafka://127.0.0.1:{free}", "is the broker running? Check log_url"),
    ("status", "LOG_URL", "kafka://no-such-host.invalid", "cannot use Kafka. no-such-host.invalid:9092: "),
    ("streams create", "LOG_URL", "kafka://127.0.0.1:{http}", "it closed the connection"),
    ("feeds list", "LOG_URL", "kafka://127.0.0.1:{free}", "Check log_url"),
    ("search x", "INDEX_URL", "http://127.0.0.1:{free}", "Elasticsearch cannot be reached at http://127.0.0.1:{free}"),
    ("export", "INDEX_URL", "https://127.0.0.1:{http}", "https://127.0.0.1:{http}"),
    ("reindex", "INDEX_URL", "http://127.0.0.1:{free}", "cannot be reached"),
    ("run", "INDEX_URL", "http://127.0.0.1:{free}", "cannot be reached"),
]


@pytest.mark.parametrize(("command", "variable", "url", "message"), CANNOT)
async def test_a_wrong_address(place: Place, command: str, variable: str, url: str, message: str) -> None:
    async with standin(web.json_response({})) as http:
        here = {"free": free_port(), "http": http.rpartition(":")[2]}
        code, out, err = await place.almenara(*command.split(), **{variable: url.format(**here)})
    assert code == 3
    assert (out == "") == (command != "status")  # which shows what it can say without the log
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
        assert code == 3
        assert message in err
        assert "wr0ng" not in out + err


async def test_a_broker_with_tls_and_sasl_is_worked_on(place: Place, ports: dict[str, int]) -> None:
    place.environment |= LOGIN | {"LOG_URL": f"kafka://localhost:{ports['BOTH']}"}
    assert (await place.almenara("streams", "create"))[0] == 0
    async with place.worker("alert") as worker:
        await worker.says("group=alert")
        code, out, err = await place.almenara("status")
        assert (code, err) == (5, "")  # nobody runs the other stages
        assert re.search(r"^alert +0 +0 +0 +\S+ 2", out, re.MULTILINE)
    assert PASSWORD not in worker.said
    assert worker.process.returncode == 0, worker.said


# -- streams that are not as they must be


@pytest.mark.parametrize("command", ["worker", "run", "status", "feeds list", "dead list", "streams list"])
async def test_missing_streams(place: Place, kafka: str, command: str) -> None:
    code, _, err = await place.almenara(*command.split(), LOG_URL=kafka)
    assert code == 3
    assert err.count("missing: run `almenara streams create`") == 1


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

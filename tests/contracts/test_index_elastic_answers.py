"""The index in Elasticsearch against answers that one node of the server core does not give; a stand-in gives them.

What a real node can show is in test_index_elastic.py.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from pipeline import __version__
from pipeline.backends.index_elastic import ElasticIndex
from pipeline.backends.index_elastic.bulk import Rejected
from pipeline.stage import Unavailable
from tests.contracts.elastic_index import opened
from tests.contracts.indices import numbered
from tests.options import elastic_options

Answer = tuple[int, Any]


class Standin:
    """Answers as an Elasticsearch of version `version`, with `answers` in turn to bulk requests, then well."""

    def __init__(
        self, version: str = "9.1.0", *answers: Answer, status: int = 200, product: str = "Elasticsearch"
    ) -> None:
        self.version, self.answers, self.status, self.product = version, list(answers), status, product
        self.bulks: list[list[str]] = []  # ids of each request
        self.seen: list[str] = []  # X-Opaque-Id
        self.under_way = self.most = 0
        self.pause = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application(client_max_size=100_000_000)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.seen.append(request.headers.get("X-Opaque-Id", ""))
        status, body = await self._body(request)
        headers = {"X-Elastic-Product": self.product} if self.product else {}
        return web.json_response(body, status=status, headers=headers)

    async def _body(self, request: web.Request) -> Answer:
        if self.status != 200:
            return self.status, {"error": {"type": "security_exception", "reason": "no"}, "status": self.status}
        if request.path == "/_cluster/health":
            return 200, {"status": "green"}
        if request.path == "/_nodes":
            return 200, {"nodes": {"n": {"version": self.version}}}
        if request.path == "/_bulk":
            return await self._bulk((await request.text()).splitlines()[::2])
        return 200, {}

    async def _bulk(self, lines: list[str]) -> Answer:
        names = [json.loads(line)["index"]["_id"] for line in lines]
        self.bulks.append(names)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(self.pause)
        self.under_way -= 1
        status, body = self.answers.pop(0) if self.answers else (200, {})
        if status != 200:
            return status, {"error": {"type": "x", "reason": "y"}, "status": status}
        return 200, {"items": [{"index": body.get(name, {"status": 201})} for name in names]}


def failing(status: int, kind: str = "es_rejected_execution_exception") -> dict[str, Any]:
    return {"status": status, "error": {"type": kind, "reason": "queue full"}}


@pytest.mark.parametrize(
    ("standin", "message"),
    [
        (Standin("8.19.2"), "is Elasticsearch 8.19.2; this program needs 9"),
        (Standin("10.0.0"), "is Elasticsearch 10.0.0; this program needs 9"),
        (Standin(status=401), "wrong credentials: see elasticsearch.api_key"),
        (Standin(status=403), "credentials lack a privilege"),
        (Standin(product=""), "is not Elasticsearch: is index_url right"),
        (Standin(status=404), "answers 404"),
        (Standin(status=503), "answers 503"),
    ],
    ids=["older", "newer", "unauthorised", "forbidden", "something else", "not there", "overloaded"],
)
async def test_a_server_that_is_not_fit_is_named_when_opened(standin: Standin, message: str) -> None:
    async with standin.running() as url:
        with pytest.raises(Unavailable, match=message) as error:
            await ElasticIndex.open(elastic_options(url, username="elastic", password="hush-hush"))
    assert "hush" not in str(error.value)
    assert "hush" not in repr(elastic_options(url, password="hush-hush", api_key="hush"))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://127.0.0.1:1", "cannot be reached at http://127.0.0.1:1"),
        ("http://elastic:hush@127.0.0.1:1", "cannot be reached at http://127.0.0.1:1"),
        ("http://127.0.0.1", "write it as http://HOST:9200"),
        ("http://:9200", "write it as http://HOST:9200"),
        ("http://127.0.0.1:x", "write it as http://HOST:9200"),
    ],
)
async def test_a_url_that_leads_nowhere_is_named(url: str, message: str) -> None:
    with pytest.raises(Unavailable, match=message) as error:
        await ElasticIndex.open(elastic_options(url))
    assert "hush" not in str(error.value)


async def test_only_what_failed_is_written_again() -> None:
    busy = {"a2": failing(429), "a4": failing(503), "a5": {"status": 409}}
    standin = Standin("9.1.0", (200, busy), (200, {"a2": failing(429)}))
    async with standin.running() as url, opened(elastic_options(url)) as index:
        assert await index.put([numbered(n) for n in range(1, 7)]) == ["ok", "ok", "ok", "ok", "stale", "ok"]
    assert standin.bulks == [["a1", "a2", "a3", "a4", "a5", "a6"], ["a2", "a4"], ["a2"]]


async def test_a_request_too_large_on_the_way_is_halved() -> None:
    standin = Standin("9.1.0", (413, None), (413, None))
    async with standin.running() as url, opened(elastic_options(url)) as index:
        assert await index.put([numbered(n) for n in range(1, 5)]) == ["ok"] * 4
        assert standin.bulks == [["a1", "a2", "a3", "a4"], ["a1", "a2"], ["a1"], ["a2"], ["a3", "a4"]]
        standin.answers = [(413, None)]
        with pytest.raises(Rejected, match="too large"):
            await index.put([numbered(1)])


async def test_a_refusal_of_the_whole_makes_no_document_dead() -> None:
    standin = Standin("9.1.0", (400, None))
    async with standin.running() as url, opened(elastic_options(url)) as index:
        with pytest.raises(Unavailable, match="answers 400: y"):
            await index.put([numbered(1), numbered(2)])


@pytest.mark.slow
async def test_one_that_stays_too_busy_is_waited_for() -> None:
    standin = Standin("9.1.0", *[(200, {"a1": failing(429)})] * 20)
    async with standin.running() as url, opened(elastic_options(url)) as index:
        with pytest.raises(Unavailable, match="1 of 2 records not written: 429: queue full"):
            await index.put([numbered(1), numbered(2)])
    assert standin.bulks == [["a1", "a2"]] + [["a1"]] * 7


@pytest.mark.parametrize("writers", [1, 3])
async def test_requests_under_way_and_their_size_are_bounded(writers: int) -> None:
    standin = Standin()
    standin.pause = 0.05
    large = [numbered(n, "", "x" * 3_000_000) for n in range(4)]
    async with standin.running() as url, opened(elastic_options(url, writers=writers)) as index:
        puts = [index.put([numbered(n) for n in range(start, start + 900)]) for start in range(0, 3600, 900)]
        assert sum(len(answers) for answers in await asyncio.gather(*puts)) == 3_600
        assert max(len(names) for names in standin.bulks) <= 1_000
        standin.bulks.clear()
        await index.put(large)
    assert standin.most == writers
    assert [len(names) for names in sorted(standin.bulks)] == [1, 1, 1, 1]  # their text is sent twice
    assert set(standin.seen) > {f"almenara/{__version__} check", f"almenara/{__version__} write"}

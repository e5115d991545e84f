"""Servers that are not Kibana, or not ready."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from pipeline.core.faults import Faults
from pipeline.stage import Unavailable
from tests.contracts.kibana.standin import Handler, Serve, StandIn, asking, send


def saying(status: int, text: str, kind: str = "text/html", **headers: str) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=status, text=text, content_type=kind, headers=headers)

    return answer


ELASTICSEARCH = '{"error":"no handler found for uri [/api/saved_objects/_import] and method [POST]"}'


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (saying(200, "<h1>It works</h1>"), "not Kibana"),
        (saying(200, "{}", "application/json"), "not Kibana"),
        (saying(200, "[1]", "application/json"), "not Kibana"),
        (saying(404, "Not Found"), "not Kibana"),
        (saying(400, ELASTICSEARCH, "application/json"), "Elasticsearch 9200"),
        (saying(500, "oops"), "not Kibana"),
        (saying(302, "", location="https://login.example/"), r"redirects to https://login.example/ \(302\)"),
    ],
    ids=["page", "object", "list", "404", "elasticsearch", "500", "redirect"],
)
async def test_what_is_no_kibana(serve: Serve, handler: Handler, words: str) -> None:
    with pytest.raises(Faults, match=words):
        await send(asking(await serve(handler)))


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (saying(503, "Kibana server is not ready yet"), r"not ready \(503\); try again"),
        (saying(502, "Bad Gateway"), r"not ready \(502\)"),
        (saying(429, '{"statusCode":429}', "application/json"), r"not ready \(429\)"),
        (
            saying(500, '{"statusCode":500,"error":"Internal Server Error","message":"oh"}', "application/json"),
            r"failed: oh \(500\)",
        ),
    ],
    ids=["503", "502", "429", "500"],
)
async def test_a_kibana_that_cannot_now(serve: Serve, handler: Handler, words: str) -> None:
    with pytest.raises(Unavailable, match=words):
        await send(asking(await serve(handler)))


async def test_nothing_listens(unused_tcp_port: int) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        await send(asking(f"http://127.0.0.1:{unused_tcp_port}"))


async def test_silence(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait(request: web.Request) -> web.Response:
        await asyncio.sleep(1)
        return web.Response()

    monkeypatch.setattr("pipeline.backends.kibana.TIMEOUT", 0.1)
    with pytest.raises(Unavailable, match="does not answer"):
        await send(asking(await serve(wait)))


async def test_https_where_there_is_http(kibana: StandIn) -> None:
    with pytest.raises(Faults, match="is it http, not https"):
        await send(asking(kibana.url.replace("http:", "https:")))


async def test_a_certificate_file_that_is_gone(kibana: StandIn, tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"
    file.write_text("-----BEGIN CERTIFICATE-----\n")
    settings = asking(kibana.url, ca=file)
    file.unlink()
    with pytest.raises(Faults, match=r"kibana\.ca: .*authority\.pem: No such file"):
        await send(settings)

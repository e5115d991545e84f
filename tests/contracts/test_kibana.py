"""`almenara kibana import` against a stand-in for Kibana's saved-objects API.

The stand-in takes a request apart as Kibana does and answers in its words; it is not Kibana: that a real one draws the
charts is not shown here.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import BodyPartReader, web
from pydantic import SecretStr

from pipeline import cli
from pipeline.backends.kibana import Imported, Refused, import_objects
from pipeline.config.settings import Kibana
from pipeline.core.faults import Faults
from pipeline.stage import Unavailable

CERTIFICATE = Path(__file__).parents[1] / "data" / "tls" / "localhost.pem"
CONFIG = Path(__file__).parents[2] / "config"
KEY = "bmV3czpyb29t"
VIEW = {"type": "index-pattern", "id": "v", "attributes": {"title": "news-*"}, "references": []}
CHART = {
    "type": "lens", "id": "c", "attributes": {"title": "C"},
    "references": [{"type": "index-pattern", "id": "v", "name": "layer"}],
}  # fmt: skip


#: The newest versions of objects that Kibana 9.0 knows.
NINE = {"index-pattern": "8.0.0", "search": "10.5.0", "lens": "8.9.0", "dashboard": "10.2.0"}


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def lines(*objects: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in objects)


@dataclass
class StandIn:
    """`known`: what was imported, by (space, type, id). `users` may import; `guests` may log in only."""

    spaces: tuple[str, ...] = ("", "newsroom")
    users: tuple[str, ...] = (f"ApiKey {KEY}", "Basic " + base64.b64encode(b"ana:s3cret").decode())
    guests: tuple[str, ...] = ("ApiKey guest",)
    known: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(str(request.rel_url))
        space, _, path = request.path.removeprefix("/s/").partition("/") if "/s/" in request.path else ("", "", "")
        path = path or request.path.removeprefix("/")
        if request.method != "POST" or path != "api/saved_objects/_import":
            return error(404, "Not Found")
        if "kbn-xsrf" not in request.headers:
            return error(400, "Request must contain a kbn-xsrf header.")
        who = request.headers.get("authorization", "")
        if who not in self.users + self.guests:
            return error(401, "Unauthorized")
        if space not in self.spaces:
            return error(404, f"Saved object [space/{space}] not found")
        if who in self.guests:
            return error(403, "Unable to bulk_create dashboard,index-pattern,lens,search")
        given = await self.objects(request)
        return given if isinstance(given, web.Response) else self.keep(space, given, request.query.get("overwrite"))

    async def objects(self, request: web.Request) -> list[dict[str, Any]] | web.Response:
        if request.content_type != "multipart/form-data":
            return error(415, "Unsupported Media Type")
        parts = {}
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            parts[part.name] = part.filename, await part.read()
        if list(parts) != ["file"]:
            return error(400, "[request body.file]: expected value of type [Stream] but got [undefined]")
        name, content = parts["file"]
        if Path(name or "").suffix != ".ndjson":
            return error(400, f"Invalid file extension {Path(name or '').suffix}")
        try:
            return [json.loads(line) for line in content.decode().splitlines() if line.strip()]
        except ValueError as broken:
            return error(400, str(broken))

    def keep(self, space: str, given: list[dict[str, Any]], overwrite: str | None) -> web.Response:
        here = {(one["type"], one["id"]) for one in given} | {(kind, id) for at, kind, id in self.known if at == space}
        failed = []
        for one in given:
            at = (space, one["type"], one["id"])
            missing = [r for r in one.get("references", ()) if (r["type"], r["id"]) not in here]
            if version(one.get("typeMigrationVersion", "0")) > version(NINE[one["type"]]):
                text = f'Document "{one["id"]}" belongs to a more recent version of Kibana'
                failed.append(refusal(one, {"type": "unknown", "message": text, "statusCode": 422}))
            elif missing:
                references = [{"type": r["type"], "id": r["id"]} for r in missing]
                failed.append(refusal(one, {"type": "missing_references", "references": references}))
            elif overwrite != "true" and at in self.known:
                failed.append(refusal(one, {"type": "conflict"}))
            else:
                self.known[at] = one
        said: dict[str, Any] = {"success": not failed, "successCount": len(given) - len(failed), "warnings": []}
        return web.json_response(said | ({"errors": failed} if failed else {}))


def error(status: int, message: str) -> web.Response:
    name = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 415: "Unsupported Media Type"}
    return web.json_response({"statusCode": status, "error": name[status], "message": message}, status=status)


def refusal(one: dict[str, Any], why: dict[str, Any]) -> dict[str, Any]:
    title = one["attributes"]["title"]
    return {"id": one["id"], "type": one["type"], "meta": {"title": title}, "error": why, "managed": False}


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[..., Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    runners = []

    async def start(handler: Handler, tls: ssl.SSLContext | None = None) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app)
        runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        port = runner.addresses[0][1]
        return f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def kibana(serve: Serve) -> StandIn:
    stand_in = StandIn()
    stand_in.url = await serve(stand_in.answer)
    return stand_in


async def send(kibana: Kibana, objects: bytes = lines(VIEW, CHART)) -> Imported:
    home = kibana.url + (f"/s/{kibana.space}" if kibana.space else "")
    return await asyncio.to_thread(import_objects, kibana, objects, home)


def asking(url: str, **more: Any) -> Kibana:
    return Kibana(url=url, **({"api_key": SecretStr(KEY)} | more))


# -- what goes well


async def test_objects_are_imported(kibana: StandIn) -> None:
    assert await send(asking(kibana.url)) == Imported(2, ())
    assert kibana.asked == ["/api/saved_objects/_import?overwrite=true"]
    assert kibana.known == {("", "index-pattern", "v"): VIEW, ("", "lens", "c"): CHART}


async def test_importing_again_replaces(kibana: StandIn) -> None:
    await send(asking(kibana.url))
    renamed = VIEW | {"attributes": {"title": "other-*"}}
    assert await send(asking(kibana.url), lines(renamed, CHART)) == Imported(2, ())
    assert kibana.known == {("", "index-pattern", "v"): renamed, ("", "lens", "c"): CHART}


async def test_into_a_space_with_name_and_password(kibana: StandIn) -> None:
    asked = asking(
        kibana.url, space="newsroom", api_key=SecretStr(""), username="ana", password=SecretStr("s3cret")
    )  # fmt: skip
    assert (await send(asked)).count == 2
    assert kibana.asked == ["/s/newsroom/api/saved_objects/_import?overwrite=true"]
    assert {space for space, _, _ in kibana.known} == {"newsroom"}


async def test_a_certificate_authority_of_our_own(serve: Serve) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    stand_in = StandIn()
    url = await serve(stand_in.answer, context)
    with pytest.raises(Faults, match=r"kibana\.ca: the certificate of https://localhost"):
        await send(asking(url))
    assert stand_in.asked == []
    assert (await send(asking(url, ca=CERTIFICATE))).count == 2


# -- what Kibana refuses


async def test_objects_that_kibana_does_not_take_are_named(kibana: StandIn) -> None:
    newer = VIEW | {"id": "n", "typeMigrationVersion": "99.0.0"}
    done = await send(asking(kibana.url), lines(VIEW, newer, CHART | {"references": [{"type": "lens", "id": "x"}]}))
    assert done == Imported(
        1,
        (
            Refused("index-pattern", "n", 'Document "n" belongs to a more recent version of Kibana'),
            Refused("lens", "c", "missing_references: lens x"),
        ),
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"api_key": SecretStr("wrong")}, r"kibana: Kibana does not accept the credentials \(401\)"),
        ({"api_key": SecretStr("")}, r"kibana: Kibana asks for credentials \(401\)"),
        ({"api_key": SecretStr("guest")}, r"may not import .*Unable to bulk_create .*\(403\) .*Management: All"),
        ({"space": "nowhere"}, r"kibana.space: Kibana does not know the space 'nowhere' .*\[space/nowhere\].*\(404\)"),
    ],
    ids=["wrong", "none", "guest", "space"],
)  # fmt: skip
async def test_who_may_not(kibana: StandIn, change: dict[str, Any], words: str) -> None:
    with pytest.raises(Faults, match=words):
        await send(asking(kibana.url, **change))
    assert kibana.known == {}


async def test_a_path_that_is_not_kibanas(kibana: StandIn) -> None:
    with pytest.raises(Faults, match=r"kibana.url: Kibana does not know the address: Not Found \(404\)"):
        await send(asking(kibana.url + "/wrong"))


async def test_broken_objects(kibana: StandIn) -> None:
    with pytest.raises(Faults, match=r"kibana: Kibana refuses the objects: .*\(400\)"):
        await send(asking(kibana.url), b'{"type":')


# -- servers that are not Kibana, or not ready


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


# -- the command


Almenara = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def almenara(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Almenara:
    """`almenara kibana import` in this process: exit code, standard output and standard error."""

    async def run(**environment: str) -> tuple[int, str, str]:
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("ALMENARA_", "KIBANA_", "INDEX_"))]:
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["almenara", "kibana", "import", "--config", str(tmp_path)])
            code = await asyncio.to_thread(exit_code)
        return code, *capsys.readouterr()

    return run


def exit_code() -> int:
    try:
        cli.main()
    except SystemExit as left:
        return int(left.code or 0)
    return 0


async def test_the_command(kibana: StandIn, tmp_path: Path, almenara: Almenara) -> None:
    """The shipped objects, with another prefix, twice; then with an object of one's own that is refused."""
    settings = {
        "KIBANA_URL": kibana.url, "ALMENARA_KIBANA_API_KEY": KEY, "ALMENARA_KIBANA_SPACE": "newsroom",
        "ALMENARA_ELASTICSEARCH_PREFIX": "desk.2", "INDEX_URL": "http://127.0.0.1:9200",
    }  # fmt: skip
    for _ in range(2):
        code, out, err = await almenara(**settings)
        assert (code, err) == (0, "")
        assert f"imported 12 objects; the dashboard: {kibana.url}/s/newsroom/app/dashboards#/view/desk.2-dash" in out
    shipped = [json.loads(line) for line in (CONFIG / "kibana" / "almenara.ndjson").read_text().splitlines()]
    assert sorted(id for _, _, id in kibana.known) == sorted(
        one["id"].replace("almenara-", "desk.2-") for one in shipped
    )
    assert kibana.known["newsroom", "index-pattern", "desk.2-alerts"]["attributes"]["title"] == "desk.2-alerts"
    assert "almenara-" not in json.dumps(list(kibana.known.values()))

    (tmp_path / "kibana").mkdir()
    (tmp_path / "kibana" / "almenara.ndjson").write_bytes(lines(VIEW, CHART | {"references": [VIEW | {"id": "x"}]}))
    code, out, err = await almenara(**settings)
    assert (code, out) == (1, "")
    assert err == "Kibana took 1 objects and refused 1:\n  lens c: missing_references: index-pattern x\n"


async def test_the_command_without_what_it_needs(kibana: StandIn, almenara: Almenara, unused_tcp_port: int) -> None:
    code, _, err = await almenara()
    assert (code, "kibana.url: is not set" in err) == (1, True)
    code, _, err = await almenara(KIBANA_URL=kibana.url, ALMENARA_KIBANA_API_KEY="wr0ng")
    assert (code, "does not accept the credentials" in err, "wr0ng" in err) == (1, True, False)
    code, _, err = await almenara(KIBANA_URL=f"http://127.0.0.1:{unused_tcp_port}")
    assert (code, "cannot be reached" in err) == (3, True)
    code, _, err = await almenara(KIBANA_URL=kibana.url, ALMENARA_KIBANA_API_KEY=KEY)
    assert (code, "Kibana will find no articles" in err) == (0, True)

"""Whatever strings sites, configuration and people give: on no page does anything run, load or lead astray."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest
from lxml import etree

from pipeline.assembly.console import access_of, desk_of
from pipeline.assembly.deployment import deployment_of
from pipeline.config.folder import load
from pipeline.console.api.table import routes as api_routes
from pipeline.console.app import build
from pipeline.console.routes import ROUTES
from pipeline.core.alerts.firing import alert_id
from tests.console.conftest import browser, sent
from tests.console.hostile import POISON, escapes, write_hostile
from tests.console.newsroom import NOW

ALERT = alert_id("h1", 1, "hostile")
BAD = quote(POISON, safe="")
#: Route -> addresses of it, for every route that is read.
READ: dict[str, tuple[str, ...]] = {
    "now": ("/?span=all",), "search": ("/search?q=poisoned", "/search?q=poisoned&span=all"),
    "search.complete": ("/search/complete?q=source:x", "/search/complete?q=topic:"),
    "search.export": ("/search/export.csv?q=poisoned", "/search/export.jsonl?q=poisoned"),
    "article.why": ("/article/h1/why",), "article.record": ("/article/h1/record.json",),
    "article": (*(f"/article/{id}?q=poisoned" for id in ("h1", "h2", "h3", "l0", "l2")), f"/article/{BAD}"),
    "story": ("/story/h1", "/story/l0", "/story/l2", f"/story/{BAD}"), "system": ("/system",),
    "alerts": ("/alerts", "/alerts?status=muted"), "act": (f"/act/{BAD}",),
    "alert": (f"/alerts/{ALERT}", "/alerts/gone", f"/alerts/{BAD}"), "rules": ("/rules",),
    "rules.edit": ("/rules/edit?rule=hostile", f"/rules/edit?query={BAD}", f"/rules/edit?rule={BAD}"),
    "rules.tried": (f"/rules/backtest/{BAD}",), "watch": ("/watch",), "topics": ("/topics",),
    "topic": ("/topics/troops", f"/topics/{BAD}"), "configuration": ("/system/configuration",),
    "dead": ("/system/dead",), "dead.one": ("/system/dead/0",), "audit": ("/system/audit",),
    "sources": ("/sources", f"/sources?q={BAD}"), "sources.ask": ("/sources/add", f"/sources/add?url={BAD}"),
    "sources.opml": ("/sources/opml",), "source": ("/sources/hostile", f"/sources/{BAD}"),
    "settings": ("/settings",), "login": ("/login", f"/login?next={BAD}"),
    "atom.now": ("/atom/now?span=all",), "atom.search": ("/atom/search?q=poisoned&span=all",),
    "atom.alerts": ("/atom/alerts",), "atom.rule": ("/atom/rules/hostile", f"/atom/rules/{BAD}"),
    "atom.watch": ("/atom/watch",), "atom.topic": ("/atom/topics/troops",),
}  # fmt: skip
ELSEWHERE = {"live", "static"}  # they have tests of their own, and no text from outside
REFLECTED = (
    "q", "rule", "topic", "country", "language", "source", "sort", "span", "status", "done", "error", "back", "next",
    "page", "since", "until", "health", "group", "version", "url", "named", "query", "name", "of", "hide", "was",
)  # fmt: skip
#: Pages that take parameters.
ASKED = (
    "/", "/search", "/alerts", "/rules", "/rules/edit", "/watch", "/topics", "/sources", "/sources/add", "/system",
    "/system/dead", "/system/audit", "/settings", "/login", "/article/h1", "/story/h1", "/atom/now", "/atom/search",
    "/atom/alerts", "/search/complete",
)  # fmt: skip
#: Where a form goes, its fields, and the page it is on.
FORMS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("/views", {"view": "javascript:window.ran=1", "title": POISON}, "/"),
    ("/views", {"view": "//evil.example/", "title": POISON}, "/"),
    ("/keep/star/h1", {"on": "1", "back": "//evil.example/"}, "/story/h1"),
    ("/keep/star/h1", {"on": "1", "back": "https://evil.example/"}, "/story/h1"),
    ("/story/h1/split", {"article": POISON, "into": POISON}, "/story/h1"),
    ("/story/h1/merge", {"other": POISON}, "/story/h1"),
    ("/story/h1/mute", {"for": "1d", "reason": POISON}, "/story/l0"),
    ("/alerts/mark", {"alert": POISON, "mark": "noise", "back": "//evil.example"}, "/alerts"),
    ("/alerts/mute", {"rule": POISON, "for": "1d", "reason": POISON, "back": "//evil.example"}, "/alerts"),
    ("/rules/check", {"name": POISON, "query": POISON, "channels": POISON}, "/rules/edit"),
    ("/rules/edit", {"name": POISON, "query": POISON, "channels": POISON}, "/rules/edit"),
    ("/rules/backtest", {"name": POISON, "query": "poisoned", "span": "7d"}, "/rules/edit"),
    ("/sources/hostile/edit", {"name": POISON, "groups": POISON, "country": POISON}, "/sources/hostile"),
    ("/sources/hostile/check", {"name": POISON, "url": POISON, "headers": POISON, "every": POISON}, "/sources/hostile"),
    ("/sources/opml/add", {"feed": POISON, "file": POISON, "name": POISON}, "/sources/add"),
    ("/sources/add", {"feed": POISON, f"name {POISON}": POISON}, "/sources/add"),
    ("/sources/look", {"url": POISON}, "/sources/add"),
    ("/settings", {"language": POISON, "zone": POISON, "theme": POISON}, "/settings"),
    ("/system/dead/replay", {"number": POISON, "back": "//evil.example"}, "/system/dead"),
)  # fmt: skip
PATHS = [path for paths in READ.values() for path in paths]


@pytest.fixture
async def client(poisoned: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    write_hostile(tmp_path / "config")
    shutil.copytree(poisoned / "data", tmp_path / "data")
    configuration = load(tmp_path / "config")
    deployment = deployment_of(configuration.settings)
    async with desk_of(deployment, lambda: configuration, lambda: NOW) as desk:
        await desk.follower.look()
        async with browser(build(desk, access_of(configuration.settings))) as client:
            yield client


def test_every_page_is_tried() -> None:
    assert {route.name for route in ROUTES if "GET" in (route.methods or ())} == set(READ) | ELSEWHERE


async def test_nothing_escapes(client: httpx.AsyncClient) -> None:
    for path in PATHS:
        answer = await client.get(path)
        assert answer.status_code < 500, path
        assert "/act/" in path or BAD in path or answer.status_code in (200, 303), (path, answer.status_code)
        _is_safe(answer)


async def test_nothing_escapes_in_what_programs_get(client: httpx.AsyncClient) -> None:
    _is_safe(await client.get("/api"))
    ids = {"story": "h1", "article": "h1", "alert": ALERT, "topic": "troops", "source": "hostile", "rule": "hostile"}
    tried = 0
    for route in api_routes():
        if "GET" in (route.methods or ()):
            for value in (None, BAD):
                path = re.sub(r"\{(\w+)[^}]*\}", lambda found: value or ids.get(found[1], "h1"), route.path)  # noqa: B023
                answer = await client.get(path)
                assert answer.status_code < 500, path
                _is_safe(answer)
                tried += 1
    assert tried > 20


async def test_the_poison_is_shown(client: httpx.AsyncClient) -> None:
    """Otherwise the other tests would prove nothing."""
    for path in ("/?span=all", "/search?q=poisoned&span=all", "/article/h1", "/story/h1", "/alerts", f"/alerts/{ALERT}",
                 "/rules", "/rules/edit?rule=hostile", "/sources", "/sources/hostile", "/system/dead",
                 "/system/audit", "/topics", "/topics/troops"):  # fmt: skip
        assert "&lt;b data-poison&gt;" in (await client.get(path)).text, path


@pytest.mark.parametrize("value", [POISON, "javascript:window.ran=1", "//evil.example/", "https://evil.example/"])
async def test_nothing_escapes_that_an_address_says(client: httpx.AsyncClient, value: str) -> None:
    for path in ASKED:
        await _asks(client, path, dict.fromkeys(REFLECTED, value))


@pytest.mark.slow
@pytest.mark.parametrize("path", ASKED)
async def test_no_part_of_an_address_escapes(client: httpx.AsyncClient, path: str) -> None:
    for name in REFLECTED:
        await _asks(client, path, {name: POISON})


async def _asks(client: httpx.AsyncClient, path: str, parameters: dict[str, str]) -> None:
    answer = await client.get(f"{path}?{urlencode(parameters)}")
    assert answer.status_code < 500, (path, parameters)
    assert "evil.example" not in answer.headers.get("location", ""), (path, parameters)
    _is_safe(answer)


async def test_nothing_escapes_that_a_form_says(client: httpx.AsyncClient) -> None:
    for path, fields, page in FORMS:
        answer = await sent(client, path, fields, page=page)
        assert answer.status_code < 500, path
        _is_safe(answer)
        to = answer.headers.get("location", "/")
        assert to.startswith("/"), (path, to)
        assert not to.startswith(("//", "/\\")), (path, to)
        _is_safe(await client.get(to))


def _is_safe(answer: httpx.Response) -> None:
    kind = answer.headers.get("content-type", "")
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    if not answer.text:
        return
    if kind.startswith("text/html"):
        assert escapes(answer.text) == []
    elif kind.startswith(("application/atom+xml", "text/x-opml", "application/xml")):
        _is_safe_feed(answer)
    elif kind.startswith(("application/json", "application/problem+json")):
        json.loads(answer.text)
    else:
        assert kind.startswith(("text/csv", "application/jsonl", "application/x-ndjson", "text/plain")), kind


def _is_safe_feed(answer: httpx.Response) -> None:
    root = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False))
    for element in root.iter(etree.Element):
        assert not any("poison" in name for name in element.attrib), element.attrib
        assert "poison" not in str(element.tag)
        if address := element.get("href"):
            assert re.match(r"https?://|/", address), address
        if element.get("type") == "html" and element.text and element.tag.endswith(("content", "summary")):
            assert escapes(element.text) == []

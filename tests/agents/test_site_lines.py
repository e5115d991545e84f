"""What a site repeats is learned from pages, survives a kill, and is removed by the next process; in both modes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web

from pipeline.assembly.deployment import deployment_for
from pipeline.core.urls import registrable
from pipeline.log.reading import read_all, read_newest
from pipeline.ports import Log
from pipeline.records import Article, Item, SiteLines
from pipeline.stage import Out
from tests.agents.workers import Place, until
from tests.builders import item
from tests.core.pages.test_site_lines import PROMPT, START, TITLES, text

pytestmark = pytest.mark.slow

Open = Callable[[], Awaitable[Log]]


@asynccontextmanager
async def site() -> AsyncIterator[str]:
    """The address of a site whose every article has the prompt."""

    async def page(request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        body = "".join(f"<p>{line}</p>" for line in text(number, PROMPT).split("\n"))
        html = f"<head><title>{TITLES[number]}</title></head><body><article><h1>{TITLES[number]}</h1>{body}</article>"
        return web.Response(text=html, content_type="text/html")

    app = web.Application()
    app.router.add_get(r"/{number:\d+}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        listener = web.TCPSite(runner, "127.0.0.1", 0)
        await listener.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def links(address: str, numbers: range, seen: datetime) -> list[Out]:
    items: list[Item] = [item(f"{address}/{number}", seen=seen, title=None) for number in numbers]
    return [Out("items", registrable(one.url), one) for one in items]


async def articles(log: Log) -> dict[str, Article]:
    found, _ = await read_all(log, "articles", Article)
    return {one.url.rpartition("/")[2]: one for one in found.values()}


async def is_done(log: Log, count: int) -> bool:
    """Whether there are so many articles, and what was learned is on the log."""
    states, _ = await read_newest(log, "site-lines", SiteLines)
    learned = [line.text for state in states.values() for line in state.lines]
    return len(await articles(log)) == count and learned == [PROMPT]


async def learn_and_remove(place: Place, command: str, only: tuple[str, ...], reader: Open, writer: Open) -> None:
    async with site() as address:
        for numbers, seen in ((range(8), START), (range(8, 10), START + timedelta(days=2))):
            log = await writer()
            await log.publish(links(address, numbers, seen))
            await log.close()
            async with place.worker(*only, command=command) as worker:
                log = await reader()
                try:
                    await until(partial(is_done, log, numbers[-1] + 1), worker)
                    found = await articles(log)
                finally:
                    await log.close()
                worker.process.kill()
    assert {one.site_lines for number, one in found.items() if int(number) < 8} == {0}
    assert [(found[number].text, found[number].site_lines) for number in "89"] == [(text(8), 1), (text(9), 1)]


async def test_embedded(tmp_path: Path) -> None:
    deployment = deployment_for(Place.made(tmp_path).folder / "config")
    place = Place(tmp_path)
    await learn_and_remove(place, "run", (), deployment.open_log, lambda: deployment.open_log(write=True))


async def test_on_a_broker(tmp_path: Path, kafka: str, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"ALMENARA_LOG_URL": kafka, "ALMENARA_KAFKA_PREFIX": prefix}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    place = Place.made(tmp_path, **environment)
    deployment = deployment_for(place.folder / "config")
    broker = await deployment.open_broker()
    await broker.create()
    await broker.close()
    await learn_and_remove(place, "worker", ("clean",), deployment.open_broker, deployment.open_broker)

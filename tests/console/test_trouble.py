"""Log or index stop answering under open pages: they say so and what to do, and go on by themselves afterwards."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, MutableMapping, Sequence
from datetime import timedelta
from functools import partial
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any

import httpx
import pytest

from pipeline.assembly.console import access_of
from pipeline.assembly.deployment import Deployment
from pipeline.console.app import build
from pipeline.console.desk import Desk
from pipeline.console.follow import Change, Cursor
from pipeline.console.language import Reader
from pipeline.console.live import Stream
from pipeline.core.stories.updates import changed_by
from pipeline.core.wording import Text
from pipeline.records import Document
from pipeline.stage import Out, Unavailable
from tests.builders import document
from tests.console.conftest import browser, words_of
from tests.console.newsroom import NOW
from tests.console.safety.test_late_forms import RULE, _fields, _post
from tests.reports.ledgers import state

WHY = "Kafka at 127.0.0.1:9092 does not answer: is it running?"


class Frail:
    """A log or an index that can be away. `mute`: methods that do not answer; answers of several parts break off after
    the first while `broken`."""

    def __init__(self, whole: Any) -> None:
        self.whole, self.mute = whole, frozenset[str]()
        self.broken = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.whole, name)

        async def asked(*given: Any, **named: Any) -> Any:
            if name in self.mute:
                raise Unavailable(WHY)
            return await method(*given, **named)

        async def parts(*given: Any, **named: Any) -> AsyncIterator[Any]:
            async for part in method(*given, **named):
                if name in self.mute:
                    raise Unavailable(WHY)
                yield part
                if self.broken:
                    raise Unavailable(WHY)

        return parts if isasyncgenfunction(method) else asked if iscoroutinefunction(method) else method


OVER = {"why": "", "lang": ""}
LOG = frozenset({"ends", "replay", "publish", "read"})
INDEX = frozenset({"search", "get", "get_stories", "list_stories", "max_seq", "count", "versions"})


@pytest.fixture
async def log(desk: Desk) -> Frail:
    """The log of the desk."""
    desk.log = desk.follower.log = Frail(desk.log)
    return desk.log


@pytest.fixture
async def index(desk: Desk) -> Frail:
    """The index of the desk, opened."""
    await desk.index()
    desk._index = frail = Frail(desk._index)
    return frail


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are short."""
    for name in ("follow.AGAIN", "follow.IDLE", "follow.EVERY", "live.GATHER", "live.AGAIN"):
        monkeypatch.setattr(f"pipeline.console.{name}", 0.02)


async def _for_ever() -> MutableMapping[str, Any]:
    await asyncio.Event().wait()
    return {}


class Reading:
    """A browser that reads the live updates of a page that was made before."""

    def __init__(self, desk: Desk, made: Cursor) -> None:
        self.heard: list[str] = []
        self.events: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        stream = Stream(desk.follower, made, made, self._judge, "ana", Reader(NOW, "es"))
        self.task = asyncio.create_task(stream({"type": "http"}, _for_ever, self._send))

    async def _judge(self, documents: Sequence[Document], changes: Sequence[Change]) -> dict[str, bool]:
        new = [*(one.article.id for one in documents), *(one.id for one in changes)]
        self.heard += new
        return dict.fromkeys(new, True)

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        for name, data in re.findall(r"event: (\w+)\ndata: (.*)\n", message.get("body", b"").decode()):
            self.events.put_nowait((name, json.loads(data)))

    async def next(self) -> tuple[str, dict[str, Any]]:
        return await asyncio.wait_for(self.events.get(), 5)


@pytest.fixture
async def reading(desk: Desk) -> AsyncIterator[Reading]:
    """A page that is open, while the log is followed."""
    following = asyncio.create_task(desk.follower.run())
    found = Reading(desk, desk.follower.news.cursor)
    yield found
    for task in (found.task, following):
        task.cancel()
    await asyncio.gather(found.task, following, return_exceptions=True)


async def test_an_open_page_hears_that_the_log_is_away_and_what_came_meanwhile_once(
    desk: Desk, log: Frail, reading: Reading
) -> None:
    log.mute = LOG
    assert await reading.next() == ("trouble", {"why": WHY, "lang": "en"})
    await log.whole.publish([state("a8", story="p1"), state("a9", story="p1")])
    log.mute, log.broken = frozenset(), True  # it answers again, and goes away each time in the middle
    kind, news = await reading.next()
    while kind != "news" or news["new"] < 2:
        kind, news = await reading.next()
    log.broken = False
    while await reading.next() != ("trouble", OVER):
        pass
    assert (reading.heard, news["stories"]) == (["a8", "a9"], ["a8", "a9"])


async def test_what_is_known_of_a_trouble_is_said_in_the_language_of_the_reader(desk: Desk, reading: Reading) -> None:
    desk.follower.trouble = Text("{} was changed meanwhile: look at the rule again before you save it", "x")
    desk.follower._wake()
    name, data = await reading.next()
    assert (name, data["lang"]) == ("trouble", "")
    assert data["why"].startswith("x cambió")


async def test_what_the_index_gets_after_an_outage_is_counted_once(
    deployment: Deployment, desk: Desk, index: Frail, reading: Reading
) -> None:
    one, now = document("A ferry is late", "Late.", id="n1", seq=60, story_id="n1"), [NOW]
    desk.follower.clock, index.mute = lambda: now[0], INDEX
    await desk.log.publish([Out("documents", "n1", one)])
    assert await reading.next() == ("trouble", {"why": WHY, "lang": "en"})
    now[0] += timedelta(hours=1)
    await asyncio.sleep(0.1)
    index.mute = frozenset()
    assert await reading.next() == ("trouble", OVER)
    await asyncio.sleep(0.1)  # the stage index writes it a little later
    assert (reading.heard, reading.events.empty()) == ([], True)
    writer = await deployment.open_index(write=True)
    await writer.put([one])
    await writer.put_stories(changed_by(one, partial(lambda known, ids: known, {})))
    await writer.close()
    _, news = await reading.next()
    assert (reading.heard, news["new"]) == (["n1"], 1)


@pytest.mark.parametrize("path", ["/", "/story/p1", "/article/p1", "/search?q=strike", "/topics/troops"])
async def test_pages_without_the_index_say_what_is_wrong_and_come_by_themselves(
    desk: Desk, index: Frail, path: str
) -> None:
    async with browser(build(desk, access_of(desk.configuration().settings))) as client:
        index.mute = INDEX
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert WHY in words_of(answer)
        assert "data-again" in answer.text
        index.mute = frozenset()
        assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/system", "/", "/story/p1", "/search", "/watch", "/alerts"])
async def test_pages_that_need_not_read_the_log_are_there_without_it(
    log: Frail, client: httpx.AsyncClient, path: str
) -> None:
    log.mute = LOG
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/rules", "/sources", "/sources/hafenblatt"])
async def test_pages_that_read_the_log_say_that_it_is_away(log: Frail, client: httpx.AsyncClient, path: str) -> None:
    log.mute = LOG
    answer = await client.get(path)
    assert (answer.status_code, WHY in words_of(answer), "data-again" in answer.text) == (503, True, True)
    log.mute = frozenset()
    assert (await client.get(path)).status_code == 200


async def test_what_is_asked_without_the_log_is_refused_with_what_is_wrong(
    desk: Desk, log: Frail, client: httpx.AsyncClient
) -> None:
    form = {**_fields((await client.get("/rules/edit")).text), **RULE}
    file = desk.configuration().folder / "alerts.toml"
    before, log.mute = file.read_bytes(), LOG
    answer = await _post(client, "/rules/edit", form)
    assert (answer.status_code, WHY in words_of(answer)) == (503, True)
    assert RULE["query"].replace('"', "&#34;") in answer.text  # what was typed is still there
    assert file.read_bytes() == before
    answer = await _post(client, "/story/p1/mute", {"token": form["token"], "for": "1d"})
    assert (answer.status_code, WHY in words_of(answer), "data-again" in answer.text) == (503, True, False)

"""Live updates: what is new is announced once the index has it, over reconnects, to many readers at once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, MutableMapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import httpx
import pytest

from pipeline.assembly.console import console_served
from pipeline.assembly.deployment import Deployment
from pipeline.config.folder import Configuration
from pipeline.console.desk import Desk
from pipeline.console.follow import Change, Cursor, Follower, News
from pipeline.console.language import Reader
from pipeline.console.live import Stream
from pipeline.core.stories.updates import changed_by
from pipeline.records import Document, Feed, Story
from pipeline.stage import Out, Unavailable
from pipeline.web.server import listen, url_of
from tests.builders import document, feed
from tests.console.newsroom import NOW
from tests.reports.ledgers import state


def _document(seq: int, story: str = "n1") -> Document:
    return document(f"Title {seq}", "Text.", id=f"n{seq}", seq=seq, story_id=story)


async def _publish(deployment: Deployment, *documents: Document, indexed: bool = True) -> None:
    """As relate and index do it."""
    log = await deployment.open_log(write=True)
    await log.publish([Out("documents", one.article.id, one) for one in documents])
    await log.close()
    if indexed:
        index = await deployment.open_index(write=True)
        await index.put(list(documents))
        for one in documents:
            known = await index.get_stories([one.relation.story_id])
            await index.put_stories(changed_by(one, partial(_among, known)))
        await index.close()


def _among(known: Mapping[str, Story], ids: Sequence[str]) -> Mapping[str, Story]:
    return {id: known[id] for id in ids if id in known}


@pytest.mark.parametrize(
    ("text", "cursor"),
    [
        ("12-3", Cursor(12, (3,))),
        ("12-3.0.7", Cursor(12, (3, 0, 7))),
        ("0-", Cursor()),
        ("", None),
        ("12", None),
        ("a-b", None),
        ("1-2-3", None),
        ("1-2..3", None),
        ("١-٢", None),
    ],
)
def test_cursors_are_read_as_written(text: str, cursor: Cursor | None) -> None:
    assert Cursor.parse(text) == cursor
    if cursor:
        assert str(cursor) == text


def test_what_is_forgotten_is_said_to_be_missing() -> None:
    news = News()
    news.documents.extend(_document(seq) for seq in range(100, 700))
    assert [len(news.since(Cursor(seq))[0]) for seq in (699, 690, 0)] == [0, 9, 400]
    assert [news.since(Cursor(seq))[2] for seq in (699, 690, 299, 0)] == [True, True, True, False]


async def test_documents_are_announced_when_the_index_has_them(deployment: Deployment, desk: Desk) -> None:
    follower, before = desk.follower, desk.follower.news.cursor
    await _publish(deployment, _document(50), indexed=False)
    await follower.look()
    assert follower.news.cursor == before
    index = await deployment.open_index(write=True)
    await index.put([_document(50)])
    await follower.look()
    assert follower.news.cursor == before  # its story is written with the next batch
    await index.put_stories(changed_by(_document(50), partial(_among, {})))
    await index.close()
    await follower.look()
    assert follower.news.cursor == Cursor(50, before.alerts)
    assert [one.relation.seq for one in follower.news.since(before)[0]] == [50]


async def test_folds_follow_what_is_added_and_removed(desk: Desk) -> None:
    follower = desk.follower
    assert "harbour-post" in follower.feeds.by_key
    await desk.log.publish([Out("feeds", "new", feed("new")), Out("feeds", "paused", None)])
    await follower.look()
    assert isinstance(follower.feeds.by_key["new"], Feed)
    await desk.log.publish([Out("feeds", "new", None)])
    await follower.look()
    assert "new" not in follower.feeds.by_key


async def test_states_of_alerts_are_counted_from_the_cursor_on(desk: Desk) -> None:
    before = desk.follower.news.cursor
    for status in ("reported", "held"):
        await desk.log.publish([state("a9", status=status, story="p1")])
        await desk.follower.look()
    _, changes, whole = desk.follower.news.since(before)
    assert [(one.id, one.before and one.before.status) for one in changes] == [("a9", None), ("a9", "reported")]
    assert whole


def test_states_of_alerts_that_are_forgotten_are_said_to_be_missing() -> None:
    news = News()
    for offset in range(500):
        news.take(Change(offset % 2, offset, f"a{offset}", "", None))
    made = [Cursor(0, (offset, offset)) for offset in (498, 100, 99)]
    assert [len(news.since(cursor)[1]) for cursor in made] == [2, 400, 400]
    assert [news.since(cursor)[2] for cursor in made] == [True, True, False]


@asynccontextmanager
async def _served(deployment: Deployment, configuration: Configuration) -> AsyncIterator[str]:
    listener = listen("127.0.0.1", 0)
    async with console_served(deployment, lambda: configuration, listener):
        yield url_of(listener)


async def _events(
    client: httpx.AsyncClient, path: str, **headers: str
) -> AsyncGenerator[tuple[str, dict[str, Any]], None]:
    """Id and data of each event."""
    async with client.stream("GET", path, headers=headers, timeout=20) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        id = ""
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                id = line[4:]
            if line.startswith("data: "):
                yield id, json.loads(line[6:])


async def test_readers_hear_of_news_within_a_second_and_come_back_without_missing_any(
    deployment: Deployment, configuration: Configuration
) -> None:
    async with _served(deployment, configuration) as home, httpx.AsyncClient(base_url=home) as client:
        await client.get("/settings")  # the log has been read
        events = _events(client, "/live?of=all&made=9-")
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.2)
        if waiting.done():  # the alerts of the newsroom
            waiting = asyncio.ensure_future(anext(events))
        await _publish(deployment, _document(60, "n1"), _document(61, "n1"), _document(62, "n2"))
        start = time.monotonic()
        id, data = await asyncio.wait_for(waiting, 5)
        assert time.monotonic() - start < 1
        assert (data["new"], data["stories"], data["more"]) == (2, ["n1", "n2"], False)
        await events.aclose()
        await _publish(deployment, _document(63, "n3"))
        again = _events(client, "/live?of=all&made=9-", **{"Last-Event-ID": id})
        _, data = await asyncio.wait_for(anext(again), 5)
        assert data["new"] == 3  # since the page was made
        await again.aclose()


@pytest.mark.slow
async def test_sixty_readers_hear_of_news_within_a_second_while_others_read(
    deployment: Deployment, configuration: Configuration
) -> None:
    async with _served(deployment, configuration) as home:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=home, limits=limits) as client:
            await client.get("/settings")

            async def read() -> float:
                async for _, data in _events(client, "/live?of=all&made=9-999"):
                    if data["new"]:
                        return time.monotonic()
                return float("inf")

            readers = [asyncio.create_task(read()) for _ in range(60)]
            await asyncio.sleep(1)
            await _publish(deployment, _document(70))
            start = time.monotonic()
            page = await client.get("/system")
            times = await asyncio.wait_for(asyncio.gather(*readers), 10)
            assert page.status_code == 200
            assert max(times) - start < 2


async def test_pages_count_as_readers_until_they_leave(desk: Desk) -> None:
    """Also just after an update: else the next one would wait for the long pause of a console that nobody reads."""
    follower, left, updated = desk.follower, asyncio.Event(), asyncio.Event()

    async def receive() -> dict[str, Any]:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if b"event: news" in message.get("body", b""):
            updated.set()

    async def judge(documents: Sequence[Document], changes: Sequence[Change]) -> dict[str, bool]:
        return {change.id: True for change in changes}

    here = Stream(follower, follower.news.cursor, follower.news.cursor, judge, "ana", Reader(NOW))
    reading = asyncio.create_task(here({"type": "http"}, receive, send))
    await desk.log.publish([state("a9", story="p1")])
    await follower.look()
    await updated.wait()
    assert follower.readers == {"ana": 1}
    left.set()
    await reading
    assert not follower.readers


async def test_the_end_of_the_process_ends_streams_at_once(
    deployment: Deployment, configuration: Configuration
) -> None:
    async with httpx.AsyncClient() as client:
        async with _served(deployment, configuration) as home:
            events = _events(client, f"{home}/live?made=9-999")
            waiting = asyncio.ensure_future(anext(events, None))
            await asyncio.sleep(0.5)
            start = time.monotonic()
        assert time.monotonic() - start < 1.5
        assert await waiting is None


async def test_a_log_that_does_not_answer_is_asked_again(desk: Desk) -> None:
    class Once:
        """The log of the desk, which is down at first."""

        asked = 0

        async def ends(self) -> dict[tuple[str, int], int]:
            self.asked += 1
            if self.asked == 1:
                raise Unavailable("down")
            return await desk.log.ends()

        def __getattr__(self, name: str) -> Any:
            return getattr(desk.log, name)

    follower = Follower(Once(), desk.index, desk.clock)
    task = asyncio.create_task(follower.run())
    await asyncio.wait_for(follower.caught_up.wait(), 5)
    task.cancel()
    assert "harbour-post" in follower.feeds.by_key


async def test_a_reader_has_a_limited_number_of_streams(deployment: Deployment, configuration: Configuration) -> None:
    limits = httpx.Limits(max_connections=200)
    async with _served(deployment, configuration) as home, httpx.AsyncClient(base_url=home, limits=limits) as client:
        async with AsyncExitStack() as open_:
            answers = [await open_.enter_async_context(client.stream("GET", "/live")) for _ in range(103)]
            assert [one.status_code for one in answers] == [200] * 100 + [429] * 3
            assert (await client.get("/settings")).status_code == 200
        async with asyncio.timeout(5):
            while True:  # until the server knows that they are closed
                async with client.stream("GET", "/live") as answer:
                    if answer.status_code == 200:
                        break
                await asyncio.sleep(0.1)

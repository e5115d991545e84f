"""Live updates: a stream of server-sent events that says how much is new, for a page that is being read.

https://html.spec.whatwg.org/multipage/server-sent-events.html. A page is never changed: the browser shows a bar, which
counts what the page would show as new or changed if it were loaded again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from pipeline.console.follow import Cursor, Follower
from pipeline.console.language import Reader
from pipeline.console.newly import Choose, Judge, everything
from pipeline.console.pages import alerts, now, search
from pipeline.console.rendering import desk_of, reader_for
from pipeline.console.safety.access import Who
from pipeline.stage import Unavailable

PULSE = 20.0  # seconds between signs of life: proxies close streams in which nothing comes
PING = ":\n\n"  # a comment
PATIENCE = 20.0  # seconds for a browser to take an event
AGAIN = 5.0  # seconds after which an index that did not answer is asked again
GATHER = 0.25  # seconds in which further news are gathered into one event
LISTED = 100  # ids that an event names
MOST = 100  # streams that one reader may have open: windows, each with a page that is seen

#: Page -> what it counts.
CHOOSERS: Mapping[str, Choose] = {
    "all": everything, "now": now.newly, "search": search.newly, "alerts": alerts.newly,
}  # fmt: skip


async def live(request: Request) -> Response:
    """`of`: which page it is, with the parameters of its view; `made`: the cursor that the page has."""
    choose = CHOOSERS.get(request.query_params.get("of", "all"), everything)
    follower = desk_of(request).follower
    made = Cursor.parse(request.query_params.get("made", "")) or follower.news.cursor
    last = request.headers.get("last-event-id") or request.query_params.get("seen", "")
    who: Who = request.state.who
    reader = who.name or f"from {request.state.peer}"
    if follower.readers.get(reader, 0) >= MOST:
        return PlainTextResponse("too many pages with live updates are open", 429)
    said = reader_for(request)
    return Stream(follower, made, Cursor.parse(last) or made, choose(request, made), reader, said)


@dataclass
class Stream(Response):
    """The events for one reader. `made`: when the page was made; `seen`: the last event that the browser has."""

    follower: Follower
    made: Cursor
    seen: Cursor
    judge: Judge
    reader: str  # whose pages are counted
    said: Reader  # in whose language troubles are told
    told: str = ""  # the trouble that the browser shows
    counted: dict[str, None] = field(default_factory=dict)  # what is new, in the order in which it came
    judged: Cursor | None = None  # up to where

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(scope, send))
        leaving = asyncio.create_task(_left(receive))
        self.follower.readers[self.reader] += 1
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.follower.readers -= {self.reader: 1}
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _send(self, scope: Scope, send: Send) -> None:
        headers = Headers({
            "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no",
        })  # fmt: skip
        await send({"type": "http.response.start", "status": 200, "headers": headers.raw})
        cursor, text = self.seen, "retry: 2000\n\n"
        with suppress(TimeoutError):  # a browser that takes nothing: it comes back
            while not self.follower.stopped:
                await asyncio.wait_for(_part(send, text), PATIENCE)
                text = PING
                if await self.follower.moved(cursor, self.told, PULSE):
                    await asyncio.sleep(GATHER)
                    cursor, text = await self._news()
                if self.follower.trouble != self.told:
                    self.told = self.follower.trouble
                    text += trouble(self.told, self.said)
        await send({"type": "http.response.body", "body": b""})

    async def _news(self) -> tuple[Cursor, str]:
        """The cursor after, and the event for all that came since the page was made. Each news are judged once."""
        news = self.follower.news
        cursor, start = news.cursor, self.judged or self.made
        documents, changes, whole = news.since(start)
        try:
            found = await self.judge(documents, changes)
        except (Unavailable, ValueError):  # judged with the next news
            await asyncio.sleep(AGAIN)
            return start, PING
        self.judged = cursor
        for id, new in found.items():
            self.counted.pop(id, None)
            if new:
                self.counted[id] = None
        return cursor, event(cursor, list(self.counted), whole) if found or not whole else PING


def event(cursor: Cursor, counted: list[str], whole: bool) -> str:
    """The event. `new`: how many are new; `more`: there were others, which are forgotten; `stories`: the newest ids."""
    data = {"new": len(counted), "more": not whole, "stories": counted[-LISTED:]}
    return f"id: {cursor}\nevent: news\ndata: {json.dumps(data)}\n\n"


def trouble(why: str, reader: Reader) -> str:
    """The event that nothing new comes at present, and why; with "" that it does again. `lang`: of what is English."""
    data = {"why": reader.said(why), "lang": "" if not why or reader.says(why) else "en"}
    return f"event: trouble\ndata: {json.dumps(data)}\n\n"


async def _part(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

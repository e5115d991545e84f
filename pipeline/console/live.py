"""Live updates: a stream of server-sent events that says how much is new, for a page that is being read.

https://html.spec.whatwg.org/multipage/server-sent-events.html. A page is never changed: the browser shows a bar.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pipeline.console.follow import Cursor, Follower, stories_of
from pipeline.console.pages import now, search
from pipeline.console.rendering import desk_of
from pipeline.records import Alert, Document

PULSE = 20.0  # seconds between signs of life: proxies close streams in which nothing comes
PING = ":\n\n"  # a comment
PATIENCE = 20.0  # seconds for a browser to take an event
GATHER = 0.1  # seconds in which further news are gathered into one event
LISTED = 100  # stories that an event names

#: Says which documents and alerts a page counts as new.
Counts = Callable[[Document], bool]
Chooser = Callable[[Request], Counts]


def everything(_: Request) -> Counts:
    """Count every document, except notes that a page is gone."""
    return lambda document: not document.relation.noted


#: Page -> what it counts; a page whose view is limited adds its own here.
CHOOSERS: dict[str, Chooser] = {"all": everything, "now": now.counts, "search": search.counts}


async def live(request: Request) -> Response:
    """`of`: which page it is, with the parameters of its view; `since`: the cursor that the page has."""
    choose = CHOOSERS.get(request.query_params.get("of", "all"), everything)
    follower = desk_of(request).follower
    made = Cursor.parse(request.query_params.get("since", "")) or follower.news.cursor
    last = request.headers.get("last-event-id") or request.query_params.get("seen", "")
    seen = Cursor.parse(last) or made
    return Stream(follower, made, seen, choose(request))


@dataclass
class Stream(Response):
    """The events for one reader. `made`: when the page was made; `seen`: the last event that the browser has."""

    follower: Follower
    made: Cursor
    seen: Cursor
    counts: Counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(scope, send))
        leaving = asyncio.create_task(_left(receive))
        self.follower.readers += 1
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.follower.readers -= 1
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
                if await self.follower.moved(cursor, PULSE):
                    await asyncio.sleep(GATHER)
                    cursor, text = self._news()
        await send({"type": "http.response.body", "body": b""})

    def _news(self) -> tuple[Cursor, str]:
        """The cursor after, and the event for all that came since the page was made."""
        news = self.follower.news
        documents, alerts, whole = news.since(self.made)
        counted = [one for one in documents if self.counts(one)]
        nothing = whole and not counted and not alerts
        return news.cursor, PING if nothing else event(news.cursor, counted, alerts, whole)


def event(cursor: Cursor, documents: list[Document], alerts: list[Alert], whole: bool) -> str:
    """The event. `new`: stories with something new; `more`: there were others, which are forgotten."""
    stories = stories_of(documents)
    data = {
        "new": len(stories), "articles": len(documents), "alerts": len(alerts), "more": not whole,
        "stories": list(stories[-LISTED:]),
    }  # fmt: skip
    return f"id: {cursor}\nevent: news\ndata: {json.dumps(data)}\n\n"


async def _part(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

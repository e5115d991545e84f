"""The page Sources: how each feed is, those that need people first; pausing, settings, OPML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.console.daily import BACK, daily
from pipeline.console.desk import Desk
from pipeline.console.pages.source_words import HEALTH, LOSSES, OUTCOMES, TONES, error_words
from pipeline.console.rendering import desk_of, page, person_of, reader_for
from pipeline.console.sections import N_
from pipeline.console.source_form import TLS, Draft, by_field, draft_of
from pipeline.core.faults import Fault
from pipeline.core.feeds.opml import write_opml
from pipeline.core.query.search import Search
from pipeline.core.query.tree import Equal
from pipeline.core.text.folding import fold
from pipeline.core.wording import words_of
from pipeline.ports import Index
from pipeline.records import Dropped, Feed
from pipeline.reports.losses import Losses, read_dropped
from pipeline.reports.source_health import ORDER, Source, sources
from pipeline.requests.asking import Refused
from pipeline.requests.feeds import Make, publish_plan, removing, switching
from pipeline.stage import Unavailable

PAGE = 100  # sources on one page
OPML = "text/x-opml"
LATEST = 8  # articles of one source
LOST = 30.0  # seconds for which what was dropped is remembered: it is read from the log


async def show(request: Request) -> Response:
    """`health` and `q` limit the list; `page` is counted from 1."""
    query = request.query_params
    health, text = query.get("health", ""), query.get("q", "").strip()[:100]
    found = await _sources(request)
    counts = Counter(one.health for one in found)
    chosen = [one for one in found if (not health or one.health == health) and _has(one.feed, text)]
    number = _page(query.get("page", "1"), len(chosen))
    return page(request, "sources.html", {
        "sources": chosen[(number - 1) * PAGE : number * PAGE], "total": len(chosen), "all": len(found),
        "counts": [(one, counts[one]) for one in ORDER if counts[one]], "health": health, "q": text, "page": number,
        "pages": max(1, -(-len(chosen) // PAGE)), "words": SourceWords(request),
    })  # fmt: skip


async def show_one(request: Request) -> Response:
    """One source: its state, polls, losses, newest articles and settings."""
    return await one_source(request, None)


async def one_source(
    request: Request, draft: Draft | None, faults: Iterable[Fault] = (), why: str = "", status: int = 200
) -> Response:
    """The page of a source. `draft`: settings that were not saved, because of the faults or of `why`."""
    one = await _one(request)
    values = {
        "one": one, "words": SourceWords(request), **await _articles(request, one.feed.id),
        "draft": draft or draft_of(one.feed), "faults": by_field(faults), "why": why, "tls": TLS,
        "open": draft is not None,
    }  # fmt: skip
    return page(request, "source.html", values | {"notice": request.query_params.get("done", "")}, status)


async def export(request: Request) -> Response:
    """All feeds as OPML, for other readers of feeds."""
    headers = {"Content-Disposition": 'attachment; filename="sources.opml"'}
    return Response(written_opml(desk_of(request)), headers=headers, media_type=OPML)


def written_opml(desk: Desk) -> bytes:
    """All feeds as OPML."""
    return write_opml([feed for _, feed in sorted(desk.follower.feeds.by_key.items()) if not feed.removed])


# -- changes


async def pause(request: Request) -> Response:
    """Poll the source no longer, but keep it in the list."""
    return await _changed(request, switching(request.path_params["id"], False), "paused")


async def resume(request: Request) -> Response:
    """Poll the source again."""
    return await _changed(request, switching(request.path_params["id"], True), "resumed")


async def remove(request: Request) -> Response:
    """Remove the source from the list; its articles stay."""
    await _ask(request, removing(request.path_params["id"]))
    return RedirectResponse("/sources", 303)


async def _changed(request: Request, make: Make, done: str) -> Response:
    await _ask(request, make)
    return RedirectResponse(f"{request.url.path.rpartition('/')[0]}?done={done}", 303)


async def _ask(request: Request, make: Make) -> None:
    desk = desk_of(request)
    try:
        await publish_plan(desk.log, person_of(request), desk.clock(), make)
    except Refused as error:
        raise HTTPException(400, words_of(error)) from None


DONE = {
    "paused": N_("Paused: it is no longer read."), "resumed": N_("It is read again."), "saved": N_("Saved."),
    "added": N_("Added. It is read within seconds."),
}  # fmt: skip


# -- what is shown


async def _sources(request: Request) -> list[Source]:
    desk = desk_of(request)
    follower = desk.follower
    dropped: tuple[Dropped, ...] = await desk.remembered("dropped", LOST, lambda: read_dropped(desk.log))
    return sources(follower.feeds.by_key, follower.feed_states.by_key, dropped, follower.news.documents)


async def _one(request: Request) -> Source:
    id = request.path_params["id"]
    for one in await _sources(request):
        if one.feed.id == id:
            return one
    raise HTTPException(404, N_("There is no source with this name; it may have been removed."))


async def _articles(request: Request, feed: str) -> dict[str, Any]:
    """The newest articles of a feed, and how many there were by day."""
    try:
        index: Index = await desk_of(request).index()
    except Unavailable:
        return {"articles": [], "by_day": None}
    asked = Equal("feed", feed)
    results = await index.search(Search(asked, sort="time", limit=LATEST))
    return {
        "articles": [hit.document for hit in results.hits], "days": BACK.days,
        "by_day": await daily(index, asked, reader_for(request)) if results.total else None,
    }  # fmt: skip


def _has(feed: Feed, text: str) -> bool:
    wanted = fold(text)
    return all(any(word in fold(part) for part in _searched(feed)) for word in wanted.split())


def _searched(feed: Feed) -> Iterable[str]:
    return (feed.id, feed.name, feed.url, feed.language or "", feed.country or "", *feed.groups)


def _page(text: str, total: int) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    return max(1, min(number, -(-total // PAGE)))


class SourceWords:
    """What templates say about a source, in the language of the reader."""

    def __init__(self, request: Request) -> None:
        self._say = reader_for(request).gettext

    def health(self, one: Source) -> str:
        return self._say(HEALTH[one.health])

    def name(self, health: str) -> str:
        return self._say(HEALTH[health])

    def tone(self, one: Source) -> str:
        return TONES[one.health]

    def error(self, error: str) -> str:
        text, status = error_words(error)
        said = self._say(text)
        return said % {"status": status} if status else said

    def outcome(self, outcome: str) -> str:
        """What a poll ended with."""
        return self._say(OUTCOMES[outcome]) if outcome in OUTCOMES else self.error(outcome)

    def losses(self, losses: Losses) -> list[tuple[str, int]]:
        """What was lost, by reason in words, the most first."""
        return self.lost(losses.entries, losses.pages)

    def lost(self, *several: Mapping[str, int]) -> list[tuple[str, int]]:
        """Counts by reason, in words, the most first."""
        found: Counter[str] = Counter()
        for counts in several:
            for reason, n in counts.items():
                found[self._say(LOSSES[reason]) if reason in LOSSES else reason] += n
        return found.most_common()

    def done(self, name: str) -> str:
        return self._say(DONE[name]) if name in DONE else ""

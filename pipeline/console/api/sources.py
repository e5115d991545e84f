"""The API of sources: feeds with how they do."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pipeline.console.api import source_changes
from pipeline.console.api.operation import Answer, Call, Limit, Operation, Page, Parameters
from pipeline.console.pages.source_settings import held
from pipeline.console.rendering import may_edit
from pipeline.core.feeds.seed_file import entry_of
from pipeline.records import Feed, FeedState, PollNote
from pipeline.requests.feed_settings import revision

Health = Literal["ok", "failing", "paused", "new"]


class FeedHealth(Answer, frozen=True, kw_only=True):
    """How a feed does. `interval`: seconds between polls; `drops`: entries that were no items, by reason; `error`:
    class of the last failure, `detail` in words."""

    polled_at: datetime
    next_at: datetime
    interval: float
    entries: int
    drops: dict[str, int]
    failures: int
    error: str | None
    detail: str | None
    failing_since: datetime | None
    moved_to: str | None
    unchanged: int


class Source(Answer, frozen=True, kw_only=True):
    """A feed. `health`: ok, failing, paused, or new (not polled yet)."""

    id: str
    name: str
    url: str
    language: str | None
    country: str | None
    groups: tuple[str, ...]
    enabled: bool
    origin: str
    health: Health
    state: FeedHealth | None


class SourcesWanted(Parameters, frozen=True, kw_only=True):
    """Which sources."""

    health: Literal["", "ok", "failing", "paused", "new"] = ""
    page: Page = 1
    limit: Limit = 100


class SourceList(Answer, frozen=True, kw_only=True):
    """A page of sources: those that fail first. `counts`: of all, by health."""

    total: int
    counts: dict[str, int]
    sources: tuple[Source, ...]
    next: str | None


class OneSource(Answer, frozen=True, kw_only=True):
    """A feed with its last polls, the newest first. For editors `settings`: keys of feeds.toml that have not their
    default; `revision`: of them, to send back with a change."""

    source: Source
    settings: dict[str, Any] | None
    revision: str | None
    polls: tuple[PollNote, ...]


ORDER: tuple[Health, ...] = ("failing", "new", "ok", "paused")


async def listed(call: Call) -> SourceList:
    """A page of sources."""
    query = call.query
    feeds = [feed for feed in call.desk.follower.feeds.by_key.values() if not feed.removed]
    every = [(health_of(feed, _state(call, feed)), feed) for feed in feeds]
    chosen = [(health, feed) for health, feed in every if query.health in ("", health)]
    chosen.sort(key=lambda one: (ORDER.index(one[0]), one[1].name.casefold(), one[1].id))
    page = chosen[(query.page - 1) * query.limit :][: query.limit]
    counts: dict[str, int] = {health: sum(health == one for one, _ in every) for health in ORDER}
    return SourceList(
        total=len(chosen), counts=counts, sources=tuple(_source(call, feed) for _, feed in page),
        next=call.next_page(len(chosen)),
    )  # fmt: skip


async def one(call: Call) -> OneSource:
    """One source."""
    feed = held(call.request, call.path["source"])
    state, edits = _state(call, feed), may_edit(call.request)  # headers and user names are not for everybody
    return OneSource(
        source=_source(call, feed), settings=entry_of(feed) if edits else None,
        revision=revision(feed) if edits else None, polls=state.history if state else (),
    )  # fmt: skip


def health_of(feed: Feed, state: FeedState | None) -> Health:
    """How a feed does, in one word."""
    if not feed.enabled:
        return "paused"
    return "new" if state is None else "failing" if state.failures else "ok"


def _state(call: Call, feed: Feed) -> FeedState | None:
    return call.desk.follower.feed_states.by_key.get(feed.id)


def _source(call: Call, feed: Feed) -> Source:
    state = _state(call, feed)
    names = ("id", "name", "url", "language", "country", "groups", "enabled", "origin")
    known = {name: getattr(state, name) for name in FeedHealth.__struct_fields__} if state else None
    values: dict[str, Any] = {name: getattr(feed, name) for name in names}
    return Source(**values, health=health_of(feed, state), state=FeedHealth(**known) if known else None)


OPERATIONS = (
    Operation("sources.list", "GET", "/sources", "Feeds with how they do, failing ones first", listed, SourceList,
              query=SourcesWanted),
    Operation("sources.one", "GET", "/sources/{source}", "One feed with its last polls", one, OneSource,
              path_words={"source": "id of a feed"}),
    *source_changes.OPERATIONS,
)  # fmt: skip

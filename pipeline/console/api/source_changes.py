"""The API of what people ask of sources: look at an address, add, change, pause, remove; OPML both ways."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline.console.api.operation import Accepted, Answer, Body, Call, Id, Nothing, Operation
from pipeline.console.pages.source_settings import held, proxies_of
from pipeline.console.pages.sources import OPML, written_opml
from pipeline.console.sections import N_
from pipeline.core.faults import Fault, Faults
from pipeline.core.feeds.changes import additions
from pipeline.core.feeds.discover import whole
from pipeline.core.feeds.opml import Named
from pipeline.requests.asking import Refused
from pipeline.requests.feed_settings import change, checked
from pipeline.requests.feeds import Wish, adding, publish_plan, removing, switching
from pipeline.requests.opml import LONGEST, MOST, Preview, earlier, preview_of

NOTE = "the stage poll does it within seconds while it runs"
Text = Annotated[str, Meta(max_length=4_000)]
Name = Annotated[str, Meta(max_length=200)]
#: What a key may hold in TOML; null takes it out.
Value = bool | Annotated[float, Meta(ge=0, le=10**9)] | Text | Annotated[list[Text], Meta(max_length=100)] | (
    Annotated[dict[Name, Text], Meta(max_length=50)]) | None  # fmt: skip
Settings = Annotated[dict[Name, Value], Meta(max_length=50)]


class Address(Body, frozen=True, kw_only=True):
    """The address of a site, of any page of it, or of a feed."""

    url: Annotated[str, Meta(min_length=1, max_length=2_000)]


class FoundFeed(Answer, frozen=True, kw_only=True):
    """A feed at the address. `source`: id, if it is read already; `every`: seconds between two entries, the median."""

    url: str
    title: str
    kind: str
    language: str | None
    items: int
    newest: datetime | None
    every: float | None
    problems: tuple[str, ...]
    source: str | None


class FoundFeeds(Answer, frozen=True, kw_only=True):
    """The feeds, those that are most likely meant first. `failure`: why nothing is there."""

    feeds: tuple[FoundFeed, ...]
    failure: str


class NewSource(Body, frozen=True, kw_only=True):
    """A feed to read. `settings`: keys of feeds.toml (docs/feeds.md), such as name, language, groups."""

    url: Annotated[str, Meta(min_length=1, max_length=2_000)]
    settings: Settings = msgspec.field(default_factory=dict)


class SourceChange(Body, frozen=True, kw_only=True):
    """Keys of feeds.toml to change; null gives one its default, others stay. With `revision`, only if the source is
    still as it was then."""

    settings: Annotated[dict[Name, Value], Meta(min_length=1, max_length=50)]
    revision: Annotated[str, Meta(max_length=100)] = ""


class OpmlFile(Body, frozen=True, kw_only=True):
    """The text of an OPML file."""

    opml: Annotated[str, Meta(max_length=LONGEST)]


class OpmlChoice(Body, frozen=True, kw_only=True):
    """The text of an OPML file, and addresses of its feeds to add; null: all that are new and were never removed."""

    opml: Annotated[str, Meta(max_length=LONGEST)]
    feeds: Annotated[tuple[Id, ...], Meta(max_length=MOST)] | None = None


class ListedFeed(Answer, frozen=True, kw_only=True):
    """A feed of the file. `source`: id of the source that reads it; `removed`: it was removed here once."""

    url: str
    name: str
    groups: tuple[str, ...]
    language: str | None
    source: str | None = None
    removed: bool = False


class Outline(Answer, frozen=True, kw_only=True):
    """An outline of the file, and why it is named."""

    line: int
    name: str
    why: str


class OpmlPreview(Answer, frozen=True, kw_only=True):
    """What the file has. `refused`: what is no feed; `twice`: addresses again; `changed`: not taken as written."""

    new: tuple[ListedFeed, ...]
    known: tuple[ListedFeed, ...]
    refused: tuple[Outline, ...]
    twice: tuple[Outline, ...]
    changed: tuple[Outline, ...]


async def look(call: Call) -> FoundFeeds:
    """The feeds at an address."""
    try:
        found = await call.desk.look(Wish().feed(whole(call.body.url)))
    except ValueError as error:
        raise Refused(str(error)) from None
    except TimeoutError:
        raise HTTPException(504, N_("The site did not answer in time.")) from None
    polled = call.desk.follower.feeds.by_key
    feeds = []
    for seen, candidate in found.feeds:
        preview = seen.preview
        assert preview is not None  # that is what a feed is
        kept = additions(polled, [Wish(name="new").feed(seen.url)]).kept
        feeds.append(FoundFeed(
            url=seen.url, title=candidate.title or preview.title or "", kind=preview.kind, language=preview.language,
            items=preview.items, newest=preview.newest, every=preview.every, problems=preview.problems,
            source=kept[0].held.id if kept else None,
        ))  # fmt: skip
    return FoundFeeds(feeds=tuple(feeds), failure=": ".join(found.first.failure or ()) if not feeds else "")


async def add(call: Call) -> Accepted:
    """Read a feed."""
    desk, body = call.desk, call.body
    try:
        plain = Wish(name=str(body.settings.get("name") or "") or None).feed(whole(body.url))
    except Refused:
        raise
    except ValueError as error:
        raise Faults((Fault("", "url", str(error), "write the whole address, with https://"),)) from None
    feed = checked(plain, {**body.settings, "url": plain.url}, {}, proxies_of(call.request))
    plan = await publish_plan(desk.log, call.person, desk.clock(), adding([feed]))
    if plan.kept:
        raise Refused(f"it is read already, as {plan.kept[0].held.id}")
    return Accepted(about=tuple(one.feed.id for one in plan.changes), note=NOTE)


async def change_one(call: Call) -> Accepted:
    """Change the settings of a source."""
    desk, body, id = call.desk, call.body, held(call.request, call.path["source"]).id
    await change(desk.log, call.person, desk.clock(), id, body.settings, proxies_of(call.request), body.revision)
    return Accepted(about=(id,), note=NOTE)


async def pause(call: Call) -> Accepted:
    """Read the source no longer."""
    return await _switched(call, False)


async def resume(call: Call) -> Accepted:
    """Read it again."""
    return await _switched(call, True)


async def _switched(call: Call, on: bool) -> Accepted:
    desk, feed = call.desk, held(call.request, call.path["source"])
    if feed.enabled is on:
        raise Refused("it is read already" if on else "it is paused already")
    await publish_plan(desk.log, call.person, desk.clock(), switching(feed.id, on))
    return Accepted(about=(feed.id,), note=NOTE)


async def remove(call: Call) -> Accepted:
    """Take the source out of the list."""
    desk, feed = call.desk, held(call.request, call.path["source"])
    await publish_plan(desk.log, call.person, desk.clock(), removing(feed.id))
    return Accepted(about=(feed.id,), note=NOTE)


async def export(call: Call) -> Response:
    """All sources as OPML."""
    return Response(written_opml(call.desk), media_type=OPML)


async def preview(call: Call) -> OpmlPreview:
    """What an OPML file has."""
    found = await _preview(call)
    gone = earlier(found.new)
    new = tuple(_listed(one.feed, removed=one.feed.url in gone) for one in found.new)
    return OpmlPreview(
        new=new, known=tuple(_listed(one.listed, source=one.held.id) for one in found.known),
        refused=_outlines(found.opml.refused), twice=_outlines(found.opml.merged),
        changed=_outlines(found.opml.changed),
    )  # fmt: skip


async def load(call: Call) -> Accepted:
    """Add feeds of an OPML file."""
    desk, chosen, found = call.desk, call.body.feeds, await _preview(call)
    there = {one.feed.url for one in found.new}
    wanted = there - earlier(found.new) if chosen is None else set(chosen)
    if unknown := sorted(wanted - there):
        raise Refused(f"no new feeds of the file: {', '.join(unknown)[:300]}")
    if not wanted:
        raise Refused("the file has no new feeds")
    plan = await publish_plan(desk.log, call.person, desk.clock(), adding(found.chosen(wanted)))
    return Accepted(about=tuple(one.feed.id for one in plan.changes), note=NOTE)


async def _preview(call: Call) -> Preview:
    return await asyncio.to_thread(preview_of, call.body.opml.encode(), dict(call.desk.follower.feeds.by_key))


def _listed(feed: Any, **more: Any) -> ListedFeed:
    return ListedFeed(url=feed.url, name=feed.name, groups=feed.groups, language=feed.language, **more)


def _outlines(rows: list[Named]) -> tuple[Outline, ...]:
    return tuple(Outline(line=row.line, name=row.name, why=row.why) for row in rows)


SOURCE = {"source": "id of a feed"}
OPERATIONS = (
    Operation("sources.look", "POST", "/sources/look", "Find the feeds at an address", look, FoundFeeds, body=Address,
              editors=True),
    Operation("sources.add", "POST", "/sources", "Read a feed", add, Accepted, body=NewSource, editors=True,
              status=202),
    Operation("sources.change", "POST", "/sources/{source}/change", "Change its settings", change_one, Accepted,
              body=SourceChange, editors=True, status=202, path_words=SOURCE),
    Operation("sources.pause", "POST", "/sources/{source}/pause", "Read it no longer", pause, Accepted, body=Nothing,
              editors=True, status=202, path_words=SOURCE),
    Operation("sources.resume", "POST", "/sources/{source}/resume", "Read it again", resume, Accepted, body=Nothing,
              editors=True, status=202, path_words=SOURCE),
    Operation("sources.remove", "POST", "/sources/{source}/remove", "Take it out of the list; its articles stay",
              remove, Accepted, body=Nothing, editors=True, status=202, path_words=SOURCE),
    Operation("opml.export", "GET", "/opml", "All sources as OPML", export, str, media=(OPML,)),
    Operation("opml.preview", "POST", "/opml/preview", "What an OPML file has; nothing is added", preview, OpmlPreview,
              body=OpmlFile),
    Operation("opml.add", "POST", "/opml/add", "Add feeds of an OPML file", load, Accepted, body=OpmlChoice,
              editors=True, status=202),
)  # fmt: skip

"""`almenara feeds …`: people's acts on the feeds, as records on the stream `feeds`."""

from __future__ import annotations

import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

import msgspec
import typer

from pipeline.assembly.backends import load_for, with_log
from pipeline.config.folder import feeds_of
from pipeline.core.faults import Faults
from pipeline.core.feeds.opml import read_opml, write_opml
from pipeline.core.feeds.seed import removed
from pipeline.core.feeds.seed_file import parse_feeds
from pipeline.core.urls import canonical
from pipeline.log.feeds import publish_feeds, publish_seed, read_feeds
from pipeline.ports import Log
from pipeline.records import Feed, FeedState
from pipeline.terminal.tables import columns_of, shortened

T = TypeVar("T")


def list_feeds(config: Path, as_json: bool, failing: bool = False) -> None:
    """Every feed with its state; those that fail first. As JSON: one line a feed, in order of the ids."""

    async def act(log: Log) -> tuple[dict[str, Feed], dict[str, FeedState]]:
        return await read_feeds(log)

    feeds, states = _with_log(config, act)
    rows = [(feed, states.get(feed.id)) for feed in sorted(feeds.values(), key=lambda f: f.id) if not feed.removed]
    rows = [(feed, state) for feed, state in rows if not failing or (state and state.error)]
    if as_json:
        for feed, state in rows:
            print(msgspec.json.encode({"feed": feed, "state": state}).decode())
        return
    rows.sort(key=lambda row: not (row[1] and row[1].error))
    columns_of(
        ("id", "name", "lang", "country", "origin", "polled", "next try", "trouble"),
        [_row(feed, state) for feed, state in rows],
        spare=("origin", "name", "country", "lang", "polled"),
    )
    failed = sum(bool(state and state.error) for _, state in rows)
    print(f"{len(rows)} feed(s), {failed} failing; times are UTC")


def _row(feed: Feed, state: FeedState | None) -> tuple[str | None, ...]:
    trouble = f"{state.error}: {state.detail}" if state and state.error else "" if feed.enabled else "switched off"
    polled, soon = (f"{state.polled_at:%m-%d %H:%M}", f"{state.next_at:%m-%d %H:%M}") if state else ("never", "")
    name = shortened(feed.name, 24)
    return feed.id, name, feed.language, feed.country, feed.origin, polled, soon if feed.enabled else "", trouble


def add_feed(
    config: Path, url: str, name: str | None, language: str | None, country: str | None, groups: tuple[str, ...]
) -> None:
    """Publish a new feed. Exit code 1 when it is polled already, or its URL or a code is none."""
    try:
        host = re.sub(r"^https?://(www\.)?|[:/].*$", "", canonical(url))
    except ValueError as error:
        _fail(f"{url}: {error}. Give the address of a feed, as https://example.org/rss.xml")
    entry = {"id": _slug(name or host), "name": name or host, "url": url, "groups": list(groups)}
    entry |= {"language": language} if language else {}
    entry |= {"country": country.upper()} if country else {}
    try:
        (listed,) = parse_feeds({"feed": [entry]})
    except Faults as error:
        _fail("\n".join(f"{fault.reason} ({fault.hint})" for fault in error.faults))
    feed = msgspec.structs.replace(listed, origin="cli")
    added = _with_log(config, lambda log: _add(log, [feed]))
    if not added:
        _fail(f"{url} is polled already; see `almenara feeds list`")
    print(f"added {added[0].id}; a running daemon or worker polls it within seconds")


async def _add(log: Log, new: Sequence[Feed]) -> list[Feed]:
    """Publish those that are not there yet, each under an id of its own."""
    feeds, _ = await read_feeds(log)
    urls = {canonical(feed.url) for feed in feeds.values() if not feed.removed}
    added: list[Feed] = []
    for feed in new:
        if canonical(feed.url) in urls:
            continue
        identity, n = feed.id, 1
        while identity in feeds and not (feeds[identity].removed and feeds[identity].url == feed.url):
            n += 1
            identity = f"{feed.id}-{n}"
        feed = msgspec.structs.replace(feed, id=identity)
        feeds[identity] = feed
        urls.add(canonical(feed.url))
        added.append(feed)
    await publish_feeds(log, added, feeds)
    return added


def remove_feed(config: Path, wanted: str) -> None:
    """Publish that a feed is polled no more."""

    async def act(log: Log) -> list[Feed]:
        feeds, _ = await read_feeds(log)
        found = [feed for feed in feeds.values() if wanted in (feed.id, feed.url) and not feed.removed]
        await publish_feeds(log, [removed(feed, "cli") for feed in found], feeds)
        return found

    if not (found := _with_log(config, act)):
        _fail(f"no feed {wanted!r}; see `almenara feeds list`")
    print(f"removed {', '.join(feed.id for feed in found)}; what was read stays")


def import_feeds(config: Path, file: Path) -> None:
    """Publish the feeds of an OPML file that are not there yet."""
    try:
        feeds = read_opml(file.read_bytes())
    except (OSError, ValueError) as error:
        _fail(f"{file}: {getattr(error, 'strerror', None) or error}")
    added = _with_log(config, lambda log: _add(log, feeds))
    print(f"{len(feeds)} feeds in {file}: {len(added)} added, {len(feeds) - len(added)} were there already")


def export_feeds(config: Path, output: Path | None) -> None:
    """All feeds as OPML, in order of the ids: partitions of a broker come in any order."""

    async def act(log: Log) -> bytes:
        feeds, _ = await read_feeds(log)
        return write_opml([feed for _, feed in sorted(feeds.items()) if not feed.removed])

    opml = _with_log(config, act)
    if output:
        output.write_bytes(opml)
    else:
        sys.stdout.buffer.write(opml)


def _with_log(config: Path, act: Callable[[Log], Awaitable[T]]) -> T:
    """Run `act` on the log, seeded as the daemon would."""

    async def seeded(log: Log) -> T:
        await publish_seed(log, feeds_of(config))
        return await act(log)

    return with_log(load_for(config), seeded)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:56] or "feed"


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)

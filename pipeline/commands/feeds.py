"""`almenara feeds …`: lists feeds; adds, removes and imports them by publishing to the stream `feeds`."""

from __future__ import annotations

import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

from pipeline.assembly.deployment import deployment_for
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config, Output
from pipeline.config.folder import feeds_of
from pipeline.core.faults import Faults
from pipeline.core.feeds.opml import read_opml, write_opml
from pipeline.core.feeds.seed import removed
from pipeline.core.feeds.seed_file import parse_feeds
from pipeline.core.toml_reader import TomlFile
from pipeline.core.urls import canonical
from pipeline.log.feeds import publish_feeds, publish_seed, read_feeds
from pipeline.ports import Log
from pipeline.records import Feed, FeedState
from pipeline.terminal.tables import print_table, shortened

T = TypeVar("T")


def list_feeds(
    failing: Annotated[bool, typer.Option("--failing", help="List only failing feeds.")] = False,
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """List every feed: when it was polled and what is wrong with it.

    Failing feeds come first. With --json: one line per feed, in order of ids.

    Example: almenara feeds list --failing
    """

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
    print_table(
        ("id", "name", "lang", "country", "origin", "polled", "next try", "problem"),
        [_row(feed, state) for feed, state in rows],
        spare=("origin", "name", "country", "lang", "polled"),
    )
    failed = sum(bool(state and state.error) for _, state in rows)
    print(f"{len(rows)} feed(s), {failed} failing; times are UTC")


def _row(feed: Feed, state: FeedState | None) -> tuple[str | None, ...]:
    problem = f"{state.error}: {state.detail}" if state and state.error else "" if feed.enabled else "switched off"
    polled, soon = (f"{state.polled_at:%m-%d %H:%M}", f"{state.next_at:%m-%d %H:%M}") if state else ("never", "")
    name = shortened(feed.name, 24)
    return feed.id, name, feed.language, feed.country, feed.origin, polled, soon if feed.enabled else "", problem


def add_feed(
    url: Annotated[str, typer.Argument(help="URL of the feed, not of the site.")],
    name: Annotated[str | None, typer.Option(help="Name of the outlet. Default: the host of the URL.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the outlet, ISO 639-1; for example es.")] = None,
    country: Annotated[str | None, typer.Option(help="Country of the outlet, ISO 3166-1; for example PE.")] = None,
    group: Annotated[
        list[str] | None, typer.Option(help="Group of feeds that it belongs to; repeat for several.")
    ] = None,
    config: Config = CONFIG,
) -> None:
    """Add a feed; a running daemon or worker polls it within seconds.

    Exits with code 1 if the feed is already polled, or if the URL, language or country code is invalid.

    Example: almenara feeds add https://example.org/rss.xml --name "The Example" --language es --country PE
    """
    try:
        host = re.sub(r"^https?://(www\.)?|[:/].*$", "", canonical(url))
    except ValueError as error:
        hint = "Give the address of a feed, for example https://example.org/rss.xml"
        raise CommandError(f"{url}: {error}. {hint}") from None
    entry = {"id": _slug(name or host), "name": name or host, "url": url, "groups": group or []}
    entry |= {"language": language} if language else {}
    entry |= {"country": country.upper()} if country else {}
    try:
        (listed,) = parse_feeds(TomlFile("feeds.toml", {"feed": [entry]}))
    except Faults as error:
        raise CommandError("\n".join(f"{fault.reason} ({fault.hint})" for fault in error.faults)) from None
    feed = msgspec.structs.replace(listed, origin="cli")
    added = _with_log(config, lambda log: _add(log, [feed]))
    if not added:
        raise CommandError(f"{url} is already polled; see `almenara feeds list`")
    print(f"added {added[0].id}; a running daemon or worker polls it within seconds")


async def _add(log: Log, new: Sequence[Feed]) -> list[Feed]:
    """Publish the feeds that are not polled yet, each under a unique id."""
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


def remove_feed(feed: Annotated[str, typer.Argument(help="Id or URL of the feed.")], config: Config = CONFIG) -> None:
    """Stop polling a feed; its articles are kept.

    Example: almenara feeds remove the-example
    """

    async def act(log: Log) -> list[Feed]:
        feeds, _ = await read_feeds(log)
        found = [known for known in feeds.values() if feed in (known.id, known.url) and not known.removed]
        await publish_feeds(log, [removed(known, "cli") for known in found], feeds)
        return found

    if not (found := _with_log(config, act)):
        raise CommandError(f"no feed {feed!r}; see `almenara feeds list`")
    print(f"removed {', '.join(known.id for known in found)}; what was read stays")


def import_feeds(file: Annotated[Path, typer.Argument(help="An OPML file.")], config: Config = CONFIG) -> None:
    """Add the feeds of an OPML file, except those already polled.

    Example: almenara feeds import subscriptions.opml
    """
    try:
        feeds = read_opml(file.read_bytes())
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {getattr(error, 'strerror', None) or error}") from None
    added = _with_log(config, lambda log: _add(log, feeds))
    print(f"{len(feeds)} feeds in {file}: {len(added)} added, {len(feeds) - len(added)} were already there")


def export_feeds(output: Output = None, config: Config = CONFIG) -> None:
    """Write all feeds as OPML, for other feed readers.

    Example: almenara feeds export -o feeds.opml
    """

    async def act(log: Log) -> bytes:
        feeds, _ = await read_feeds(log)
        # Sorted by id: partitions of a broker come in any order.
        return write_opml([feed for _, feed in sorted(feeds.items()) if not feed.removed])

    opml = _with_log(config, act)
    if output:
        output.write_bytes(opml)
    else:
        sys.stdout.buffer.write(opml)


def _with_log(config: Path, act: Callable[[Log], Awaitable[T]]) -> T:
    """Run `act` on the log, after publishing changes of feeds.toml as the daemon would."""

    async def seeded(log: Log) -> T:
        await publish_seed(log, feeds_of(config))
        return await act(log)

    return deployment_for(config).with_log(seeded, write=True)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:56] or "feed"

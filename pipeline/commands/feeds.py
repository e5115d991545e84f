"""`almenara feeds …`: lists and exports feeds; removes, imports and applies them by publishing to `feeds`.

Only the last three publish, after showing what will change.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pipeline.assembly.deployment import deployment_for
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config, Output
from pipeline.commands.feed_changes import DryRun, Yes, carry_out, counted
from pipeline.core.feeds.changes import Plan
from pipeline.core.feeds.opml import read_opml, write_opml
from pipeline.core.feeds.seed import plan_of
from pipeline.log.feeds import read_feeds
from pipeline.ports import Log
from pipeline.records import Dropped, Feed, FeedState
from pipeline.reports.losses import Losses, losses_of, read_dropped
from pipeline.requests.feeds import adding, removing, switching
from pipeline.terminal.tables import print_table, shortened


def list_feeds(
    failing: Annotated[bool, typer.Option("--failing", help="List only failing feeds.")] = False,
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """List every feed: when it was polled and what is wrong with it.

    Failing feeds come first, then those that lost most: `dropped` counts, by reason, the entries now listed that are no
    items, and the pages of the last days that became no article. With --json: one line per feed, in order of ids.

    Example: almenara feeds list --failing
    """

    (feeds, states), dropped = deployment_for(config).with_log(_read)
    lost = {one.feed: one for one in losses_of(states, dropped)}
    rows = [(feed, states.get(feed.id)) for feed in sorted(feeds.values(), key=lambda f: f.id) if not feed.removed]
    rows = [(feed, state) for feed, state in rows if not failing or (state and state.error)]
    if as_json:
        for feed, state in rows:
            pages = lost[feed.id].pages if feed.id in lost else {}
            print(msgspec.json.encode({"feed": feed, "state": state, "dropped_pages": pages}).decode())
        return
    rows.sort(key=lambda row: (not (row[1] and row[1].error), -lost[row[0].id].total if row[0].id in lost else 0))
    print_table(
        ("id", "name", "lang", "country", "origin", "polled", "next try", "dropped", "problem"),
        [_row(feed, state, lost.get(feed.id)) for feed, state in rows],
        spare=("origin", "name", "country", "lang", "polled"),
    )
    failed = sum(bool(state and state.error) for _, state in rows)
    print(f"{len(rows)} feed(s), {failed} failing; times are UTC")
    if not any(not feed.removed for feed in feeds.values()):
        print(
            "no feeds yet: publish those of feeds.toml with `almenara feeds apply`; in embedded mode the daemon does it"
        )


async def _read(log: Log) -> tuple[tuple[dict[str, Feed], dict[str, FeedState]], tuple[Dropped, ...]]:
    return await read_feeds(log), await read_dropped(log)


def _row(feed: Feed, state: FeedState | None, lost: Losses | None) -> tuple[str | None, ...]:
    problem = _problem(feed, state) if feed.enabled else "switched off"
    polled, soon = (f"{state.polled_at:%m-%d %H:%M}", f"{state.next_at:%m-%d %H:%M}") if state else ("never", "")
    name = shortened(feed.name, 24)
    origin = f"{feed.origin} {feed.seed}" if feed.origin == "config" and feed.seed else feed.origin
    return (
        feed.id,
        name,
        feed.language,
        feed.country,
        origin,
        polled,
        soon if feed.enabled else "",
        shortened(lost.words(), 48) if lost else "",
        problem,
    )


def _problem(feed: Feed, state: FeedState | None) -> str:
    """What is wrong with a feed, where it is read, and that its server's 304s are false."""
    if state is None:
        return ""
    since = f" since {state.failing_since:%m-%d %H:%M}" if state.failing_since else ""
    said = [f"{state.error}{since}: {state.detail}"] if state.error else []
    said += [f"moved to {state.read_at}"] if state.read_at not in (None, feed.url) else []
    said += ["its server answers 304 although the feed changed"] if state.false_304 else []
    return "; ".join(said)


def remove_feed(
    feed: Annotated[str, typer.Argument(help="Id or URL of the feed.")],
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Stop polling a feed; its articles are kept.

    It stays removed even if feeds.toml lists it; `almenara feeds add URL` brings it back.

    Example: almenara feeds remove the-example
    """

    def after(plan: Plan) -> str:
        return f"removed {', '.join(change.feed.id for change in plan.changes)}; what was read stays"

    carry_out(deployment_for(config), removing(feed), after, as_json=as_json)


def pause_feed(
    feed: Annotated[str, typer.Argument(help="Id or URL of the feed.")],
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Poll a feed no longer, but keep it in the list.

    `almenara feeds resume` polls it again.

    Example: almenara feeds pause the-example
    """
    carry_out(deployment_for(config), switching(feed, False), lambda _: f"paused {feed}", as_json=as_json)


def resume_feed(
    feed: Annotated[str, typer.Argument(help="Id or URL of the feed.")],
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Poll a feed again that was paused.

    Example: almenara feeds resume the-example
    """
    carry_out(deployment_for(config), switching(feed, True), lambda _: f"polling {feed} again", as_json=as_json)


def import_feeds(
    file: Annotated[Path, typer.Argument(help="An OPML file.")],
    config: Config = CONFIG,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Add the feeds of an OPML file, except those already polled.

    Shows them, and asks first. Files that are not well-formed are read, too. Each outline that is not a feed is named
    with its line and the reason, and so is each address that is not taken as it stands.

    Example: almenara feeds import subscriptions.opml
    """
    try:
        opml = read_opml(file.read_bytes())
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {getattr(error, 'strerror', None) or error}") from None
    named = {"refused": opml.refused, "merged": opml.merged, "changed": opml.changed}
    if not as_json:
        for kind, mark in (("refused", "! not read"), ("merged", "= again"), ("changed", "~ address")):
            for one in named[kind]:
                print(shortened(f"{mark}, line {one.line}: {one.name and one.name + ': '}{one.why}", 500))

    def after(plan: Plan) -> str:
        refused = f", {len(opml.refused)} outline(s) not read" if opml.refused else ""
        counts = f"{len(plan.changes)} added, {len(plan.kept)} were already there"
        return f"{len(opml.feeds)} feeds in {file}: {counts}{refused}"

    more = {kind: [asdict(one) for one in ones] for kind, ones in named.items()} if as_json else {}
    carry_out(deployment_for(config), adding(opml.feeds), after, yes=yes, dry_run=dry_run, as_json=as_json, **more)


def apply_feeds(
    config: Config = CONFIG,
    yes: Yes = False,
    dry_run: DryRun = False,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Take over feeds of this file that another feeds.toml or a user published.")
    ] = False,
    replace: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Take over all feeds of the seed NAME; those not in this file are removed."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the polled feeds agree with feeds.toml.

    Shows what changes, and asks first. Each feeds.toml is a seed, known by its `name`. It changes and removes only
    feeds that it published itself, and never brings back what a user removed; other feeds that it lists are kept and
    reported. In embedded mode the daemon does the same by itself; on a broker only this command does.

    Example: almenara feeds apply --dry-run
    """
    deployment = deployment_for(config)
    seed = deployment.seed(config)
    if not seed.exists:
        raise CommandError(f"no feeds.toml in {config}")

    def make(known: Mapping[str, Feed]) -> Plan:
        return plan_of(known, seed, adopt=adopt, replaces=replace or ())

    def after(plan: Plan) -> str:
        return f"published: {counted(plan)}" if plan.changes else "nothing to change"

    if not as_json:
        print(f"{len(seed.feeds)} feeds in {config / 'feeds.toml'}, seed {seed.name!r}")
    carry_out(deployment, make, after, yes=yes, dry_run=dry_run, as_json=as_json, seed=seed.name)


def export_feeds(output: Output = None, config: Config = CONFIG) -> None:
    """Write all feeds as OPML, for other feed readers.

    Example: almenara feeds export -o feeds.opml
    """

    feeds, _ = deployment_for(config).with_log(read_feeds)
    # Sorted by id: partitions of a broker come in any order.
    opml = write_opml([feed for _, feed in sorted(feeds.items()) if not feed.removed])
    if output:
        output.write_bytes(opml)
    else:
        sys.stdout.buffer.write(opml)

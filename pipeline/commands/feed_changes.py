"""Publishes changes of feeds, after showing them and asking whether to go on."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import Deployment
from pipeline.commands import CommandError
from pipeline.core.feeds.changes import Change, Kept, Plan
from pipeline.requests.asking import this_user
from pipeline.requests.feeds import Make, planned, publish_plan
from pipeline.terminal.tables import shortened

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Publish without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and publish nothing.")]

MARKS = {"added": "+", "removed": "-"}
MANY = 5  # feeds kept for the same reason that are named one by one
REASONS = {
    "seed": "published by the seed {seed!r}; take over with --adopt",
    "user": "added by a user; take over with --adopt",
    "removed": "removed by a user; bring back with `almenara feeds add URL`",
    "polled": "already polled",
}


def carry_out(
    deployment: Deployment, make: Make, after: Callable[[Plan], str], *,
    yes: bool = True, dry_run: bool = False, as_json: bool = False, **more: Any,
) -> None:  # fmt: skip
    """Show what `make` plans from the feeds on the log, ask unless `yes`, and publish. `after`: the last line.

    `as_json` prints one object, with `more` in it. `make` may raise Refused. Raises CommandError if the user says no
    or cannot be asked, Refused if something else was shown than what would be published now.
    """
    plan = deployment.with_log(lambda log: planned(log, make))
    if not as_json:
        show(plan)
    publish = bool(plan.changes) and not dry_run
    if publish:
        _confirm(plan, yes)
        deployment.with_log(lambda log: publish_plan(log, this_user(), clock(), make, plan), write=True)
    if as_json:
        print(_plain(plan, publish, **more))
    else:
        print(after(plan) if publish or not plan.changes else f"would be {counted(plan)}; nothing was published")


def _confirm(plan: Plan, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(
            "nothing was published: there is no terminal to ask at. Add --yes, or --dry-run to only look"
        )
    if not typer.confirm(f"Publish this ({counted(plan)})?", default=False, err=True):
        raise CommandError("nothing was published")


def show(plan: Plan) -> None:
    """Print a line for each change, with what changes, and then the listed feeds that stay as they are."""
    for change in plan.changes:
        print(line_of(change))
    groups: dict[str, list[Kept]] = {}
    for one in plan.kept:
        reason = REASONS[one.reason].format(seed=one.held.seed or "unnamed")
        groups.setdefault(("the same, " if one.same else "") + reason, []).append(one)
    for reason, feeds in groups.items():
        for one in feeds[:MANY]:
            other = "" if one.held.id == one.listed.id else f", as {one.held.id} has its URL"
            print(f"= {one.listed.id} kept{other}: {reason}")
        if len(feeds) > MANY:
            print(f"= … and {len(feeds) - MANY} more (--json lists all): {reason}")


def line_of(change: Change) -> str:
    """`+ id added: name, url`, `- id removed: …`, or `~ id changed: field before → after`."""
    feed = change.feed
    if change.kind in MARKS:
        return shortened(f"{MARKS[change.kind]} {feed.id} {change.kind}: {feed.name}, {feed.url}", 500)
    fields = change.fields()
    parts = ", ".join(f"{name} {_shown(before)} → {_shown(after)}" for name, (before, after) in fields.items())
    source = f" from {_source(change)}" if change.kind == "adopted" else ""
    detail = f": {parts}" if parts and change.kind not in ("enabled", "disabled") else ""
    return shortened(f"~ {feed.id} {change.kind}{source}{detail}", 500)


def _source(change: Change) -> str:
    before = change.before
    assert before is not None, change
    return f"the seed {before.seed or 'unnamed'!r}" if before.origin == "config" else "a user"


def _shown(value: object) -> str:
    return "nothing" if value in (None, (), "") else msgspec.json.encode(value).decode()


def counted(plan: Plan) -> str:
    """`2 added, 1 removed`."""
    return ", ".join(f"{n} {kind}" for kind, n in Counter(change.kind for change in plan.changes).items())


def _plain(plan: Plan, published: bool, **more: Any) -> str:
    changes = [
        {
            "kind": change.kind, "id": change.feed.id, "name": change.feed.name, "url": change.feed.url,
            "fields": {name: {"before": old, "after": new} for name, (old, new) in change.fields().items()},
        }
        for change in plan.changes
    ]  # fmt: skip
    kept = [
        {
            "id": one.listed.id, "url": one.listed.url, "reason": one.reason, "same": one.same,
            "held": {"id": one.held.id, "origin": one.held.origin, "seed": one.held.seed or None},
        }
        for one in plan.kept
    ]  # fmt: skip
    return json.dumps({**more, "changes": changes, "kept": kept, "published": published}, ensure_ascii=False)

"""`almenara alerts fired`: lists what fired, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_for
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.times import before, shown_short
from pipeline.config.folder import alerts_of
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.faults import did_you_mean
from pipeline.reports.fired import FiredAlert, Ledger, Wanted, fired, plain, read_ledger
from pipeline.requests.names import names_of, rule_key, story_id
from pipeline.terminal.tables import print_table, shortened

STATUSES = ("reported", "held", "noted", "copy", "muted", "unchanged")
SHORT_ID = 10  # characters of an id that are shown; commands take the start of an id
#: How the reason of a held alert is said.
WHY = {
    "story": "follow-up", "change": "a change of its story", "throttle": "throttle",
    "flood": "too many at once", "quiet": "quiet hours", "budget": "budget", "digest": "digest", "backlog": "summary",
}  # fmt: skip


def list_fired(
    config: Config = CONFIG,
    since: Annotated[str, typer.Option(help="How far back: 24h, 30d, or a local time.")] = "24h",
    rule: Annotated[str, typer.Option(help="Only of the rule with this name or id.")] = "",
    story: Annotated[str, typer.Option(help="Only of the story with this id.")] = "",
    status: Annotated[str, typer.Option(help=f"Only with this status: {', '.join(STATUSES)}.")] = "",
    held: Annotated[bool, typer.Option("--held", help="Only those that are held and not reported yet.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many to show.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="How many to skip.")] = 0,
    as_json: AsJson = False,
) -> None:
    """List the alerts that fired, newest first, and what became of them.

    Shows with which message an alert went out, or why it is held and until when. Times are in the
    reader's zone. The start of an id is enough for `alerts mark`, `mute --story` and the like.

    Example: almenara alerts fired --since 7d --rule "Foreign troops" --held
    """
    if status and status not in STATUSES:
        raise CommandError(f"there is no status {status!r}: {did_you_mean(status, STATUSES, ', '.join(STATUSES))}")
    alerts = alerts_of(config)
    zone = alerts.reader.zone
    start = before(since, clock(), zone)
    ledger = deployment_for(config).with_log(read_ledger)
    key = rule_key(rule, alerts, ledger) if rule else ""
    wanted = Wanted(start, key, story_id(story, ledger) if story else "", "held" if held else status)
    found = fired(ledger, wanted)
    page = found[offset : offset + limit]
    if as_json:
        names = names_of(alerts)
        rows = [plain(alert, ledger) | {"name": names.get(alert.rule, alert.rule)} for alert in page]
        print(json.dumps({"total": len(found), "zone": zone, "alerts": rows}, ensure_ascii=False))
        return
    _show(page, ledger, alerts)
    first = f"{offset + 1} to {offset + len(page)} of " if page else ""
    print(f"{first}{len(found)} alerts since {shown_short(start, zone)} ({zone})")


def _show(page: Sequence[FiredAlert], ledger: Ledger, alerts: AlertSet) -> None:
    zone, names = alerts.reader.zone, names_of(alerts)
    rows = [
        (
            shown_short(alert.seen or alert.at, zone), alert.id[:SHORT_ID],
            shortened(names.get(alert.rule, alert.rule), 30), _fate(alert, ledger, zone), shortened(alert.source, 24),
            shortened(alert.title, 120) + (f" [{alert.mark}]" if alert.mark else ""),
        )
        for alert in page
    ]  # fmt: skip
    print_table(("time", "id", "rule", "status", "outlet", "title"), rows, spare=("outlet", "rule"))


def _fate(alert: FiredAlert, ledger: Ledger, zone: str) -> str:
    """With which message it went out and whether that arrived, or why it is held and until when."""
    if alert.status == "held":
        until = f" until {shown_short(alert.due, zone)}" if alert.due else ""
        return f"held: {WHY.get(alert.why, alert.why)}{until}"
    if alert.status != "reported":
        return alert.status
    states = {one.status for one in ledger.deliveries.get(alert.message, ())}
    failing = sorted(states - {"sent"})
    message = ledger.messages.get(alert.message)
    kind = f"{message.kind.replace('_', '-')} {message.id[:SHORT_ID]}" if message else "sent"
    return f"{kind} ({', '.join(failing)})" if failing else kind


def as_row(alert: FiredAlert, alerts: AlertSet) -> dict[str, Any]:
    """An alert as values of JSON, in short."""
    return {"id": alert.id, "rule": alert.rule, "name": names_of(alerts).get(alert.rule, alert.rule),
            "title": alert.title, "source": alert.source, "mark": alert.mark or None}  # fmt: skip

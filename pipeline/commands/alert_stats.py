"""`almenara alerts stats`: how often each rule fired, how fast, and how useful that was."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_for
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.times import before, shown_short
from pipeline.config.folder import alerts_of
from pipeline.core.alerts.firing import AlertSet
from pipeline.ports import Log
from pipeline.reports.alert_stats import STEPS, RuleStats, Stats, Week, plain, read_stats
from pipeline.reports.fired import Ledger, read_ledger
from pipeline.requests.names import names_of, rule_key
from pipeline.terminal.bars import bars, spark
from pipeline.terminal.tables import print_table, screen, shortened

_NAMES = ("published > seen", "seen > alerted", "alerted > sent")


def show_stats(
    config: Config = CONFIG,
    since: Annotated[str, typer.Option(help="How far back: 90d, 4w, or a local date.")] = "90d",
    rule: Annotated[str, typer.Option(help="Only the rule with this name or id, week by week.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show per rule how often it fired, how fast, and how useful it was.

    Latencies are the median and the 99th percentile: from publication until the article was seen, until it was decided
    about, and until a channel took the message. `useful` is the share of the alerts marked with `alerts mark`, with its
    95 % interval. Alerts are kept for 90 days.

    Example: almenara alerts stats --since 30d
    """
    alerts, now = alerts_of(config), clock()
    zone = alerts.reader.zone
    start = before(since, now, zone)

    async def act(log: Log) -> tuple[Ledger, Stats]:
        ledger = await read_ledger(log)
        return ledger, await read_stats(log, ledger, start, now, zone)

    ledger, stats = deployment_for(config).with_log(act)
    chosen = [rule_key(rule, alerts, ledger)] if rule else _keys(alerts, stats)
    found = {key: stats.rules.get(key, RuleStats()) for key in chosen}
    if as_json:
        names = names_of(alerts)
        rows = [{"rule": key, "name": names.get(key, key), **plain(one, stats.weeks)} for key, one in found.items()]
        print(json.dumps({"since": start.isoformat(timespec="seconds"), "zone": zone, "rules": rows},
                         ensure_ascii=False))  # fmt: skip
    elif rule:
        _show_one(found[chosen[0]], stats.weeks, zone)
    else:
        _show_all(found, stats.weeks, alerts)


def _keys(alerts: AlertSet, stats: Stats) -> list[str]:
    """The rules in the order of the file, then those that are gone but fired."""
    return list(dict.fromkeys([*(rule.key for rule in alerts.rules), *sorted(stats.rules)]))


def _show_all(found: dict[str, RuleStats], weeks: tuple[date, ...], alerts: AlertSet) -> None:
    names, zone = names_of(alerts), alerts.reader.zone
    lines = []
    for key, stats in found.items():
        statuses = stats.statuses
        lines.append((
            shortened(names.get(key, f"{key} (gone)"), 40), f"{statuses.total():,}", f"{stats.messages.total():,}",
            f"{statuses['held']:,}", f"{statuses['muted']:,}", shown_short(stats.last, zone) or "never",
            *(_latency(stats, step) for step in STEPS), _useful(stats),
            spark([stats.weeks.get(week, Week()).alerts for week in weeks]),
        ))  # fmt: skip
    columns = ("name", "alerts", "messages", "held", "muted", "last", *_NAMES, "useful", "by week")
    print_table(columns, lines, spare=("muted", "held", *_NAMES))


def _show_one(stats: RuleStats, weeks: tuple[date, ...], zone: str) -> None:
    print(f"{stats.statuses.total():,} alerts: " + (_counts(dict(stats.statuses)) or "none"))
    print(f"{stats.messages.total():,} messages: " + (_counts(dict(stats.messages)) or "none"))
    print(f"last: {shown_short(stats.last, zone) or 'never'} ({zone})")
    for name, step in zip(_NAMES, STEPS, strict=True):
        print(f"{name}: {_latency(stats, step)} (p50 / p99)")
    print(f"useful: {_useful(stats)}\n\nalerts by week, and those marked as useful")
    rows = [(str(start), week.alerts, week.useful) for start in weeks for week in [stats.weeks.get(start, Week())]]
    for line in bars(rows, screen().width):
        print(line)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{n:,} {name.replace('_', '-')}" for name, n in sorted(counts.items()))


def _latency(stats: RuleStats, step: str) -> str:
    found = stats.latency(step)
    return f"{_seconds(found[0])} / {_seconds(found[1])}" if found else "-"


def _seconds(seconds: float) -> str:
    """A duration in the unit that suits it: 0.42s, 31s, 4m, 2.1h, 3.5d."""
    for unit, size, most in (("s", 1.0, 120.0), ("m", 60.0, 7200.0), ("h", 3600.0, 172800.0)):
        if seconds < most:
            return f"{seconds / size:.2g}{unit}" if seconds / size < 10 else f"{seconds / size:.0f}{unit}"
    return f"{seconds / 86400:.0f}d"


def _useful(stats: RuleStats) -> str:
    precision = stats.precision
    if precision is None:
        return "not marked"
    share, low, high = (round(100 * one) for one in precision)
    return f"{share} % ({low} to {high}, of {stats.useful + stats.noise})"

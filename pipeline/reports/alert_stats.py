"""Sums up each alert rule: how often it fired, how fast that was reported, and how useful people found it."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil, sqrt
from typing import Any

from pipeline.core.calendar.local import local_day
from pipeline.ports import Log
from pipeline.records import Count, Dated, Moment, Record, SchemaError, decode
from pipeline.reports.fired import FiredAlert, Ledger

#: The ways of an alert: from the time of publication until we saw the version, until it was decided about, and until a
#: channel took it. The last only of messages that were sent at once.
STEPS = ("published_seen", "seen_alerted", "alerted_sent")
_Z = 1.96  # standard deviations on each side of a 95 % interval


class AlertTimes(Record, frozen=True, kw_only=True):
    """The parts of an Alert that say how fast it came."""

    id: str
    rule: str
    version: Count
    published: Dated | None = None
    first_seen: Moment
    seen: Moment
    old: bool = False
    counted: bool = False
    backlog: bool = False


@dataclass(slots=True)
class Week:
    """What happened in a local week."""

    alerts: int = 0
    useful: int = 0
    noise: int = 0


@dataclass(slots=True)
class RuleStats:
    """What is known about the alerts of one rule."""

    statuses: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)  # by kind
    recorded: int = 0  # messages only for channels that keep records of every alert
    last: datetime | None = None
    useful: int = 0
    noise: int = 0
    weeks: dict[date, Week] = field(default_factory=dict)  # by Monday
    seconds: dict[str, array[float]] = field(default_factory=lambda: {step: array("f") for step in STEPS})

    @property
    def precision(self) -> tuple[float, float, float] | None:
        """Share of the marked alerts that were useful, and its 95 % interval; None without marks."""
        return interval(self.useful, self.useful + self.noise)

    def latency(self, step: str) -> tuple[float, float] | None:
        """Median and 99th percentile in seconds; None if nothing took this way."""
        found = sorted(self.seconds[step])
        return (_rank(found, 0.5), _rank(found, 0.99)) if found else None


@dataclass(frozen=True, slots=True)
class Stats:
    """All rules by key, in local weeks from the first to the last."""

    rules: Mapping[str, RuleStats]
    weeks: tuple[date, ...]


async def read_stats(log: Log, ledger: Ledger, since: datetime, until: datetime, zone: str) -> Stats:
    """The alerts decided about since then. Raises Unavailable."""
    rules: dict[str, RuleStats] = {}
    for alert in ledger.alerts.values():
        if alert.at >= since:
            _count(rules.setdefault(alert.rule, RuleStats()), alert, zone)
    for message in ledger.messages.values():
        if message.at < since or not message.rule:
            continue
        stats = rules.setdefault(message.rule, RuleStats())
        if message.only_recorded:
            stats.recorded += 1
        else:
            stats.messages[message.kind] += 1
        if message.kind == "alert":
            sent = [one.at for one in ledger.deliveries.get(message.id, ()) if one.status == "sent"]
            stats.seconds["alerted_sent"].extend((at - message.at).total_seconds() for at in sent)
    await _time(log, rules, ledger, since)
    return Stats(rules, tuple(_weeks(local_day(since, zone), local_day(until, zone))))


def _count(stats: RuleStats, alert: FiredAlert, zone: str) -> None:
    stats.statuses[alert.status] += 1
    stats.last = max(stats.last or alert.at, alert.at)
    week = stats.weeks.setdefault(_monday(local_day(alert.at, zone)), Week())
    week.alerts += 1
    for one in (stats, week):
        one.useful += alert.mark == "useful"
        one.noise += alert.mark == "noise"


async def _time(log: Log, rules: Mapping[str, RuleStats], ledger: Ledger, since: datetime) -> None:
    """Add how long it took. Old articles and those of a feed's first poll came late for other reasons."""
    async with aclosing(log.replay("alerts")) as messages:
        async for message in messages:
            with suppress(SchemaError):
                alert = decode(AlertTimes, message.value or b"")
                stats = rules.get(alert.rule)
                if stats is None or alert.seen < since or alert.backlog or alert.old or alert.counted:
                    continue
                if alert.published and alert.version == 1:
                    waited = (alert.first_seen - alert.published.value).total_seconds()
                    stats.seconds["published_seen"].append(max(0.0, waited))
                if state := ledger.alerts.get(alert.id):
                    stats.seconds["seen_alerted"].append(max(0.0, (state.at - alert.seen).total_seconds()))


def interval(hits: int, tries: int) -> tuple[float, float, float] | None:
    """The share, and Wilson's score interval (1927) for 95 %, which holds for few tries too; None without any."""
    if not tries:
        return None
    share, square = hits / tries, _Z * _Z
    middle = (share + square / (2 * tries)) / (1 + square / tries)
    half = _Z * sqrt(share * (1 - share) / tries + square / (4 * tries * tries)) / (1 + square / tries)
    return share, max(0.0, middle - half), min(1.0, middle + half)


def plain(stats: RuleStats, weeks: tuple[date, ...]) -> dict[str, Any]:
    """As values of JSON; latencies in seconds."""
    precision = stats.precision
    return {
        "alerts": stats.statuses.total(), "statuses": dict(stats.statuses),
        "messages": stats.messages.total(), "kinds": dict(stats.messages), "recorded": stats.recorded,
        "last": stats.last.isoformat(timespec="seconds") if stats.last else None,
        "latency": {
            step: {"p50": round(found[0], 3), "p99": round(found[1], 3)} if (found := stats.latency(step)) else None
            for step in STEPS
        },
        "useful": stats.useful, "noise": stats.noise,
        "precision": round(precision[0], 4) if precision else None,
        "interval": [round(precision[1], 4), round(precision[2], 4)] if precision else None,
        "weeks": [
            {"week": str(start), "alerts": week.alerts, "useful": week.useful, "noise": week.noise}
            for start in weeks for week in [stats.weeks.get(start, Week())]
        ],
    }  # fmt: skip


def _rank(values: list[float], share: float) -> float:
    """The value of the nearest rank."""
    return values[max(0, ceil(share * len(values)) - 1)]


def _weeks(first: date, last: date) -> Iterator[date]:
    day = _monday(first)
    while day <= last:
        yield day
        day += timedelta(weeks=1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

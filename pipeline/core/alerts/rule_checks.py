"""Checks between rules, and between the keys of one rule: what contradicts, repeats or cancels something else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pipeline.core.alerts.rules import AlertRule, ChannelSpec, Reader
from pipeline.core.calendar.digests import next_digest, parse_schedule
from pipeline.core.calendar.quiet import quiet_until
from pipeline.core.calendar.words import DAYS
from pipeline.core.query.doubts import Known, dead_branches, impossible
from pipeline.core.query.normal import normal
from pipeline.core.query.tree import Node
from pipeline.core.toml_reader import Table
from pipeline.core.wording import Text

_MONDAY = datetime(2026, 6, 1, tzinfo=UTC)  # any: spans and schedules repeat weekly
_OF_STORIES = ("group", "follow_up", "growth", "copies", "old", "must_match", "must_not_match")


def check_keys(tables: Iterable[Table]) -> None:
    """Add a fault for each rule whose name or id an earlier one has: they would share one history."""
    seen: dict[str, tuple[int, str]] = {}
    for number, table in enumerate(tables, 1):
        for key in ("name", "id"):
            value = table.values.get(key)
            if not isinstance(value, str):
                continue
            first, kind = seen.setdefault(value.casefold(), (number, key))
            if first != number:
                table.fault(key, Text("{!r} is also the {} of alert[{}]", value, Text(kind), first), "choose another")


def warn_of_queries(rules: Sequence[tuple[AlertRule, Table]], sources: Known | None) -> None:
    """Add warnings of rules that cannot fire, and of those that always fire together."""
    first: dict[tuple[Node, bool], str] = {}
    for rule, table in rules:
        if rule.counts and not rule.query:
            continue
        key = "query" if "query" in table else ""
        if reason := impossible(rule.node, sources):
            table.warn(key, Text("can never fire: {}", reason))
            continue
        for reason in dead_branches(rule.node, sources):
            table.warn(key, reason)
        other = first.setdefault((normal(rule.node), rule.counts), rule.name)
        if other != rule.name:
            table.warn(key, Text("always fires together with {!r}: they ask the same", other), "keep one of them")


def warn_of_times(
    rules: Sequence[tuple[AlertRule, Table]], reader: Reader, channels: Mapping[str, ChannelSpec]
) -> None:
    """Add warnings of settings that have no effect, or that cancel each other."""
    for rule, table in rules:
        if rule.counts:
            _unused(table, _OF_STORIES, "a rule that only counts articles reports none")
        elif rule.copies == "alert" and rule.send == "digest" and rule.group == "story":
            table.warn("copies", "has little effect: a digest shows one line for each story", 'group = "none"')
        if rule.send == "digest":
            _unused(table, ("throttle", "budget", "quiet"), 'with send = "digest" nothing is sent at once')
        records = [name for name in rule.channels if name in channels and channels[name].records]
        if len(records) == len(rule.channels):
            why = Text("its channels ({}) get every alert at once and alone", ", ".join(records))
            _unused(table, ("follow_up", "throttle", "budget", "quiet", "send", "digest"), why)
            continue
        _warn_of_digest(rule, table, reader)


def _unused(table: Table, keys: Iterable[str], why: str) -> None:
    for key in keys:
        if key in table:
            table.warn(key, Text("has no effect: {}", Text(why)), "leave it out")


def _warn_of_digest(rule: AlertRule, table: Table, reader: Reader) -> None:
    """Add a warning if the rule's digest comes in its quiet hours. Digests keep their time."""
    quiet = reader.quiet if rule.quiet is None else rule.quiet
    schedule = rule.digest or reader.digest
    uses_digest = rule.send == "digest" or rule.budget is not None
    if not quiet or not uses_digest or not parse_schedule(schedule).times:
        return
    due = _MONDAY - timedelta(seconds=1)
    while (due := next_digest(schedule, due, "UTC")) < _MONDAY + timedelta(days=7):
        if until := quiet_until(quiet, due, "UTC"):
            key = next((key for key in ("digest", "quiet") if key in table), "")
            when = Text("on {} at {:%H:%M}", Text(DAYS[due.weekday()]), due)
            hint = Text("quiet ends at {:%H:%M}", until)
            table.warn(key, Text("its digest comes {}, although it is quiet then", when), hint)
            return

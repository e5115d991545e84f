"""Reads when a rule reports: triggers, grouping, limits, quiet hours and digests."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from pipeline.core.alerts.read_reader import read_digest, read_quiet
from pipeline.core.alerts.rules import COUNTING, TRIGGERS, Growth
from pipeline.core.faults import did_you_mean
from pipeline.core.toml_reader import Table
from pipeline.core.wording import Text

WHEN_KEYS = ("trigger", "by", "growth", "group", "follow_up", "throttle", "budget", "quiet", "send", "digest")
BY, GROUPS, SENDS = ("feed", "topic", "source"), ("story", "none"), ("now", "digest")
_FOLLOW_UP = 3600.0
_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class When:
    """These fields of AlertRule."""

    triggers: tuple[str, ...]
    by: str
    growth: Growth
    group: str
    follow_up: float | None
    throttle: float
    budget: int | None
    quiet: tuple[str, ...] | None
    send: str
    digest: str | None

    def fields(self) -> dict[str, Any]:
        """Each by its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def read_when(table: Table) -> When:
    """When the rule of this table reports. Faults are added to the reader of the file."""
    when = When(
        triggers=_triggers(table),
        by=table.choice("by", BY, ""),
        growth=_growth(table),
        group=table.choice("group", GROUPS, "story"),
        follow_up=_follow_up(table),
        throttle=table.duration("throttle", 0.0, 1.0, 7 * _DAY),
        budget=table.integer("budget", None, 1, 10_000),
        quiet=read_quiet(table),
        send=table.choice("send", SENDS, "now"),
        digest=read_digest(table),
    )
    _check(table, when)
    return when


def _triggers(table: Table) -> tuple[str, ...]:
    value = table.values.get("trigger")
    if value is None:
        return ("article",)
    names = (value,) if isinstance(value, str) else table.texts("trigger", required=True, hint='trigger = "story"')
    for number, name in enumerate(names):
        if name not in TRIGGERS:
            item = None if isinstance(value, str) else number
            hint = did_you_mean(name, TRIGGERS)
            table.fault("trigger", Text("must be of {}, not {!r}", ", ".join(TRIGGERS), name), hint, item=item)
    return tuple(dict.fromkeys(names)) or ("article",)


def _growth(table: Table) -> Growth:
    if "growth" not in table:
        return Growth()
    inner = table.table("growth")
    inner.only("sources", "countries", "languages")
    return Growth(*(inner.integer(key, 0, 2, 1000) for key in ("sources", "countries", "languages")))


def _follow_up(table: Table) -> float | None:
    if table.values.get("follow_up") == "never":
        return None
    return table.duration("follow_up", _FOLLOW_UP, 60.0, 7 * _DAY)


def _check(table: Table, when: When) -> None:
    """Add faults for keys that contradict each other."""
    triggers = set(when.triggers)
    if "growth" in triggers and not table.values.get("growth"):
        hint = Text("growth = { sources = 3 }; countries and languages are possible, too")
        table.fault("growth", "is missing: the trigger growth needs to know how far a story must grow", hint)
    if "growth" in table and "growth" not in triggers:
        names = ", ".join(f'"{name}"' for name in (*when.triggers, "growth"))
        table.fault("growth", "needs the trigger growth", f"trigger = [{names}]")
    if when.by and not triggers & COUNTING:
        table.fault("by", "is for the triggers silence and burst", "leave it out, or name one of them as trigger")
    if when.group == "none" and "follow_up" in table and when.follow_up is not None:
        table.fault(
            "follow_up", 'follows up stories, but group = "none" makes none', 'group = "story", or leave it out'
        )
    if when.group == "none" and triggers & {"story", "growth"}:
        needs = " and ".join(sorted(triggers & {"story", "growth"}))
        table.fault("group", Text("must be story for the trigger {}", needs), "leave it out")

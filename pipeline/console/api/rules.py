"""The API of alert rules: each with its figures, and a check of a draft."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from pipeline.console.api.operation import Answer, Body, Call, Operation
from pipeline.console.pages.rules import BACK, check_values
from pipeline.core.alerts.rules import AlertRule
from pipeline.core.alerts.when_sentence import when_sentence
from pipeline.core.faults import Fault
from pipeline.core.query.sentence import sentence
from pipeline.reports.alert_stats import RuleStats, plain

Text = Annotated[str, Meta(max_length=20_000)]
Name = Annotated[str, Meta(max_length=200)]
Whole = Annotated[int, Meta(ge=-(10**9), le=10**9)]
#: What a key of a rule may hold in TOML; null takes it out.
Value = bool | Whole | Text | Annotated[list[Text], Meta(max_length=1_000)] | dict[Name, Whole] | None


class Latency(Answer, frozen=True, kw_only=True):
    """Seconds: the median and the 99th percentile."""

    p50: float
    p99: float


class RuleWeek(Answer, frozen=True, kw_only=True):
    """A local week, by its Monday."""

    week: date
    alerts: int
    useful: int
    noise: int


class RuleFigures(Answer, frozen=True, kw_only=True):
    """What the rule did in 90 days. `precision`: share of the marked alerts that were useful; `interval`: of 95 %."""

    alerts: int
    statuses: dict[str, int]
    messages: int
    kinds: dict[str, int]
    recorded: int
    last: datetime | None
    latency: dict[str, Latency | None]
    useful: int
    noise: int
    precision: float | None
    interval: tuple[float, float] | None
    weeks: tuple[RuleWeek, ...]


class OneRule(Answer, frozen=True, kw_only=True):
    """A rule of alerts.toml. `sentence`: its query in words; `when`: when it sends what to whom."""

    key: str
    name: str
    description: str
    query: str
    sentence: str
    when: str
    severity: str
    enabled: bool
    channels: tuple[str, ...]
    figures: RuleFigures


class RuleList(Answer, frozen=True, kw_only=True):
    """The rules in force, in their order."""

    rules: tuple[OneRule, ...]


class Draft(Body, frozen=True, kw_only=True):
    """A rule as in alerts.toml (docs/alerts.md). `named`: id or name of the rule that it changes; "": a new one."""

    rule: Annotated[dict[Name, Value], Meta(min_length=1, max_length=100)]
    named: Name = ""


class Remark(Answer, frozen=True, kw_only=True):
    """What is wrong with a draft, where, and what to do."""

    key: str
    reason: str
    hint: str


class Checked(Answer, frozen=True, kw_only=True):
    """Whether the draft could be saved. Nothing is saved."""

    valid: bool
    sentence: str
    when: str
    faults: tuple[Remark, ...]
    warnings: tuple[Remark, ...]


async def listed(call: Call) -> RuleList:
    """Every rule with its figures."""
    desk = call.desk
    alerts, stats = desk.configuration().alerts, await desk.rule_stats(BACK)

    def made(rule: AlertRule) -> OneRule:
        figures = plain(stats.rules.get(rule.key, RuleStats()), stats.weeks)
        return OneRule(
            key=rule.key, name=rule.name, description=rule.description, query=rule.query, sentence=_said(rule),
            when=when_sentence(rule, alerts.reader, alerts.channels), severity=rule.severity, enabled=rule.enabled,
            channels=rule.channels, figures=msgspec.convert(figures, RuleFigures),
        )  # fmt: skip

    return RuleList(rules=tuple(map(made, alerts.rules)))


async def check(call: Call) -> Checked:
    """Check a draft as the editor of rules does."""
    configuration, body = call.desk.configuration(), call.body
    found = await asyncio.to_thread(check_values, configuration, body.named, body.rule)
    faults = [fault for some in (found.faults or {}).values() for fault in some] + list(found.others)
    rule, alerts = found.rule, found.alerts
    when = when_sentence(rule, alerts.reader, alerts.channels) if rule and alerts else ""
    return Checked(
        valid=rule is not None, sentence=_said(rule) if rule else "", when=when,
        faults=tuple(map(_remark, faults)), warnings=tuple(map(_remark, found.warnings)),
    )  # fmt: skip


def _said(rule: AlertRule) -> str:
    return sentence(rule.asked) if rule.asked is not None and rule.query else ""


def _remark(fault: Fault) -> Remark:
    return Remark(key=fault.key, reason=fault.reason, hint=fault.hint)


OPERATIONS = (
    Operation("rules.list", "GET", "/rules", "Rules with what they did in 90 days", listed, RuleList),
    Operation("rules.check", "POST", "/rules/check", "Check a draft of a rule; nothing is saved", check, Checked,
              body=Draft),
)  # fmt: skip

"""The API of alert rules: each with its figures, and a check of a draft."""

from __future__ import annotations

import asyncio
from datetime import date, datetime

import msgspec

from pipeline.console.api import rule_changes
from pipeline.console.api.operation import Answer, Call, Operation
from pipeline.console.api.problem import Remark, remark
from pipeline.console.api.rule_values import Draft
from pipeline.console.pages.rules import BACK, check_values
from pipeline.core.alerts.rules import AlertRule
from pipeline.core.alerts.when_sentence import when_sentence
from pipeline.core.query.sentence import sentence
from pipeline.reports.alert_stats import RuleStats, plain


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
        faults=tuple(map(remark, faults)), warnings=tuple(map(remark, found.warnings)),
    )  # fmt: skip


def _said(rule: AlertRule) -> str:
    return sentence(rule.asked) if rule.asked is not None and rule.query else ""


OPERATIONS = (
    Operation("rules.list", "GET", "/rules", "Rules with what they did in 90 days", listed, RuleList),
    Operation("rules.check", "POST", "/rules/check", "Check a draft of a rule; nothing is saved", check, Checked,
              body=Draft),
    *rule_changes.OPERATIONS,
)  # fmt: skip

"""Decides whether a rule may send a message now, and if not, why and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.calendar.quiet import quiet_until
from pipeline.core.notification.planning.plan import Plan
from pipeline.core.notification.planning.state import State

FLOOD, FLOOD_TIME = 600, timedelta(minutes=1)  # messages of a rule in this time; then the rest comes as one summary
CHANGES = timedelta(minutes=10)  # between two messages about changes in a story


@dataclass(frozen=True, slots=True)
class Closed:
    """`why`: as in AlertState. `until`: when to look again; None: the lane of that reason decides."""

    why: str
    until: datetime | None = None


def closed(plan: Plan, state: State, rule: AlertRule, now: datetime) -> Closed | None:
    """Why the rule, which does not only send digests, may send no message about an alert now; the budget decides
    afterwards."""
    return flooded(state, rule.key, now) or resting(plan, state, rule, now)


def resting(plan: Plan, state: State, rule: AlertRule, now: datetime) -> Closed | None:
    """Quiet hours and throttle."""
    if until := quiet_until(plan.quiet(rule), now, plan.reader.zone):
        return Closed("quiet", until)
    if rule.throttle:
        sent = state.rule(rule.key).sent
        last = next((at for at in reversed(sent) if at <= now), None)  # a clock that was wrong does not count
        if last and (until := last + timedelta(seconds=rule.throttle)) > now:
            return Closed("throttle", until)
    return None


def flooded(state: State, rule: str, now: datetime) -> Closed | None:
    """Whether it sends so many messages that nobody can read them. Until its summary is sent, nothing goes before."""
    waiting = state.lanes.get((rule, "backlog", ""))
    if waiting and any(entry and entry.why == "flood" for entry in (waiting.first(), waiting.last())):
        return Closed("flood")
    sent = state.rule(rule).sent
    return Closed("flood") if len(sent) >= FLOOD and now >= sent[-FLOOD] > now - FLOOD_TIME else None

"""Asks the budgets of rules which alerts may go out at once."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.calendar.local import day_starts, local_day
from pipeline.core.notification.planning.budget import Budget
from pipeline.core.notification.planning.entry import Entry
from pipeline.core.notification.planning.plan import Plan
from pipeline.core.notification.planning.state import State

_WAITED = frozenset({"story", "change", "backlog", "flood", "digest"})  # of such a reason no budget was asked


class Budgets:
    """The budgets of the rules that have one. They learn from all alerts that could have been sent."""

    def __init__(self, plan: Plan, state: State) -> None:
        self._plan, self._state = plan, state
        self._budgets = {
            key: Budget(rule.budget, plan.reader.zone) for key, rule in plan.rules.items() if rule.budget is not None
        }
        if self._budgets:
            for entry in sorted(state.entries.values(), key=lambda entry: (entry.at, entry.rule, entry.number)):
                self.offer(entry)

    def offer(self, entry: Entry) -> None:
        """Note an alert that could be sent."""
        budget = self._budgets.get(entry.rule)
        replaced = entry.status == "unchanged" and entry.why  # it waited until a newer version came
        sendable = (entry.status in ("held", "reported") or replaced) and entry.why not in _WAITED
        if budget and sendable and entry.kind == "article":
            budget.offer(entry.at, entry.score)

    def admits(self, rule: AlertRule, score: float, now: datetime) -> bool:
        """Whether the rule may send a message with that score today."""
        budget = self._budgets.get(rule.key)
        if budget is None:
            return True
        zone = self._plan.reader.zone
        start = day_starts(local_day(now, zone), zone)
        sent = self._state.rule(rule.key).sent
        today = sum(at <= now for at in takewhile(lambda at: at >= start, reversed(sent)))
        return budget.admits(now, score, today)

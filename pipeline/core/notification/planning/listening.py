"""Listens to all rules with the triggers silence and burst, and makes messages of what is found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from pipeline.core.alerts.rules import COUNTING, AlertRule
from pipeline.core.notification.planning import compose
from pipeline.core.notification.planning.decision import Draft
from pipeline.core.notification.planning.entry import Entry
from pipeline.core.notification.planning.gates import Closed, resting
from pipeline.core.notification.planning.mutes import muting
from pipeline.core.notification.planning.plan import Plan
from pipeline.core.notification.planning.state import State
from pipeline.core.notification.rhythms.listener import Finding, Listener, counted_of
from pipeline.core.notification.streams import RHYTHMS
from pipeline.records import Alert, AlertRhythm, AlertState


class Listening:
    """One listener for each rule that has those triggers."""

    def __init__(self) -> None:
        self._listeners: dict[str, Listener] = {}
        self._resting: dict[str, Listener] = {}  # of rules that were disabled or removed
        self._records: dict[str, dict[str, AlertRhythm]] = {}  # of rules without a listener: rule -> key -> record

    def take_plan(self, plan: Plan) -> None:
        """Listen for the rules of a plan. What a rule has learned is kept, unless it counts something else."""
        before, self._listeners = {**self._resting, **self._listeners}, {}
        for key, rule in plan.rules.items():
            if not rule.enabled or not COUNTING & set(rule.triggers):
                continue
            known = before.get(key)
            if known and known.counts == counted_of(rule):
                known.rule = rule
                self._listeners[key] = known
                continue
            listener = self._listeners[key] = Listener(rule)
            for record in self._records.pop(key, {}).values():
                listener.put(record)
            if known:
                listener.replaces(known)

        self._resting = {key: listener for key, listener in before.items() if key not in self._listeners}

    def put(self, record: AlertRhythm) -> None:
        """Take a record of the state, on restoring."""
        if listener := self._listeners.get(record.rule):
            listener.put(record)
        else:
            self._records.setdefault(record.rule, {})[record.key] = record

    def hear(self, alert: Alert, plan: Plan, draft: Draft) -> None:
        """Count the article of an alert."""
        if listener := self._listeners.get(alert.rule):
            self._add(listener, listener.hear(alert, draft.now), plan, draft)

    def due(self, plan: Plan, draft: Draft) -> None:
        """Let time pass."""
        for listener in self._listeners.values():
            # The first call begins to watch: a rule of which no article comes after a start is silent, too.
            if (due := listener.next_due()) is None or due <= draft.now:
                self._add(listener, listener.due(draft.now), plan, draft)

    def next_due(self) -> datetime | None:
        moments = (listener.next_due() for listener in self._listeners.values())
        return min((moment for moment in moments if moment), default=None)

    def _add(self, listener: Listener, findings: Iterable[Finding], plan: Plan, draft: Draft) -> None:
        """Add what was found to the draft, then what was learned: a kill in between must not lose a finding."""
        for finding in findings:
            if finding.id not in draft.state.entries:
                report(finding, listener.rule, plan, draft)
        for stale in listener.stale():
            draft.records.append((RHYTHMS, f"{listener.rule.key}/{stale}", None))
        for record in listener.changed(draft.now):
            draft.records.append((RHYTHMS, f"{record.rule}/{record.key}", record))


def report(finding: Finding, rule: AlertRule, plan: Plan, draft: Draft) -> None:
    """Send the message about a finding, or hold it for quiet hours and throttle. It needs no budget: it is rare."""
    state, now = draft.state, draft.now
    plain = _state_of(finding, state, now)
    if mute := muting(state.mutes.values(), plain, now):
        draft.alert(replace(plain, status="muted", why=mute.id))
        return
    readers, keepers = plan.readers(rule.channels), plan.keepers(rule.channels)
    shut = Closed("digest") if rule.send == "digest" else resting(plan, state, rule, now)
    shut = shut if readers else None
    if shut is None:
        message = compose.finding(Entry(plain), rule, rule.channels, now)
        draft.reported(message, replace(plain, status="reported", message=message.id))
        return
    if keepers:
        message = compose.finding(Entry(plain), rule, keepers, now)
        draft.message(replace(message, id=compose.message_id("each", finding.id), reported=()))
    draft.alert(replace(plain, status="held", why=shut.why, due=shut.until))


def _state_of(finding: Finding, state: State, now: datetime) -> AlertState:
    return AlertState(
        id=finding.id, rule=finding.rule, status="noted", at=now, number=state.rule(finding.rule).number + 1,
        kind="silence" if finding.kind == "silence" else "burst", title=finding.text, seen=finding.since,
        source=finding.key, places=(), article="", original="",
    )  # fmt: skip

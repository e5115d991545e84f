"""Sends the summaries of what gathered in a pause, in a flood, or before a rule was there.

A summary belongs to one rule, unless many rules have something for the same channels: after an import of five hundred
keywords, or an outage with as many rules, one message says it all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pipeline.core.calendar.quiet import quiet_until
from pipeline.core.notification.planning import compose
from pipeline.core.notification.planning.aside import sendable
from pipeline.core.notification.planning.decision import Draft
from pipeline.core.notification.planning.due import MOST, QUIET, first_current
from pipeline.core.notification.planning.lanes import Lane
from pipeline.core.notification.planning.plan import Plan
from pipeline.core.notification.planning.state import State

FEW = 5  # rules of the same channels that have a summary each


class Summaries:
    """Sends from lanes of backlog that are due. Each of them is afterwards empty, or has another due time."""

    def __init__(self, plan: Plan, state: State) -> None:
        self.plan, self.state = plan, state

    def release(self, lanes: Sequence[Lane], draft: Draft) -> None:
        """Send what waits in the lanes, of rules in force that have readers; not in their quiet hours."""
        by_channels: dict[tuple[str, ...], list[Lane]] = {}
        for lane in lanes:
            if until := self._quiet(lane, draft.now):
                lane.due = until
            elif (first := lane.first()) and first.why == "flood":
                self._send([lane], draft)
            else:
                by_channels.setdefault(self._channels(lane), []).append(lane)
        for channels, due in by_channels.items():
            self._for_channels(channels, due, draft)

    def _for_channels(self, channels: tuple[str, ...], due: Sequence[Lane], draft: Draft) -> None:
        every = self._waiting(channels, draft.now)
        if len(every) <= FEW:
            for lane in due:
                self._send([lane], draft)
            return
        until = self._gathered(every, draft.now)
        if until > draft.now:
            for lane in due:
                lane.due = until
            return
        self._send(every, draft, along=True)

    def _waiting(self, channels: tuple[str, ...], now: datetime) -> list[Lane]:
        """All lanes of backlog for the same channels, whether due or still filling, that may be said now."""
        return [
            lane
            for key, lane in sorted(self.state.lanes.items())
            if key[1] == "backlog"
            and self._channels(lane) == channels
            and not self._quiet(lane, now)
            and first_current(self.state, lane)
        ]

    def _gathered(self, lanes: Sequence[Lane], now: datetime) -> datetime:
        """When no more has come to any of them for a while, or one has waited long enough."""
        latest = max(min(lane.latest or now, now) for lane in lanes)
        first = min(entry.since(now) for lane in lanes if (entry := first_current(self.state, lane)))
        return min(latest + QUIET, first + MOST)

    def _channels(self, lane: Lane) -> tuple[str, ...]:
        rule = self.plan.rule(lane.key[0])
        return tuple(sorted(self.plan.readers(rule.channels))) if rule and rule.send == "now" else ()

    def _quiet(self, lane: Lane, now: datetime) -> datetime | None:
        return quiet_until(self.plan.quiet(self.plan.rule(lane.key[0])), now, self.plan.reader.zone)

    def _send(self, lanes: Sequence[Lane], draft: Draft, along: bool = False) -> None:
        lanes = sendable(self.plan, self.state, lanes, draft, along)
        named = [(key, rule.name, rule.severity) for lane in lanes if (rule := self.plan.rule(key := lane.key[0]))]
        if not named:
            return
        reasons = {first.why for lane in lanes if (first := lane.first())}
        why = reasons.pop() if len(reasons) == 1 else "backlog"
        channels = self.plan.readers(self.plan.rules[named[0][0]].channels)
        draft.message(compose.many(self.state, "summary", named, lanes, channels, draft.now, why))

"""Keeps the delivery state of every alert, and decides what to send when.

The status of an alert is one of: held (backlog, waits for the summary of its rule), pending (not yet delivered to all
channels), sent, copy (of an article that its rule already reported), failed (given up).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from pipeline.records import Alert, AlertState

WAITING = ("held", "pending")
REPORTED = ("sent", "held", "pending")


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How alerts are grouped and retried. Times are in seconds."""

    quiet: float = 30  # a backlog summary is sent once its rule has fired no further alert for this long,
    max_wait: float = 600  # or when its first alert has waited this long
    retry: float = 30  # before the second attempt; doubles with each
    max_retry: float = 900
    attempts: int = 60  # with the times above about 14 hours: a mail server may be down overnight
    timeout: float = 60  # of one send
    slow: float = 4  # of a send, after which its channel counts as failing until it answers
    batch: int = 20  # pending alerts in one message
    alone_from: int = 3  # from this attempt on each alert is sent alone, so that a bad one does not block the others
    keep: float = 90 * 86400  # how long a sent alert is remembered


@dataclass(frozen=True, slots=True)
class Batch:
    """Alerts for one message to one channel."""

    channel: str
    alerts: tuple[Alert, ...]


class Ledger:
    """The states of all alerts. Every change is a `put` of the state that is published on the log."""

    def __init__(self, options: DeliveryOptions) -> None:
        self.options = options
        self._states: dict[str, AlertState] = {}  # in order of their last change
        self._waiting: dict[str, AlertState] = {}
        self._reported: dict[tuple[str, str], set[str]] = {}  # (rule, article) -> alerts about it, sent or waiting

    def get(self, alert: str) -> AlertState | None:
        return self._states.get(alert)

    def put(self, state: AlertState) -> None:
        self.remove(state.id)
        # The alert itself is kept only while it waits: far more alerts are done.
        waiting = state.status in WAITING
        self._states[state.id] = state if waiting else msgspec.structs.replace(state, alert=None)
        if waiting:
            self._waiting[state.id] = state
        if state.status in REPORTED:
            self._reported.setdefault((state.rule, state.original), set()).add(state.id)

    def remove(self, alert: str) -> None:
        state = self._states.pop(alert, None)
        if state is None:
            return
        self._waiting.pop(alert, None)
        if alerts := self._reported.get((state.rule, state.original)):
            alerts.discard(alert)
            if not alerts:
                del self._reported[state.rule, state.original]

    def is_skipped_copy(self, alert: Alert) -> bool:
        """Whether it is about a copy of an article that its rule reported, and the rule skips copies."""
        original = alert.duplicate_of
        return alert.copies == "skip" and original is not None and (alert.rule, original) in self._reported

    # -- what is due

    def due(self, now: datetime, blocked: Iterable[str] = ()) -> list[Batch]:
        """The messages to send now, except to blocked channels."""
        blocked_channels = frozenset(blocked)
        batches: dict[tuple[str, ...], list[Alert]] = {}
        for state in self._waiting.values():
            if state.alert is None or state.status == "held" or (state.due and state.due > now):
                continue
            for channel in state.pending:
                if channel not in blocked_channels:
                    batches.setdefault(self._message(channel, state), []).append(state.alert)
        found = [Batch(key[0], tuple(part)) for key, alerts in batches.items() for part in self._parts(key, alerts)]
        return self._summaries(now, blocked_channels) + found

    def _message(self, channel: str, state: AlertState) -> tuple[str, ...]:
        assert state.alert is not None
        if state.attempt >= self.options.alone_from:
            return channel, "alone", state.id
        return (channel, "summary", state.rule) if state.alert.backlog else (channel,)

    def _parts(self, key: tuple[str, ...], alerts: list[Alert]) -> list[list[Alert]]:
        if "summary" in key:
            return [alerts]
        size = self.options.batch
        return [alerts[n : n + size] for n in range(0, len(alerts), size)]

    def _summaries(self, now: datetime, blocked: frozenset[str]) -> list[Batch]:
        found = []
        for due, states in self._held():
            alerts = tuple(state.alert for state in states if state.alert is not None)
            if due <= now:
                channels = dict.fromkeys(channel for alert in alerts for channel in alert.channels)
                found += [
                    Batch(channel, tuple(alert for alert in alerts if channel in alert.channels))
                    for channel in channels
                    if channel not in blocked
                ]
        return found

    def _held(self) -> list[tuple[datetime, list[AlertState]]]:
        """The held alerts of each rule, with the moment at which their summary is due."""
        rules: dict[str, list[AlertState]] = {}
        for state in self._waiting.values():
            if state.status == "held":
                rules.setdefault(state.rule, []).append(state)
        quiet, max_wait = timedelta(seconds=self.options.quiet), timedelta(seconds=self.options.max_wait)
        return [
            (min(max(s.at for s in states) + quiet, min(s.at for s in states) + max_wait), states)
            for states in rules.values()
        ]

    def next_due(self, blocked: Mapping[str, datetime]) -> datetime | None:
        """When the next message is due; `blocked` channels are not used before the moment given."""
        moments = []
        for due, states in self._held():
            channels = {channel for state in states if state.alert for channel in state.alert.channels}
            moments.append(_open(due, channels, blocked))
        for state in self._waiting.values():
            if state.status == "pending" and state.due:
                moments.append(_open(state.due, state.pending, blocked))
        return min(moments, default=None)

    def expired(self, now: datetime, limit: int) -> list[str]:
        """At most `limit` alerts that no longer have to be remembered."""
        found: list[str] = []
        before = now - timedelta(seconds=self.options.keep)
        for state in self._states.values():
            if state.at >= before or len(found) == limit:
                break
            if state.status not in WAITING:
                found.append(state.id)
        return found

    def waiting(self) -> int:
        """How many alerts are held or pending."""
        return len(self._waiting)

    # -- states

    def first_state(self, alert: Alert, status: str, now: datetime, channels: Sequence[str] = ()) -> AlertState:
        """The first state of an alert; `channels` are those that have to take it."""
        return AlertState(
            id=alert.id,
            rule=alert.rule,
            original=alert.duplicate_of or alert.article,
            status=status,
            at=now,
            pending=tuple(channels),
            due=now + timedelta(seconds=self.wait(0)) if status == "pending" else None,
            alert=alert if status in WAITING else None,
        )

    def after_attempt(self, state: AlertState, now: datetime, served: Collection[str], refused: bool) -> AlertState:
        """The state after an attempt: `served` channels took the alert; if `refused`, another did not."""
        # No channel has taken a held alert yet.
        before = state.alert.channels if state.status == "held" and state.alert else state.pending
        left = tuple(channel for channel in before if channel not in served)
        attempt = state.attempt + refused
        status = "sent" if not left else "failed" if attempt >= self.options.attempts else "pending"
        return msgspec.structs.replace(
            state,
            status=status,
            at=now,
            pending=left,
            attempt=attempt,
            due=now + timedelta(seconds=self.wait(attempt)) if status == "pending" else None,
            alert=None if status == "sent" else state.alert,
        )

    def wait(self, attempt: int) -> float:
        """Seconds to wait after attempt number `attempt`."""
        return float(min(self.options.retry * 2 ** min(max(attempt - 1, 0), 20), self.options.max_retry))


def _open(due: datetime, channels: Collection[str], blocked: Mapping[str, datetime]) -> datetime:
    """The first moment, not before `due`, at which one of the channels may be used."""
    return max(due, min((blocked.get(channel, due) for channel in channels), default=due))

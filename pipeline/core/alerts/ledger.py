"""What was sent, is held or must be tried again: the memory of notify. Sends nothing; the clock comes in.

An alert is at any time one of: held (backlog, waits for the summary of its rule), pending (some channels still to be
served), sent, copy (of an article its rule already told of), failed (given up).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from pipeline.records import Alert, AlertState

WAITING = ("held", "pending")
TOLD = ("sent", "held", "pending")


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """Times in seconds."""

    quiet: float = 30  # a backlog summary goes out when no further alert of its rule came for this long,
    longest: float = 600  # or when the first has waited this long
    retry: float = 30  # before the second try; doubles with each
    retry_longest: float = 900
    attempts: int = 60  # with the times above about 14 hours: a mail server may be down overnight
    timeout: float = 60  # of one send
    together: int = 20  # pending alerts in one message
    singly: int = 3  # from this attempt on each alert goes alone: one bad alert must not keep others back
    keep: float = 90 * 86400  # what was sent is remembered


@dataclass(frozen=True, slots=True)
class Batch:
    """Alerts for one message to one channel."""

    channel: str
    alerts: tuple[Alert, ...]


class Ledger:
    """The states of all alerts. Every change is made by `put`, with the state that goes on the log."""

    def __init__(self, options: DeliveryOptions) -> None:
        self.options = options
        self._states: dict[str, AlertState] = {}  # in order of their last change
        self._waiting: dict[str, AlertState] = {}
        self._told: dict[tuple[str, str], set[str]] = {}  # (rule, article) -> alerts that told, or will tell, of it

    def get(self, alert: str) -> AlertState | None:
        return self._states.get(alert)

    def put(self, state: AlertState) -> None:
        self.remove(state.id)
        # The alert itself is only remembered while it is waiting: there are far more of the others.
        waiting = state.status in WAITING
        self._states[state.id] = state if waiting else msgspec.structs.replace(state, alert=None)
        if waiting:
            self._waiting[state.id] = state
        if state.status in TOLD:
            self._told.setdefault((state.rule, state.original), set()).add(state.id)

    def remove(self, alert: str) -> None:
        state = self._states.pop(alert, None)
        if state is None:
            return
        self._waiting.pop(alert, None)
        if told := self._told.get((state.rule, state.original)):
            told.discard(alert)
            if not told:
                del self._told[state.rule, state.original]

    def is_told(self, alert: Alert) -> bool:
        """Whether it is a copy of an article that its rule told of, and the rule does not want those."""
        return (
            alert.copies == "skip" and alert.duplicate_of is not None and (alert.rule, alert.duplicate_of) in self._told
        )

    # -- what is due

    def due(self, now: datetime, blocked: Iterable[str] = ()) -> list[Batch]:
        """The messages to send now, none to a blocked channel."""
        shut = frozenset(blocked)
        batches: dict[tuple[str, ...], list[Alert]] = {}
        for state in self._waiting.values():
            if state.alert is None or state.status == "held" or (state.due and state.due > now):
                continue
            for channel in state.pending:
                if channel not in shut:
                    batches.setdefault(self._message(channel, state), []).append(state.alert)
        found = [Batch(key[0], tuple(part)) for key, alerts in batches.items() for part in self._parts(key, alerts)]
        return self._summaries(now, shut) + found

    def _message(self, channel: str, state: AlertState) -> tuple[str, ...]:
        assert state.alert is not None
        if state.attempt >= self.options.singly:
            return channel, "alone", state.id
        return (channel, "summary", state.rule) if state.alert.backlog else (channel,)

    def _parts(self, key: tuple[str, ...], alerts: list[Alert]) -> list[list[Alert]]:
        if "summary" in key:
            return [alerts]
        size = self.options.together
        return [alerts[n : n + size] for n in range(0, len(alerts), size)]

    def _summaries(self, now: datetime, shut: frozenset[str]) -> list[Batch]:
        found = []
        for due, states in self._held():
            alerts = tuple(state.alert for state in states if state.alert is not None)
            if due <= now:
                channels = dict.fromkeys(channel for alert in alerts for channel in alert.channels)
                found += [
                    Batch(channel, tuple(alert for alert in alerts if channel in alert.channels))
                    for channel in channels
                    if channel not in shut
                ]
        return found

    def _held(self) -> list[tuple[datetime, list[AlertState]]]:
        """The held alerts by rule, with the moment their summary is due."""
        rules: dict[str, list[AlertState]] = {}
        for state in self._waiting.values():
            if state.status == "held":
                rules.setdefault(state.rule, []).append(state)
        quiet, longest = timedelta(seconds=self.options.quiet), timedelta(seconds=self.options.longest)
        return [
            (min(max(s.at for s in states) + quiet, min(s.at for s in states) + longest), states)
            for states in rules.values()
        ]

    def next_due(self, blocked: Mapping[str, datetime]) -> datetime | None:
        """When something is due next, with channels that are not to be used before some moment."""
        moments = []
        for due, states in self._held():
            channels = {channel for state in states if state.alert for channel in state.alert.channels}
            moments.append(_open(due, channels, blocked))
        for state in self._waiting.values():
            if state.status == "pending" and state.due:
                moments.append(_open(state.due, state.pending, blocked))
        return min(moments, default=None)

    def old(self, now: datetime, limit: int) -> list[str]:
        """Alerts that need not be remembered any more, at most `limit`."""
        found: list[str] = []
        before = now - timedelta(seconds=self.options.keep)
        for state in self._states.values():
            if state.at >= before or len(found) == limit:
                break
            if state.status not in WAITING:
                found.append(state.id)
        return found

    def waiting(self) -> int:
        return len(self._waiting)

    # -- states

    def first_state(self, alert: Alert, status: str, now: datetime, channels: Sequence[str] = ()) -> AlertState:
        """The first state of an alert, with the channels still to serve."""
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
        """The state after a try that `served` channels took and, if `refused`, some other did not."""
        # Of a held alert all channels are still to serve.
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
        """Seconds before the try after the `attempt`-th."""
        return float(min(self.options.retry * 2 ** min(max(attempt - 1, 0), 20), self.options.retry_longest))


def _open(due: datetime, channels: Collection[str], blocked: Mapping[str, datetime]) -> datetime:
    """The first moment from `due` on at which one of the channels may be used."""
    return max(due, min((blocked.get(channel, due) for channel in channels), default=due))

"""Runs rules over past alerts in virtual time: the planner that notify runs, on the times at which articles arrived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.notification.planning.planner import Decision, Plan, Planner
from pipeline.core.notification.streams import DELIVERIES
from pipeline.records import Alert, AlertRequest, AlertState, Delivery, Message

MOST_AT_ONCE = 100_000  # decisions due at one moment; more would mean that they never end


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an alert when it arrived: the status and reason of its state, or why it was passed over."""

    status: str
    why: str = ""


class Rehearsal:
    """One planner and its virtual clock. Every message counts as delivered at once."""

    def __init__(self, plan: Plan, start: datetime) -> None:
        self._planner = Planner(plan)
        for key in plan.rules:
            self._planner.ask(AlertRequest(at=start, started=key), start)

    def take(self, alert: Alert, at: datetime) -> tuple[Fate, list[Message]]:
        """What becomes of an alert that arrives, and the messages that are sent at once."""
        decision = self._planner.take(alert, at)
        states = [record for _, key, record in decision.records if key == alert.id and isinstance(record, AlertState)]
        fate = Fate(states[-1].status, states[-1].why) if states else Fate("passed over", decision.drop)
        return fate, self._sent(decision)

    def until(self, moment: datetime) -> Iterator[Message]:
        """The messages that fall due up to a moment, in their order."""
        for _ in range(MOST_AT_ONCE):
            due = self._planner.next_due()
            if due is None or due > moment:
                return
            yield from self._sent(self._planner.due(due))
        raise RuntimeError(f"the same is due again and again at {due}")

    @property
    def waiting(self) -> int:
        """How many alerts are held."""
        return self._planner.waiting()

    def _sent(self, decision: Decision) -> list[Message]:
        messages = [record for _, _, record in decision.records if isinstance(record, Message)]
        for message in messages:
            for channel in message.channels:
                sent = Delivery(message=message.id, channel=channel, status="sent", at=message.at)
                self._planner.put(DELIVERIES, f"{message.id}/{channel}", sent)
        return messages

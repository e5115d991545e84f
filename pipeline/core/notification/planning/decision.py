"""What the planner answers: records to publish."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from pipeline.core.notification.planning.entry import Entry
from pipeline.core.notification.planning.state import Sent, State
from pipeline.core.notification.streams import ALERT_STATE, MESSAGES
from pipeline.records import AlertState, Message, Record

Change = tuple[str, str, Record | None]  # stream, key, record; None deletes


@dataclass(frozen=True, slots=True)
class Decision:
    """`records`: the new state, in order, None deletes; as (stream, key, record). `drop`: why nothing follows.

    The planner has them already: they are not `put` again. Any prefix of them is a consistent state.
    """

    records: tuple[Change, ...] = ()
    drop: str = ""


def nothing(reason: str) -> Decision:
    return Decision(drop=reason)


@dataclass(slots=True)
class Draft:
    """Records in the making. What is added is also put into the state."""

    state: State
    now: datetime
    records: list[Change] = field(default_factory=list)

    def message(self, message: Message) -> None:
        if message.id not in self.state.messages:  # else a kill came after it
            self.records.append((MESSAGES, message.id, message))
            self.state.put_message(Sent.of(message))

    def alert(self, alert: AlertState) -> None:
        self.records.append((ALERT_STATE, alert.id, alert))
        self.state.put_state(alert)

    def reported(self, message: Message, alert: AlertState) -> None:
        """A message, and the state of the alert that it reports: a kill in between must not lose the message."""
        self.state.put_state(alert)
        self.message(message)
        self.records.append((ALERT_STATE, alert.id, alert))

    def again(self, entry: Entry, **changes: object) -> None:
        """The state of a known alert with changes. The alert itself is kept while it waits."""
        state = replace(entry.state(), alert=entry.body)
        self.alert(replace(state, **changes))

    def decided(self, otherwise: str = "") -> Decision:
        return Decision(tuple(self.records), "" if self.records else otherwise)

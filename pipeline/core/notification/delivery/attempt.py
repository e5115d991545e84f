"""What waits for a channel, an attempt to send it, and the health of the channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.records import Delivery, Message

#: How a message ends on a channel; `waiting` is what it is before.
FINAL = ("sent", "refused", "unsure", "given_up")


@dataclass(slots=True)
class Waiting:
    """A message that waits. `since`: when it was made or asked for again. `own`: `due` is not that of the channel."""

    id: str
    since: datetime
    message: Message | None  # None: only on the log
    delivery: Delivery | None = None  # None before the first attempt
    due: datetime | None = None
    own: bool = False
    single: bool = False  # not to be merged
    doubt: bool = False  # an earlier process may have sent it, without a record of that

    @property
    def perhaps_taken(self) -> bool:
        """Whether a receiver may have a part of it, which it would not recognize in a merged message."""
        state = self.delivery
        return state is not None and bool(state.taken or state.unsure or state.started)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message to send now. `members`: the messages that it stands for."""

    channel: str
    message: Message
    key: str
    members: tuple[str, ...]
    taken: tuple[int, ...] = ()
    decided: bool = True  # False: that these are sent now, and under which key, must be on the log first


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """The health of a channel. `error` None: the last attempt succeeded. Nothing is sent before `blocked`."""

    sent: int = 0
    failures: int = 0  # in a row
    error: str | None = None
    since: datetime | None = None
    blocked: datetime | None = None
    broken: bool = False  # it will take nothing until someone changes something
    waiting: int = 0
    lost: int = 0  # messages refused, given up, or unsure to the last, since the process started

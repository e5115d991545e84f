"""Decides what follows when a channel did not accept a message: when it is tried again, or that it is over.

The kinds of failure are those of `ports.SendFailure`. All waits are in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.records import Delivery

FIRST = 30.0  # after the first failure of a channel in a row; doubles with each
LONGEST = 900.0
HANGING = 3600.0  # the longest after attempts that brought no answer: each may have been taken
BROKEN = 3600.0  # a channel with wrong credentials or a wrong address
BUSIEST = 86400.0  # the longest that a channel may ask for
UNSURE = (600.0, 3600.0, 21600.0)  # between attempts that may have been taken; after the last of them it is over
REFUSALS = 3  # messages refused in a row from which on the channel counts as broken
ALONE = 3  # failures of one message, while others are taken, from which on only that message waits


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt, as `ports.SendFailed` says it."""

    kind: str
    why: str
    retry_after: float | None = None
    taken: tuple[int, ...] = ()

    def plain(self) -> Failure:
        """A channel that is busy without saying until when counts as one that cannot be reached: its waits grow, and
        another message is tried, because one that makes a server fail must not hold up the others."""
        return self if self.kind != "busy" or (self.retry_after or 0) > 0 else replace(self, kind="unreachable")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows. `status`: waiting, refused, unsure. `due`: of the message, None: with the channel. `rest`: seconds
    in which the channel gets nothing. `counts`: it is a failure of the channel. `alone`: of this message only."""

    status: str
    due: datetime | None = None
    rest: float = 0.0
    counts: bool = False
    alone: bool = False


def judge(
    failure: Failure, before: Delivery | None, failures: int, refusals: int, now: datetime, jitter: float
) -> Verdict:
    """What follows for a message with the state `before`, after a failure that is `plain`.

    `failures`: of the channel in a row, before this one; `refusals`: messages that it refused in a row. `jitter`:
    from 0 to 1, shortens waits by up to a quarter, so that several senders do not try at the same moments.
    """
    if failure.kind == "busy":
        return Verdict("waiting", rest=min(max(failure.retry_after or 0, 1.0), BUSIEST))
    if failure.kind == "broken":
        return Verdict("waiting", rest=BROKEN, counts=True)
    if failure.kind in ("refused", "too_long"):
        rest = BROKEN if refusals + 1 >= REFUSALS else 0.0
        return Verdict("refused", rest=rest, counts=rest > 0)
    if failure.kind == "unsure":
        tries = before.unsure if before else 0
        if tries >= len(UNSURE):
            return Verdict("unsure", rest=back_off(failures + 1, jitter, HANGING), counts=True)
        due = now + timedelta(seconds=UNSURE[tries])
        return Verdict("waiting", due, back_off(failures + 1, jitter, HANGING), counts=True)
    attempts = (before.attempts if before else 0) + 1
    if failures == 0 and attempts > ALONE:
        return Verdict("waiting", now + timedelta(seconds=back_off(attempts, jitter)), alone=True)
    return Verdict("waiting", rest=back_off(failures + 1, jitter), counts=True)


def back_off(failures: int, jitter: float, longest: float = LONGEST) -> float:
    """Seconds to wait after so many failures in a row."""
    return float(min(FIRST * 2 ** min(failures - 1, 20), longest) * (1 - jitter / 4))


def is_over(since: datetime, give_up: float, now: datetime) -> bool:
    """Whether a message that waits since then is given up after another failure. Nothing is given up untried."""
    return (now - since).total_seconds() >= give_up

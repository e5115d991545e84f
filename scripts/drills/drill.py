"""What a drill is, and the figures that it gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

S = TypeVar("S", contravariant=True)
SOON = 10.0  # seconds in which a trouble must be visible


class Missed(AssertionError):
    """Something that a drill expects did not happen."""


@dataclass(frozen=True, slots=True)
class Drill(Generic[S]):
    """`trouble` is entered to cause a trouble on the stand, and left to remove its cause. Both may raise Missed.

    `status` and `health` are regular expressions; empty: nothing must be visible there. `status` is searched in each
    problem of `almenara status --json`, as "part: state: worker: why"; `health` in what both /health/ready and /metrics
    say is wrong, as "machine: part: state: why", or "machine: no answer".
    """

    name: str
    title: str
    trouble: Callable[[S], AbstractAsyncContextManager[None]]
    status: str = ""
    health: str = ""
    afterwards: Callable[[S], Awaitable[None]] | None = None  # what else must hold when all is as before
    lasts: float = 0.0  # seconds that the trouble lasts at least
    stays: bool = False  # whether status goes on showing it until someone acts, as with dead records
    again: int = 0  # alerts that may be sent to a channel again: those sent at a kill, but not recorded
    last: bool = False  # whether the stand is no use to another drill afterwards
    small: bool = False  # part of the small form, for CI


@dataclass(slots=True)
class Result:
    """Seconds are since the cause began (`in_…`) or was removed; None: not within the limit, or not measured."""

    name: str
    title: str
    articles: int = 0
    lost: int = 0
    doubled: int = 0
    sent_again: int = 0
    in_status: float | None = None
    in_health: float | None = None
    working: float | None = None  # until an article published afterwards was delivered
    clear: float | None = None  # until status shows nothing wrong
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)  # the aims that were missed

    def late(self, where: str, seconds: float | None, instead: str) -> None:
        """Note it if a trouble became visible too late or not at all; then `instead` was there."""
        if seconds is None:
            self.faults.append(f"not visible in {where}, which shows: {instead}")
        elif seconds > SOON:
            self.faults.append(f"visible in {where} only after {seconds:.1f} s")

"""Keeps what is wrong in this process now, each with the time since when, for both drivers.

Whoever notices a problem notes it here, and clears it when it is over. `almenara status`, the health endpoint, the
metrics and the heartbeats all show `problems()`.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from pipeline.core.text.tidy import CONTROL
from pipeline.ports import Clock
from pipeline.records import Problem
from pipeline.stage import Unavailable

MAX_PAUSE = 30.0  # seconds: the longest back-off, and the time between the first two log lines about a failure
QUIETEST = 20  # times MAX_PAUSE: the longest time between two lines about a failure that lasts; it doubles up to there
LONGEST = 500  # characters of a reason
STATES = ("refused", "blocked", "unavailable", "failing", "different")  # the order in which problems are listed

logger = structlog.get_logger("almenara")

#: The path of a web address may be a secret (webhooks), and so may user name, password and query.
_ADDRESS = re.compile(r"(https?://)(?:[^\s/?#@]*@)?([^\s/?#'\"<>]*)([^\s'\"<>]*)", re.IGNORECASE)


@dataclass
class _Outage:
    """What was logged about something unavailable. It counts as the same outage until `quiet` seconds after its end."""

    began: float
    logged: float  # when it was logged last,
    why: str  # with which reason,
    quiet: float  # and how long nothing more is logged
    shown: bool = True  # it was logged since it was last available


class Health:
    """What is wrong now. A problem has one `part` and one `state`; `since` stays until it is cleared.

    Several observers may note the same part and state, each under its own `source`; it is over when all cleared it.
    """

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.changed = asyncio.Event()  # set when a problem begins, ends or has another reason
        self._clock, self._monotonic = clock, monotonic
        self._problems: dict[tuple[str, str, str], Problem] = {}  # by part, state and source
        self._outages: dict[str, _Outage] = {}

    # -- noting ---------------------------------------------------------------------------------------------------

    def note(
        self, part: str, state: str, why: str, *,
        since: datetime | None = None, next_try: datetime | None = None, source: str = "",
    ) -> None:  # fmt: skip
        """Note a problem, or what is new about it. `since`: when it began, if that is known; default: now."""
        key = (part, state, source)
        known = self._problems.get(key)
        since = since or (known.since if known else self._clock())
        problem = Problem(part=part, state=state, why=without_secrets(why), since=since, next_try=next_try)
        self._problems[key] = problem
        if known is None or known.why != problem.why:
            self.changed.set()

    def clear(self, part: str, state: str, source: str = "") -> None:
        """Note that a problem is over, if it was noted."""
        if self._problems.pop((part, state, source), None):
            self.changed.set()

    def blocked(self, part: str, why: str) -> None:
        """Note that a record stops its partition until someone acts. Over with `clear(part, "blocked")`."""
        self.note(part, "blocked", why)

    def refused(self, part: str, faults: Sequence[str]) -> None:
        """Note that something new was refused because of its faults; without faults, that it was accepted."""
        if faults:
            self.note(part, "refused", faults[0] + (f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""))
        else:
            self.clear(part, "refused")

    def different(self, part: str, why: str) -> None:
        """Note how a part differs from what is in force for all, or with "" that it does not."""
        if why:
            self.note(part, "different", why)
        else:
            self.clear(part, "different")

    def failed(self, name: str, error: Unavailable, attempt: int) -> float:
        """Note and log that one of our services is unavailable; return the seconds until the next attempt.

        Hundreds of records may wait for the same thing, for hours: it is logged at once, and then ever more seldom.
        """
        pause: float = min(MAX_PAUSE, 0.5 * 2 ** min(attempt, 10)) * random.uniform(0.8, 1.2)
        why = without_secrets(str(error))
        if self._is_news(name, why):
            logger.warning("unavailable", stage=name, error=why, attempt=attempt, retry_in=round(pause, 1))
        self.note(name, "unavailable", why, next_try=self._clock() + timedelta(seconds=pause))
        return pause

    def _is_news(self, name: str, why: str) -> bool:
        now, outage, lasts = self._monotonic(), self._outages.get(name), name in self.unavailable
        if outage is None or (not lasts and now - outage.logged >= outage.quiet):
            self._outages[name] = _Outage(now, now, why, MAX_PAUSE)
            return True
        if not lasts:
            outage.began = now
        # A reason that changes back and forth must not be logged each time.
        if now - outage.logged < outage.quiet * (1 if why == outage.why else 1 / 6):
            return False
        outage.logged, outage.why, outage.shown = now, why, True
        outage.quiet = min(2 * outage.quiet, QUIETEST * MAX_PAUSE)
        return True

    def recovered(self, name: str) -> None:
        """Note that what `failed` was called for works."""
        self.clear(name, "unavailable")
        outage = self._outages.get(name)
        if outage is not None and outage.shown:
            outage.shown = False
            logger.info("available again", stage=name, after=round(self._monotonic() - outage.began, 1))

    # -- asking ---------------------------------------------------------------------------------------------------

    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong now, in the order of STATES and by part. Times are those of the
        clock that was passed in."""
        found: dict[tuple[str, str], Problem] = {}
        for (part, state, _), problem in sorted(self._problems.items(), key=lambda item: item[0]):
            first = found.setdefault((part, state), problem)
            if problem.since < first.since:
                found[part, state] = problem
        return tuple(sorted(found.values(), key=lambda problem: (_rank(problem.state), problem.part)))

    @property
    def unavailable(self) -> dict[str, str]:
        """What is unavailable, and why, by part."""
        return {problem.part: problem.why for problem in self.problems() if problem.state == "unavailable"}

    def is_waiting(self, *parts: str) -> bool:
        """Whether records wait for a known reason: one of `parts` is unavailable, or a record blocks its partition."""
        return any(part in parts and state in ("unavailable", "blocked") for part, state, _ in self._problems)


def _rank(state: str) -> int:
    return STATES.index(state) if state in STATES else len(STATES)


def without_secrets(text: str) -> str:
    """The text on one line, cut to LONGEST, with web addresses cut to scheme and host."""
    text = CONTROL.sub(" ", text.replace("\n", "; "))
    text = _ADDRESS.sub(lambda match: match[1] + match[2] + ("/…" if len(match[3]) > 1 else match[3]), text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

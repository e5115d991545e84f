"""Keeps what is unavailable or misconfigured in this process now, for both drivers."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field

import structlog

from pipeline.stage import Unavailable

MAX_PAUSE = 30.0  # seconds: the longest back-off, and the time between two log lines about the same failure

logger = structlog.get_logger("almenara")


@dataclass
class Health:
    """What is unavailable, by stage; empty when all is well."""

    unavailable: dict[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()  # of a changed configuration that was rejected
    _logged: dict[str, float] = field(default_factory=dict)

    def failed(self, name: str, error: Unavailable, attempt: int) -> float:
        """Note and log that one of our services is unavailable; return the seconds until the next attempt.

        Logged once per MAX_PAUSE: hundreds of records may wait for the same thing.
        """
        pause: float = min(MAX_PAUSE, 0.5 * 2 ** min(attempt, 10)) * random.uniform(0.8, 1.2)
        now = time.monotonic()
        if self.unavailable.get(name) != str(error) or now - self._logged.get(name, -MAX_PAUSE) >= MAX_PAUSE:
            self._logged[name] = now
            logger.warning("unavailable", stage=name, error=str(error), attempt=attempt, retry_in=round(pause, 1))
        self.unavailable[name] = str(error)
        return pause

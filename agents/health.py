"""What is wrong with this process now, for either driver to note and for the daemon to tell. Mends nothing."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field

import structlog

from pipeline.stage import Unavailable

RETRY_MOST = 30.0  # seconds; cap of the back-off while something of ours is unavailable

logger = structlog.get_logger("almenara")


@dataclass
class Health:
    """What is unavailable, by stage; empty is well."""

    unavailable: dict[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()  # of a changed configuration that was not taken
    _told: dict[str, float] = field(default_factory=dict)

    def wait(self, name: str, error: Unavailable, attempt: int) -> float:
        """Note and tell that something of ours is away; seconds to wait. Told once in a while: hundreds of records may
        wait for the same thing."""
        pause: float = min(RETRY_MOST, 0.5 * 2 ** min(attempt, 10)) * random.uniform(0.8, 1.2)
        now = time.monotonic()
        if self.unavailable.get(name) != str(error) or now - self._told.get(name, -RETRY_MOST) >= RETRY_MOST:
            self._told[name] = now
            logger.warning("unavailable", stage=name, error=str(error), attempt=attempt, retry_in=round(pause, 1))
        self.unavailable[name] = str(error)
        return pause

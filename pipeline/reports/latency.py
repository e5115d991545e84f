"""How long the way of an alert takes: from publication over the first sight to the channel, of all rules together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pipeline.ports import Log
from pipeline.reports.alert_stats import STEPS, RuleStats, read_stats
from pipeline.reports.fired import Ledger

SPAN = timedelta(days=7)  # that is looked at

Latency = Mapping[str, tuple[float, float] | None]  # step -> median and 99th percentile, in seconds


async def read_latency(log: Log, ledger: Ledger, now: datetime) -> Latency:
    """The steps of the alerts of the last seven days. Raises Unavailable."""
    stats = await read_stats(log, ledger, now - SPAN, now, "UTC")
    together = RuleStats()
    for one in stats.rules.values():
        for step in STEPS:
            together.seconds[step].extend(one.seconds[step])
    return {step: together.latency(step) for step in STEPS}

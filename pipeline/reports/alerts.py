"""Counts the alerts of each rule by status."""

from __future__ import annotations

from collections import Counter

from pipeline.log.feeds import newest
from pipeline.ports import Log
from pipeline.records import AlertState, decode


async def read_alerts(log: Log) -> dict[str, Counter[str]]:
    """Rule -> status -> how many of its alerts have that status, in the 90 days that alerts are kept."""
    fired: dict[str, Counter[str]] = {}
    for value in (await newest(log, "alert-state")).values():
        state = decode(AlertState, value)
        fired.setdefault(state.rule, Counter())[state.status] += 1
    return fired

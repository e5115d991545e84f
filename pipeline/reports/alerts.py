"""Counts the alerts of each rule by status."""

from __future__ import annotations

from collections import Counter

from pipeline.log.reading import read_newest
from pipeline.ports import Log
from pipeline.records import AlertState


async def read_alerts(log: Log) -> dict[str, Counter[str]]:
    """Rule -> status -> how many of its alerts have that status, in the 90 days that alerts are kept."""
    fired: dict[str, Counter[str]] = {}
    states, _ = await read_newest(log, "alert-state", AlertState)
    for state in states.values():
        fired.setdefault(state.rule, Counter())[state.status] += 1
    return fired

"""Finds out for each alert rule which channels do not accept its alerts, why, and when they are tried again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.log.reading import read_newest
from pipeline.ports import Log
from pipeline.records import AlertState, Heartbeat, Problem
from pipeline.reports.problems.processes import newest
from pipeline.reports.seen import read_beats

PART = "channel "  # opens the part of the problems that processes report about channels


@dataclass(frozen=True, slots=True)
class Delivery:
    """A channel that does not accept the alerts of a rule. `waiting` are tried again at `next_try`; `given_up` are not.

    `why` and `since` are what the process that sends says about the channel; None if it says nothing.
    """

    channel: str
    waiting: int = 0
    given_up: int = 0
    why: str | None = None
    since: datetime | None = None
    next_try: datetime | None = None

    def plain(self) -> dict[str, Any]:
        """As in `alerts list --json`."""
        return {
            "channel": self.channel, "waiting": self.waiting, "given_up": self.given_up, "why": self.why,
            "since": _iso(self.since), "next_try": _iso(self.next_try),
        }  # fmt: skip


async def read_deliveries(log: Log, rules: Mapping[str, Sequence[str]]) -> dict[str, tuple[Delivery, ...]]:
    """Rule -> the channels that fail for it. `rules`: their names with their channels. Raises Unavailable."""
    states, _ = await read_newest(log, "alert-state", AlertState)
    return deliveries(rules, states.values(), channel_problems(await read_beats(log)))


def channel_problems(beats: Sequence[Heartbeat]) -> dict[str, Problem]:
    """Channel -> what is wrong with it, as the processes that have not ended said last."""
    running = [beat for beat in newest(beats).values() if not beat.stopped]
    return {
        problem.part.removeprefix(PART): problem
        for beat in running
        for problem in beat.problems
        if problem.part.startswith(PART)
    }


def deliveries(
    rules: Mapping[str, Sequence[str]], states: Iterable[AlertState], problems: Mapping[str, Problem]
) -> dict[str, tuple[Delivery, ...]]:
    """Rule -> the channels that fail for it, or that still have to accept some of its alerts."""
    open_states: dict[str, list[AlertState]] = {}
    for state in states:
        if state.status in ("pending", "failed"):
            open_states.setdefault(state.rule, []).append(state)
    found = {}
    for rule, channels in rules.items():
        ours = open_states.get(rule, [])
        names = dict.fromkeys([*channels, *(channel for state in ours for channel in state.pending)])
        rows = [_delivery(name, ours, problems.get(name)) for name in names]
        found[rule] = tuple(row for row in rows if row.waiting or row.given_up or row.why)
    return found


def _delivery(channel: str, states: Iterable[AlertState], problem: Problem | None) -> Delivery:
    ours = [state for state in states if channel in state.pending]
    waiting = [state for state in ours if state.status == "pending"]
    moments = [state.due for state in waiting if state.due]
    next_try = min(moments, default=None)
    if problem and problem.next_try:  # nothing is sent to the channel before
        next_try = max(next_try or problem.next_try, problem.next_try)
    return Delivery(
        channel, len(waiting), len(ours) - len(waiting), problem.why if problem else None,
        problem.since if problem else None, next_try,
    )  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None

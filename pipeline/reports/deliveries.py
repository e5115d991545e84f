"""Finds out for each alert rule which channels do not accept its messages, why, and when they are tried again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.core.notification.streams import DELIVERIES, MESSAGES
from pipeline.log.reading import read_newest
from pipeline.ports import Log
from pipeline.records import Delivery, Heartbeat, Message, Problem
from pipeline.reports.problems.processes import newest
from pipeline.reports.seen import read_beats

PART = "channel "  # opens the part of the problems that processes report about channels


@dataclass(frozen=True, slots=True)
class FailingChannel:
    """A channel that does not accept the messages of a rule. `waiting` are tried again at `next_try`; `lost` are not.

    `why` and `since` are what the process that sends says about the channel; None if it says nothing.
    """

    channel: str
    waiting: int = 0
    lost: int = 0  # refused for good, never confirmed, or given up
    why: str | None = None
    since: datetime | None = None
    next_try: datetime | None = None

    def plain(self) -> dict[str, Any]:
        """As in `alerts list --json`."""
        return {
            "channel": self.channel, "waiting": self.waiting, "lost": self.lost, "why": self.why,
            "since": _iso(self.since), "next_try": _iso(self.next_try),
        }  # fmt: skip


async def read_deliveries(log: Log, rules: Mapping[str, Sequence[str]]) -> dict[str, tuple[FailingChannel, ...]]:
    """Key of a rule -> the channels that fail for it. `rules`: their keys with their channels. Raises Unavailable."""
    messages, _ = await read_newest(log, MESSAGES, Message)
    states, _ = await read_newest(log, DELIVERIES, Delivery)
    return deliveries(rules, messages.values(), states, channel_problems(await read_beats(log)))


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
    rules: Mapping[str, Sequence[str]],
    messages: Iterable[Message],
    states: Mapping[str, Delivery],
    problems: Mapping[str, Problem],
) -> dict[str, tuple[FailingChannel, ...]]:
    """Key of a rule -> the channels that fail for it, or that still have to accept some of its messages."""
    open_states: dict[str, dict[str, list[Delivery]]] = {}
    for message in messages:
        for channel in message.channels:
            state = states.get(f"{message.id}/{channel}") or _untried(message, channel)
            if state.status != "sent":
                open_states.setdefault(message.rule, {}).setdefault(channel, []).append(state)
    found = {}
    for rule, channels in rules.items():
        ours = open_states.get(rule, {})
        rows = [_failing(name, ours.get(name, ()), problems.get(name)) for name in dict.fromkeys([*channels, *ours])]
        found[rule] = tuple(row for row in rows if row.waiting or row.lost or row.why)
    return found


def _untried(message: Message, channel: str) -> Delivery:
    return Delivery(message=message.id, channel=channel, status="waiting", at=message.at)


def _failing(channel: str, states: Sequence[Delivery], problem: Problem | None) -> FailingChannel:
    waiting = [state for state in states if state.status == "waiting"]
    next_try = min((state.due for state in waiting if state.due), default=None)
    if problem and problem.next_try:  # nothing is sent to the channel before
        next_try = max(next_try or problem.next_try, problem.next_try)
    return FailingChannel(
        channel, len(waiting), len(states) - len(waiting), problem.why if problem else None,
        problem.since if problem else None, next_try,
    )  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None

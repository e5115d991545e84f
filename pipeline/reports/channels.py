"""Says for each channel what was sent last, what waits, and how it last failed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pipeline.core.notification.streams import DELIVERIES, MESSAGES
from pipeline.log.reading import read_newest
from pipeline.ports import Log
from pipeline.records import Delivery, Message, Problem
from pipeline.reports.deliveries import channel_problems
from pipeline.reports.seen import read_beats


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """What is on the log about a channel. `waiting`: messages that it has not accepted yet; `lost`: that are not tried
    again. `failing`: what the process that sends says now. Times are aware, in UTC; None: never."""

    sent: int = 0
    last_sent: datetime | None = None
    waiting: int = 0
    lost: int = 0
    last_failure: datetime | None = None
    error: str = ""
    next_try: datetime | None = None
    failing: str = ""

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            name: value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }


async def read_channels(log: Log, names: Collection[str]) -> dict[str, ChannelReport]:
    """Channel -> what is on the log about it. Raises Unavailable."""
    messages, _ = await read_newest(log, MESSAGES, Message)
    states, _ = await read_newest(log, DELIVERIES, Delivery)
    return channel_reports(names, messages.values(), states.values(), channel_problems(await read_beats(log)))


def channel_reports(
    names: Iterable[str], messages: Iterable[Message], states: Iterable[Delivery], problems: Mapping[str, Problem]
) -> dict[str, ChannelReport]:
    """Channel -> what became of its messages. One without a delivery waits for its first attempt."""
    ours: dict[str, list[Delivery]] = {name: [] for name in names}
    known = set()
    for state in states:
        known.add((state.message, state.channel))
        if state.channel in ours:
            ours[state.channel].append(state)
    untried = dict.fromkeys(ours, 0)
    for message in messages:
        for channel in message.channels:
            if channel in ours and (message.id, channel) not in known:
                untried[channel] += 1
    return {name: _report(found, untried[name], problems.get(name)) for name, found in ours.items()}


def _report(states: list[Delivery], untried: int, problem: Problem | None) -> ChannelReport:
    sent = [state for state in states if state.status == "sent"]
    waiting = [state for state in states if state.status == "waiting"]
    failed = max((state for state in states if state.error), key=lambda state: state.at, default=None)
    next_try = min((state.due for state in waiting if state.due), default=None)
    if problem and problem.next_try:  # nothing is sent to the channel before
        next_try = max(next_try or problem.next_try, problem.next_try)
    return ChannelReport(
        sent=len(sent),
        last_sent=max((state.at for state in sent), default=None),
        waiting=len(waiting) + untried,
        lost=len(states) - len(sent) - len(waiting),
        last_failure=failed.at if failed else problem.since if problem else None,
        error=failed.error if failed else problem.why if problem else "",
        next_try=next_try,
        failing=problem.why if problem else "",
    )

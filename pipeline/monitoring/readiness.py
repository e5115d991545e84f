"""Decides whether this process does its work, and names what is in the way."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.log.streams import is_backfill
from pipeline.monitoring.state import RUNNING, Key, State
from pipeline.ports import Lag
from pipeline.records import Problem

#: States of problems that keep nothing from being done; people should look at them all the same.
ADVICE = frozenset({"different"})


def not_ready(state: State, now: datetime) -> tuple[Problem, ...]:
    """What keeps this process from being ready: it is not running (yet), problems except ADVICE, and records that
    are late.

    Old news may wait as long as it takes.
    """
    phase = (
        (Problem(part="stages", state=state.phase, why=f"the stages are {state.phase}", since=state.started),)
        if state.phase != RUNNING
        else ()
    )
    wrong = (problem for problem in state.problems() if problem.state not in ADVICE)
    return (*phase, *wrong, *_late(state, now))


def advice(state: State) -> tuple[Problem, ...]:
    """What people should look at although the process does its work."""
    return tuple(problem for problem in state.problems() if problem.state in ADVICE)


def _late(state: State, now: datetime) -> list[Problem]:
    """For each group, the oldest record that waits longer than it may."""
    latest = now - timedelta(seconds=state.max_lag)
    oldest: dict[str, tuple[datetime, Key, Lag]] = {}
    for key, lag in sorted(state.lag.items()):
        if lag.oldest and lag.oldest < latest and not is_backfill(key[1]):
            oldest[key[0]] = min(oldest.get(key[0], (lag.oldest, key, lag)), (lag.oldest, key, lag), key=lambda o: o[0])
    return [
        Problem(
            part=group, state="late", since=since + timedelta(seconds=state.max_lag),
            why=f"{lag.waiting} records wait in {stream}/{partition}, the first since {since:%Y-%m-%d %H:%M:%S} UTC",
        )
        for group, (since, (_, stream, partition), lag) in sorted(oldest.items())
    ]  # fmt: skip

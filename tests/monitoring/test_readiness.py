"""When a process is ready, and what is named otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.monitoring.readiness import advice, not_ready
from pipeline.monitoring.state import RUNNING, STARTING, STOPPING, State
from pipeline.ports import Lag
from pipeline.records import Problem

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOWN = Problem(part="index", state="unavailable", why="no connection", since=NOW - timedelta(minutes=5))


def state(*problems: Problem, phase: str = RUNNING, **more: Any) -> State:
    made = State("w1", ("poll",), NOW, lambda: problems, lambda: "c0ffee", dict, dict, max_lag=600.0)
    made.phase = phase
    made.lag = more.get("lag", {})
    return made


def test_a_running_process_without_problems_is_ready() -> None:
    assert not_ready(state(), NOW) == ()


@pytest.mark.parametrize("phase", [STARTING, STOPPING])
def test_while_it_starts_or_stops_it_is_not(phase: str) -> None:
    [problem] = not_ready(state(phase=phase), NOW)
    assert (problem.part, problem.state) == ("stages", phase)


def test_every_problem_is_named() -> None:
    assert not_ready(state(DOWN), NOW) == (DOWN,)


def test_what_only_differs_is_advice() -> None:
    other = Problem(part="feeds", state="different", why="2 feeds", since=NOW)
    assert not_ready(state(other), NOW) == ()
    assert advice(state(other, DOWN)) == (other,)


@pytest.mark.parametrize(
    ("stream", "minutes", "late"),
    [("items", 11, True), ("items", 9, False), ("items-later", 11, True), ("items-backfill", 600, False)],
)
def test_a_record_that_waits_too_long_is_late(stream: str, minutes: int, late: bool) -> None:
    oldest = NOW - timedelta(minutes=minutes)
    found = not_ready(state(lag={("clean", stream, 3): Lag(waiting=7, oldest=oldest)}), NOW)
    assert [(p.part, p.state, p.since) for p in found] == [("clean", "late", oldest + timedelta(minutes=10))] * late
    assert all(f"7 records wait in {stream}/3, the first since" in problem.why for problem in found)


def test_a_group_is_named_once_with_its_oldest_record() -> None:
    lag = {("clean", "items", n): Lag(waiting=1, oldest=NOW - timedelta(hours=n)) for n in (2, 9, 4)}
    [late] = not_ready(state(lag=lag), NOW)
    assert "items/9" in late.why


def test_what_is_planned_for_later_is_not_late() -> None:
    assert not_ready(state(lag={("clean", "items-later", 0): Lag(planned=1816)}), NOW) == ()

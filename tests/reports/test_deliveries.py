"""Which channels do not accept the alerts of which rule, why, and when they are tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pipeline.records import AlertState, Problem
from pipeline.reports.deliveries import Delivery, channel_problems, deliveries
from tests.reports.problem_cases import NOW, beat, wrong

SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(minutes=5)
HOOK = Problem(part="channel hook", state="failing", why="JSON: HTTP 400", since=NOW, next_try=LATER)
RULES = {"Markets": ("file", "hook"), "Coups": ("file",)}


def state(status: str, pending: tuple[str, ...] = ("hook",), rule: str = "Markets", **more: Any) -> AlertState:
    return AlertState(id="1", rule=rule, original="a", status=status, at=NOW, pending=pending, **more)


@pytest.mark.parametrize(
    ("states", "problems", "expected"),
    [
        ([], {}, ()),
        ([state("sent", ()), state("held", ())], {}, ()),
        ([state("pending", due=SOON)], {}, (Delivery("hook", 1, next_try=SOON),)),
        ([state("pending", due=SOON)], {"hook": HOOK}, (Delivery("hook", 1, 0, "JSON: HTTP 400", NOW, LATER),)),
        ([state("pending", due=LATER + timedelta(1))], {"hook": HOOK},
         (Delivery("hook", 1, 0, "JSON: HTTP 400", NOW, LATER + timedelta(1)),)),
        ([], {"hook": HOOK}, (Delivery("hook", 0, 0, "JSON: HTTP 400", NOW, LATER),)),
        ([], {"other": HOOK}, ()),
        ([state("failed"), state("failed"), state("pending", ("file", "hook"), due=SOON)], {},
         (Delivery("file", 1, next_try=SOON), Delivery("hook", 1, 2, next_try=SOON))),
        ([state("pending", ("gone",))], {}, (Delivery("gone", 1),)),  # the rule had another channel before
    ],
)  # fmt: skip
def test_what_fails_for_a_rule(
    states: list[AlertState], problems: dict[str, Problem], expected: tuple[Delivery, ...]
) -> None:
    assert deliveries(RULES, states, problems) == {"Markets": expected, "Coups": ()}


def test_channels_are_those_that_running_processes_report() -> None:
    older = beat(at=NOW - timedelta(minutes=1), problems=(wrong("old", "channel hook", "failing"),))
    stopped = beat("other", stopped=True, problems=(wrong("old", "channel mail", "failing"),))
    newer = beat(problems=(HOOK, wrong("x", "index")))
    assert channel_problems([older, stopped, newer]) == {"hook": HOOK}

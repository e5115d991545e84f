"""Which channels do not accept the alerts of which rule, why, and when they are tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pipeline.records import Delivery, Message, Problem
from pipeline.reports.deliveries import FailingChannel, channel_problems, deliveries
from tests import builders
from tests.reports.problem_cases import NOW, beat, wrong

SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(minutes=5)
HOOK = Problem(part="channel hook", state="failing", why="JSON: HTTP 400", since=NOW, next_try=LATER)
RULES = {"Markets": ("file", "hook"), "Coups": ("file",)}


def message(id: str, channels: tuple[str, ...] = ("hook",), rule: str = "Markets") -> Message:
    return builders.message(id=id, channels=channels, rule=rule)


def state(status: str, id: str = "1", channel: str = "hook", **more: Any) -> Delivery:
    return Delivery(message=id, channel=channel, status=status, at=NOW, **more)


@pytest.mark.parametrize(
    ("messages", "states", "problems", "expected"),
    [
        ([], [], {}, ()),
        ([message("1")], [state("sent")], {}, ()),
        ([message("1")], [], {}, (FailingChannel("hook", 1),)),
        ([message("1")], [state("waiting", due=SOON)], {}, (FailingChannel("hook", 1, next_try=SOON),)),
        ([message("1")], [state("waiting", due=SOON)], {"hook": HOOK},
         (FailingChannel("hook", 1, 0, "JSON: HTTP 400", NOW, LATER),)),
        ([message("1")], [state("waiting", due=LATER + timedelta(1))], {"hook": HOOK},
         (FailingChannel("hook", 1, 0, "JSON: HTTP 400", NOW, LATER + timedelta(1)),)),
        ([], [], {"hook": HOOK}, (FailingChannel("hook", 0, 0, "JSON: HTTP 400", NOW, LATER),)),
        ([], [], {"other": HOOK}, ()),
        ([message("1"), message("2"), message("3"), message("4", ("file", "hook"))],
         [state("given_up"), state("refused", "2"), state("unsure", "3"), state("waiting", "4", due=SOON)], {},
         (FailingChannel("file", 1), FailingChannel("hook", 1, 3, next_try=SOON))),
        ([message("1", ("gone",))], [], {}, (FailingChannel("gone", 1),)),  # the rule had another channel before
    ],
)  # fmt: skip
def test_what_fails_for_a_rule(
    messages: list[Message], states: list[Delivery], problems: dict[str, Problem], expected: tuple[FailingChannel, ...]
) -> None:
    known = {f"{one.message}/{one.channel}": one for one in states}
    assert deliveries(RULES, messages, known, problems) == {"Markets": expected, "Coups": ()}


def test_channels_are_those_that_running_processes_report() -> None:
    older = beat(at=NOW - timedelta(minutes=1), problems=(wrong("old", "channel hook", "failing"),))
    stopped = beat("other", stopped=True, problems=(wrong("old", "channel mail", "failing"),))
    newer = beat(problems=(HOOK, wrong("x", "index")))
    assert channel_problems([older, stopped, newer]) == {"hook": HOOK}

"""What is wrong, from what log, index, disk and processes say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.records import Delivery
from pipeline.reports.problems import Seen, problems_of
from pipeline.reports.problems.advice import ADVICE, kind_of
from pipeline.reports.problems.finding import Broker, Disk
from tests.reports.problem_cases import AGO, CASES, EMBEDDED, NOW, SHARED, beat, before, dead, wrong


@pytest.mark.parametrize(("seen", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_problem(seen: Seen, expected: tuple[str, str, str] | tuple[()]) -> None:
    found = problems_of(seen)
    if not expected:
        assert found == ()
        return
    [one] = found
    assert (one.part, one.state) == expected[:2]
    assert expected[2] in one.why
    kind = kind_of(one.part, one.state)
    assert kind is not None
    assert one.do == ADVICE[kind]


def test_each_of_several_missing_streams_is_named() -> None:
    broker = replace(SHARED.broker or Broker(), faults=("2 streams (known, items) are missing: run x",))
    found = problems_of(replace(SHARED, broker=broker))
    assert [(one.part, one.state) for one in found] == [("stream items", "missing"), ("stream known", "missing")]


def test_every_kind_is_tested() -> None:
    found = {kind_of(*case[2][:2]) for case in CASES if case[2]}
    states = ("unavailable", "blocked", "starting", "stopping")
    only_reported = {kind for kind in ADVICE if kind[1] in states}
    only_reported |= {("stage", "failing"), ("monitoring", "failing"), ("feeds", "different")}
    assert set(ADVICE) <= found | only_reported


def test_a_process_that_cannot_write_answers_for_itself() -> None:
    silent = beat(at=before(60), problems=(wrong("old"),))
    seen = replace(EMBEDDED, beats=[silent], answers={silent.process: (wrong("database or disk is full"),)})
    [one] = problems_of(seen)
    assert (one.part, one.state, one.why) == ("log", "unavailable", "database or disk is full")
    [one] = problems_of(replace(seen, answers={silent.process: ()}))
    assert (one.part, one.state) == ("daemon", "silent")
    assert "says nothing is wrong" in one.why


def test_what_is_reported_keeps_since_next_try_and_worker() -> None:
    problem = wrong("no answer", "channel hook", "failing", next_try=NOW)
    [one] = problems_of(replace(SHARED, beats=[beat(problems=(problem,)), beat("other")]))
    assert one.plain() == {
        "part": "channel hook", "state": "failing", "since": AGO.isoformat(), "why": "no answer",
        "do": ADVICE["channel", "failing"], "worker": "desk", "next_try": NOW.isoformat(),
    }  # fmt: skip


def test_the_most_serious_comes_first() -> None:
    seen = replace(EMBEDDED, dead=[dead(1)], disk=Disk("data", 100, 0), holder=None, index_error="away")
    assert [one.state for one in problems_of(seen)] == ["unreadable", "full", "stopped", "open"]


@pytest.mark.parametrize("part", ["polls", "later", "clean-backfill", "channel x", "index", "log", "something new"])
@pytest.mark.parametrize("state", ["unavailable", "blocked", "refused", "failing", "different"])
def test_whatever_a_process_reports_has_advice(part: str, state: str) -> None:
    [one] = problems_of(replace(EMBEDDED, beats=[beat(problems=(wrong("why", part, state),))]))
    assert one.do


def test_no_message_is_tried_before_its_channel() -> None:
    """What is due while the channel is left alone waits for it."""
    later, due = NOW + timedelta(minutes=6), NOW - timedelta(minutes=4)
    hook = wrong("HTTP 500", "channel hook", "failing", next_try=later)
    waiting = Delivery(message="1", channel="hook", status="waiting", at=NOW, due=due, error="HTTP 500")
    seen = replace(EMBEDDED, deliveries=[waiting], beats=[beat(problems=(hook,))])
    found = {problem.part: problem.next_try for problem in problems_of(seen)}
    assert found["alerts"] == later

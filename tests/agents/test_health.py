"""What is wrong in a process: since when, in which order, and nothing that must stay secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import structlog

from agents.health import LONGEST, Health, without_secrets
from pipeline.records import Problem
from pipeline.stage import Unavailable

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Time:
    """A clock that moves when it should."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def test_a_problem_keeps_its_beginning_until_it_is_over() -> None:
    time = Time()
    health = Health(time)
    health.failed("index", Unavailable("down"), 1)
    time.pass_by(60)
    health.failed("index", Unavailable("still down"), 2)
    [problem] = health.problems()
    assert (problem.part, problem.state, problem.why, problem.since) == ("index", "unavailable", "still down", START)
    assert problem.next_try
    assert START + timedelta(seconds=60.5) < problem.next_try < START + timedelta(seconds=65)
    health.recovered("index")
    assert health.problems() == ()
    time.pass_by(60)
    health.failed("index", Unavailable("down"), 1)
    assert health.problems()[0].since == START + timedelta(seconds=120)


def test_problems_are_listed_by_state_and_part() -> None:
    health = Health(Time())
    health.note("channel mail", "failing", "refused")
    health.failed("relate", Unavailable("disk"), 1)
    health.failed("clean", Unavailable("disk"), 1)
    health.blocked("items/3", "record 17 is newer")
    health.refused("configuration", ["alerts.toml: no such channel", "feeds.toml: twice"])
    assert [(problem.state, problem.part) for problem in health.problems()] == [
        ("refused", "configuration"), ("blocked", "items/3"), ("unavailable", "clean"), ("unavailable", "relate"),
        ("failing", "channel mail"),
    ]  # fmt: skip
    assert health.problems()[0].why == "alerts.toml: no such channel (and 1 more)"
    assert health.unavailable == {"clean": "disk", "relate": "disk"}


def test_a_part_is_well_again_when_every_observer_says_so() -> None:
    time = Time()
    health = Health(time)
    health.note("log", "unavailable", "no answer", source="watchdog")
    time.pass_by(1)
    health.failed("log", Unavailable("cannot write"), 1)
    assert [(problem.why, problem.since) for problem in health.problems()] == [("no answer", START)]
    health.clear("log", "unavailable", source="watchdog")
    assert health.unavailable == {"log": "cannot write"}
    health.recovered("log")
    assert health.problems() == ()


def test_what_is_known_of_the_beginning_counts() -> None:
    health = Health(Time())
    earlier = START - timedelta(hours=1)
    health.note("channel mail", "failing", "refused", since=earlier, next_try=START)
    assert health.problems() == (
        Problem(part="channel mail", state="failing", why="refused", since=earlier, next_try=START),
    )


def test_only_what_people_would_notice_is_a_change() -> None:
    health = Health(Time())
    health.clear("log", "unavailable")
    assert not health.changed.is_set()
    for change in (
        lambda: health.failed("log", Unavailable("down"), 1),
        lambda: health.failed("log", Unavailable("full"), 2),
        lambda: health.recovered("log"),
    ):
        change()
        assert health.changed.is_set()
        health.changed.clear()
    health.blocked("items/0", "newer")
    health.changed.clear()
    health.blocked("items/0", "newer")  # the same
    assert not health.changed.is_set()


def test_records_wait_for_a_known_reason_only_if_something_that_they_need_stops_them() -> None:
    health = Health(Time())
    health.note("channel mail", "failing", "refused")
    health.refused("configuration", ["a fault"])
    assert not health.is_waiting("channel mail", "configuration", "index", "log")
    health.blocked("tag", "newer")
    assert health.is_waiting("tag", "log")
    assert not health.is_waiting("index", "log")
    health.clear("tag", "blocked")
    health.failed("index", Unavailable("down"), 1)
    assert health.is_waiting("index", "log")
    assert not health.is_waiting("tag", "log")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("POST https://hooks.example/T0/B1/s3cret answered 404", "POST https://hooks.example/… answered 404"),
        ("https://user:pass@es.example:9200/_bulk?key=1 answered 503", "https://es.example:9200/… answered 503"),
        ("given: 'https://a.example/x'", "given: 'https://a.example/…'"),
        ("Elasticsearch at http://localhost:9200: no answer", "Elasticsearch at http://localhost:9200: no answer"),
        ("sqlite:///data/log.sqlite: the disk is full", "sqlite:///data/log.sqlite: the disk is full"),
        ("two\nlines\x1b[31m", "two; lines [31m"),
        ("x" * 1000, "x" * (LONGEST - 1) + "…"),
    ],
)
def test_reasons_hold_no_secrets_and_no_controls(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


def test_an_outage_is_logged_ever_more_seldom_and_its_end_once() -> None:
    now = [0.0]
    health = Health(Time(), lambda: now[0])
    with structlog.testing.capture_logs() as lines:
        for second in range(3600):
            now[0] = float(second)
            for _ in range(10):  # records that wait for the same thing
                health.failed("index", Unavailable("down"), 1)
        assert [line["event"] for line in lines] == ["unavailable"] * len(lines)
        assert 8 <= len(lines) <= 12
        health.recovered("index")
        health.recovered("index")
        assert (lines[-1]["event"], lines[-1]["after"]) == ("available again", 3599.0)
        assert [line["event"] for line in lines].count("available again") == 1


def test_what_comes_and_goes_or_has_changing_reasons_floods_no_log() -> None:
    now = [0.0]
    health = Health(Time(), lambda: now[0])
    with structlog.testing.capture_logs() as lines:
        for second in range(600):
            now[0] = float(second)
            health.failed("index", Unavailable(f"node {second % 3}"), 1)
            health.recovered("index")
    assert 2 <= len(lines) <= 60


def test_a_new_outage_is_logged_at_once_and_secrets_never() -> None:
    now = [0.0]
    health = Health(Time(), lambda: now[0])
    with structlog.testing.capture_logs() as lines:
        for hour in range(3):
            now[0] = hour * 3600.0
            health.failed("index", Unavailable("no answer from http://me:secret@node/path"), 1)
            health.recovered("index")
    assert [line["event"] for line in lines] == ["unavailable", "available again"] * 3
    assert "secret" not in str(lines)

"""What each kind of failure leads to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.notification.delivery.retry import Failure, Verdict, back_off, is_over, judge
from pipeline.records import Delivery

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = 86400.0


def after(attempts: int, unsure: int = 0) -> Delivery:
    return Delivery(message="m", channel="c", status="waiting", at=NOW, attempts=attempts, unsure=unsure)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("failure", "before", "failures", "refusals", "verdict"),
    [
        (Failure("unreachable", "x"), None, 0, 0, Verdict("waiting", rest=30, counts=True)),
        (Failure("unreachable", "x"), after(1), 1, 0, Verdict("waiting", rest=60, counts=True)),
        (Failure("unreachable", "x"), after(900), 900, 0, Verdict("waiting", rest=900, counts=True)),
        (Failure("unreachable", "x"), after(3), 0, 0, Verdict("waiting", at(240), alone=True)),  # others are taken
        (Failure("unreachable", "x"), after(2), 0, 0, Verdict("waiting", rest=30, counts=True)),
        (Failure("unsure", "x"), None, 0, 0, Verdict("waiting", at(600), 30, counts=True)),
        (Failure("unsure", "x"), after(1, 1), 0, 0, Verdict("waiting", at(3600), 30, counts=True)),
        (Failure("unsure", "x"), after(2, 2), 0, 0, Verdict("waiting", at(21600), 30, counts=True)),
        (Failure("unsure", "x"), after(3, 3), 0, 0, Verdict("unsure", rest=30, counts=True)),
        (Failure("unsure", "x"), None, 20, 0, Verdict("waiting", at(600), 3600, counts=True)),
        (Failure("busy", "x"), after(3), 4, 0, Verdict("waiting", rest=480, counts=True)),  # it does not say until when
        (Failure("busy", "x"), after(3), 0, 0, Verdict("waiting", at(240), alone=True)),
        (Failure("busy", "x", 120), after(9), 3, 0, Verdict("waiting", rest=120)),
        (Failure("busy", "x", 0), None, 0, 0, Verdict("waiting", rest=30, counts=True)),
        (Failure("busy", "x", -5), None, 0, 0, Verdict("waiting", rest=30, counts=True)),
        (Failure("busy", "x", 0.2), None, 0, 0, Verdict("waiting", rest=1)),
        (Failure("busy", "x", 7200), None, 0, 0, Verdict("waiting", rest=7200)),
        (Failure("busy", "x", 10**9), None, 0, 0, Verdict("waiting", rest=86400)),
        (Failure("broken", "x"), None, 0, 0, Verdict("waiting", rest=3600, counts=True)),
        (Failure("refused", "x"), None, 0, 0, Verdict("refused")),
        (Failure("too_long", "x"), after(2), 5, 1, Verdict("refused")),
        (Failure("refused", "x"), None, 0, 2, Verdict("refused", rest=3600, counts=True)),
    ],
)
def test_what_follows_from_a_failure(
    failure: Failure, before: Delivery | None, failures: int, refusals: int, verdict: Verdict
) -> None:
    assert judge(failure.plain(), before, failures, refusals, NOW, jitter=0.0) == verdict


def test_waits_double_up_to_a_quarter_of_an_hour_and_differ_a_little() -> None:
    assert [back_off(n, 0.0) for n in range(1, 8)] == [30, 60, 120, 240, 480, 900, 900]
    assert back_off(10_000, 0.0) == 900
    assert back_off(1, 1.0) == 22.5
    assert 22.5 < back_off(1, 0.5) < 30


def test_a_message_is_over_by_time() -> None:
    assert not is_over(NOW, 7 * DAY, at(7 * DAY - 1))
    assert is_over(NOW, 7 * DAY, at(7 * DAY))

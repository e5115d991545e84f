"""The budget: never more than it allows, the best ones, and not all of them in the morning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.notification.planning.budget import Budget

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def sent(budget: Budget, alerts: list[tuple[float, float]], start: datetime = MONDAY) -> list[tuple[float, float]]:
    """Those alerts (hour, score) of a day that go out."""
    out: list[tuple[float, float]] = []
    for hour, score in sorted(alerts):
        moment = start + hour * HOUR
        if budget.admits(moment, score, len(out)):
            out.append((hour, score))
        budget.offer(moment, score)
    return out


def taught(limit: int, day: list[tuple[float, float]], days: int = 14, zone: str = "UTC") -> Budget:
    budget = Budget(limit, zone)
    for back in range(days, 0, -1):
        for hour, score in day:
            budget.offer(MONDAY - timedelta(days=back) + hour * HOUR, score)
    return budget


@given(st.lists(st.tuples(st.floats(0, 23.9), st.floats(0, 1)), max_size=60), st.integers(1, 12), st.booleans())
def test_never_more_than_the_limit(alerts: list[tuple[float, float]], limit: int, known: bool) -> None:
    budget = taught(limit, alerts) if known else Budget(limit, "UTC")
    assert len(sent(budget, alerts)) <= limit
    assert not budget.admits(MONDAY + 23 * HOUR, 1.0, limit)


def test_fewer_than_the_limit_all_go_out() -> None:
    alerts = [(float(hour), 0.1) for hour in range(8)]
    assert sent(Budget(12, "UTC"), alerts) == alerts
    assert sent(taught(8, alerts), alerts) == alerts


def test_of_a_usual_day_the_best_go_out() -> None:
    random = Random(1)
    day = [(random.uniform(0, 24), random.random()) for _ in range(60)]
    found = sent(taught(10, day), day)
    best = sum(sorted((score for _, score in day), reverse=True)[:10])
    first = sum(score for _, score in sorted(day)[:10])
    assert first < 0.7 * best < 0.9 * best < sum(score for _, score in found)


def test_a_calm_afternoon_does_not_waste_what_is_left() -> None:
    """What is usual in the evening does not come: lower scores go out as it gets late."""
    usual = [(20.0, 0.9)] * 5 + [(float(hour), 0.3) for hour in range(24)]
    today = [(float(hour), 0.3) for hour in range(24)]
    found = sent(taught(5, usual), today)
    assert len(found) >= 3
    assert all(hour >= 20 for hour, _ in found)


def test_without_a_past_a_third_is_kept_for_higher_scores() -> None:
    morning = [(1.0 + number / 100, 0.5) for number in range(30)]
    found = sent(Budget(9, "UTC"), morning)
    assert len(found) == 6
    found = sent(Budget(9, "UTC"), [*morning, (2.0, 0.8), (2.1, 0.8), (2.2, 0.9), (23.0, 0.1)])
    assert [score for _, score in found[6:]] == [0.8, 0.9, 0.1]


def test_alerts_alike_go_out_as_they_come() -> None:
    day = [(float(hour) / 4, 0.5) for hour in range(96)]
    assert [hour for hour, _ in sent(taught(10, day), day)] == [number / 4 for number in range(10)]


def test_the_past_may_come_in_any_order() -> None:
    random = Random(2)
    day = [(random.uniform(0, 24), random.random()) for _ in range(40)]
    offers = [(MONDAY - timedelta(days=back) + hour * HOUR, score) for back in range(1, 20) for hour, score in day]
    random.shuffle(offers)
    mixed = Budget(10, "UTC")
    for moment, score in offers:
        mixed.offer(moment, score)
    assert sent(mixed, day) == sent(taught(10, day), day)


@pytest.mark.parametrize(
    ("zone", "start", "hours"),
    [
        ("Europe/Madrid", "2026-10-24T22:00", 25),
        ("Europe/Madrid", "2026-03-28T23:00", 23),
        ("Asia/Kathmandu", "2026-05-31T18:15", 24),
    ],
)
def test_days_are_those_of_the_zone(zone: str, start: str, hours: int) -> None:
    """Also one of 25 hours, and one of 23: a reserve that is free at the end of the day is free then."""
    first = datetime.fromisoformat(start).replace(tzinfo=UTC)
    budget = Budget(3, zone)
    found = sent(budget, [(number / 100, 0.5) for number in range(10)] + [(hours - 0.01, 0.1)], first)
    assert [hour for hour, _ in found] == [0.0, 0.01, hours - 0.01]
    assert budget.admits(first + hours * HOUR, 0.1, 0)


def test_a_flood_takes_no_more_memory() -> None:
    budget = Budget(10, "UTC")
    random = Random(3)
    for number in range(50_000):
        budget.offer(MONDAY + timedelta(seconds=number), random.random())
    assert sum(map(len, budget._days.values())) <= 25 * 101


def test_a_clock_that_was_a_year_ahead_changes_nothing() -> None:
    day = [(hour + 0.5, hour / 24) for hour in range(24)]
    right, wrong = taught(3, day), taught(3, day)
    ahead = MONDAY + timedelta(days=365)
    wrong.admits(ahead, 0.5, 0)
    wrong.offer(ahead, 0.5)
    assert sent(wrong, day) == sent(right, day)

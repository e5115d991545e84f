from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.timing.pace import FORGET, LONGEST_BACKOFF, LONGEST_RETRY_AFTER, Pace, retry_after

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def test_starts_are_a_gap_apart() -> None:
    pace = Pace(delay_per_site=1.0, per_domain=5)
    assert pace.enter("a", 10.0) == 0.0
    assert pace.enter("a", 10.25) == 0.75
    assert pace.enter("a", 11.0) == 0.0
    assert pace.enter("b", 11.0) == 0.0
    assert pace.in_flight("a") == 2


def test_so_many_at_once() -> None:
    pace = Pace(delay_per_site=0.0, per_domain=2)
    assert [pace.enter("a", 0.0) for _ in range(2)] == [0.0, 0.0]
    assert pace.enter("a", 0.0) > 0
    pace.leave("a", 1.0)
    assert pace.enter("a", 1.0) == 0.0


def test_fifty_items_of_one_host_are_told_different_times() -> None:
    pace = Pace(delay_per_site=1.0, per_domain=1)
    waits = [pace.enter("a", 0.0) for _ in range(50)]
    assert waits == [float(n) for n in range(50)]
    pace.leave("a", 0.4)
    for n in range(1, 50):  # a request repeated at the given time may start
        assert pace.enter("a", float(n)) == 0.0
        pace.leave("a", n + 0.4)


def test_a_slow_host_spreads_them_by_what_a_request_takes() -> None:
    pace = Pace(delay_per_site=1.0, per_domain=1)
    pace.enter("a", 0.0)
    pace.leave("a", 10.0, started=0.0)
    pace.enter("a", 10.0)
    assert [pace.enter("a", 10.0) for _ in range(3)] == [10.0, 20.0, 30.0]


def test_failures_in_a_row_double_the_wait_up_to_a_cap_and_a_success_ends_it() -> None:
    pace, now, waits = Pace(delay_per_site=1.0, per_domain=1), 0.0, []
    for _ in range(10):
        assert pace.enter("a", now) == 0.0
        pace.leave("a", now, failed=True)
        waits.append(pace.enter("a", now))
        now += waits[-1]
    assert waits == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, LONGEST_BACKOFF, LONGEST_BACKOFF]
    assert pace.enter("a", now) == 0.0
    pace.leave("a", now)
    assert pace.enter("a", now) == 1.0


@pytest.mark.parametrize(("asked", "wait"), [(30.0, 30.0), (10.0**9, LONGEST_RETRY_AFTER), (-5.0, 1.0), (0.0, 1.0)])
def test_retry_after_is_kept_to_a_cap(asked: float, wait: float) -> None:
    pace = Pace(delay_per_site=1.0, per_domain=1)
    pace.enter("a", 0.0)
    pace.leave("a", 0.0, retry_after=asked)
    assert pace.enter("a", 0.0) == wait


def test_a_success_beside_it_does_not_cut_retry_after_short() -> None:
    pace = Pace(delay_per_site=0.0, per_domain=2)
    assert [pace.enter("a", 0.0), pace.enter("a", 0.0)] == [0.0, 0.0]
    pace.leave("a", 1.0, failed=True, retry_after=60.0)
    pace.leave("a", 2.0)
    assert pace.enter("a", 2.0) == 59.0


def test_idle_domains_are_forgotten_but_not_those_in_flight_or_failing() -> None:
    pace = Pace(delay_per_site=1.0, per_domain=1)
    for n in range(1000):
        pace.enter(f"d{n}", 0.0)
        pace.leave(f"d{n}", 1.0)
    pace.enter("flying", 0.0)
    pace.enter("failing", 0.0)
    pace.leave("failing", 1.0, failed=True)
    pace.enter("other", 100.0)
    assert len(pace) == 3
    pace.leave("other", 100.0)
    pace.enter("other", FORGET + 101.0)
    assert len(pace) == 2
    assert pace.in_flight("flying") == 1


def test_a_leave_too_many_does_not_open_the_gate() -> None:
    pace = Pace(delay_per_site=0.0, per_domain=1)
    pace.leave("a", 0.0)
    pace.leave("a", 0.0)
    assert pace.enter("a", 0.0) == 0.0
    assert pace.enter("a", 0.0) > 0.0


@pytest.mark.parametrize(("gap", "per_domain"), [(-1.0, 1), (1.0, 0)])
def test_senseless_settings(gap: float, per_domain: int) -> None:
    with pytest.raises(ValueError, match="delay_per_site"):
        Pace(gap, per_domain)


@settings(deadline=None)
@given(
    st.floats(0, 5),
    st.integers(1, 4),
    st.lists(st.tuples(st.floats(0, 10), st.booleans(), st.sampled_from(["enter", "leave"])), max_size=60),
)
def test_never_more_than_allowed_and_never_closer(
    gap: float, per_domain: int, acts: list[tuple[float, bool, str]]
) -> None:
    pace, now, starts, flying = Pace(gap, per_domain), 0.0, [], 0
    for step, failed, act in acts:
        now += step
        if act == "leave" and flying:
            pace.leave("a", now, failed=failed)
            flying -= 1
        elif act == "enter":
            wait = pace.enter("a", now)
            assert wait >= 0.0
            if wait == 0.0:
                starts.append(now)
                flying += 1
    assert flying == pace.in_flight("a") <= per_domain
    assert all(later >= earlier + gap for earlier, later in itertools.pairwise(starts))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("-5", None),
        ("99999999", LONGEST_RETRY_AFTER),
        ("9" * 5000, None),
        ("soon", None),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60.0),
        ("Sunday, 01-Mar-26 12:01:00 GMT", 60.0),
        ("Sun Mar  1 12:01:00 2026", 60.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 2037 11:00:00 GMT", LONGEST_RETRY_AFTER),
        ("Sun, 99 Mar 2026 12:01:00 GMT", None),
    ],
)
def test_reading_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds

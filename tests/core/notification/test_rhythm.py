"""The rhythm of articles: what is learned, what is a silence or a burst, and how it is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import exp, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.notification.rhythms.chance import log_tail, log_tail_of_pause
from pipeline.core.notification.rhythms.rhythm import CELLS, LEARNED, Pattern, cell_of
from pipeline.records import AlertRhythm, decode, encode

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def office(hour: int) -> int:
    """Four articles in every hour of working days, 8 to 20; none else."""
    return 4 if 8 <= hour % 24 < 20 and hour // 24 % 7 < 5 else 0


def learned(weeks: float, random: Random | None = None) -> Pattern:
    pattern = Pattern()
    for hour in range(round(weeks * CELLS)):
        number = office(hour) if random is None else sum(random.random() < 0.5 for _ in range(2 * office(hour)))
        add(pattern, hour, number)
    return pattern


def add(pattern: Pattern, hour: int, number: int, share: float = 1.0) -> None:
    moment = MONDAY + hour * HOUR
    for place in range(number):
        pattern.count(moment + place * HOUR / max(number, 1), moment + place * HOUR / max(number, 1))
    pattern.close_hour(cell_of(moment), share)


def test_hours_of_the_week() -> None:
    assert [cell_of(MONDAY + hour * HOUR) for hour in (0, 1, 167, 168)] == [0, 1, 167, 0]


def test_the_rhythm_is_learned_by_weekday_and_hour() -> None:
    rates = learned(6).rates()
    for hour in range(CELLS):
        assert rates[hour] == pytest.approx(office(hour), abs=0.6)


def test_time_that_was_not_watched_teaches_nothing() -> None:
    pattern, other = learned(6), learned(6)
    for hour in range(6 * CELLS, 8 * CELLS):
        add(other, hour, 0, share=0.0)
    assert (other.rates() == pattern.rates()).all()
    assert other.quiet == pattern.quiet
    assert not other.is_silence()


def first_silence(pattern: Pattern, start: int) -> int | None:
    for hour in range(start, start + 4 * CELLS):
        add(pattern, hour, 0)
        if pattern.is_silence():
            return hour - start
    return None


def test_a_stop_on_a_working_day_is_found_within_the_day_and_a_weekend_is_none() -> None:
    monday, saturday = 8 * CELLS, 8 * CELLS + 5 * 24
    assert first_silence(learned(8, Random(1)), monday) in range(9, 24)
    found = first_silence(learned(saturday / CELLS, Random(1)), saturday)
    assert found is not None
    assert found >= 48 + 8  # not before Monday morning


def test_nothing_is_judged_before_two_weeks() -> None:
    pattern = learned(1)
    assert first_silence(pattern, CELLS) is None or pattern.hours >= LEARNED
    assert learned(1.5).is_burst(MONDAY) is None


def test_an_article_ends_a_silence() -> None:
    pattern = learned(8, Random(1))
    start = 8 * CELLS
    found = first_silence(pattern, start)
    assert found is not None
    pattern.silent = MONDAY
    moment = MONDAY + (start + found) * HOUR
    pattern.count(moment, moment)
    assert pattern.silent is None
    assert not pattern.is_silence()


def test_a_burst_by_the_hour_of_the_week() -> None:
    """Thirty in an hour are a burst on Monday at 10, and at night already eight."""
    pattern = learned(8, Random(1))
    start = 8 * CELLS + 10
    for hour in range(8 * CELLS, start):
        add(pattern, hour, office(hour))
    moment = MONDAY + start * HOUR
    for number in range(8):
        pattern.count(moment + number * HOUR / 60, moment + number * HOUR / 60)
    assert pattern.is_burst(moment + HOUR / 2) is None
    for _ in range(25):
        pattern.count(moment + HOUR / 2, moment + HOUR / 2)
    found = pattern.is_burst(moment + HOUR / 2)
    assert found is not None
    assert found[:2] == (1, 33 + 1)  # one of the hour before
    night = learned(8 + 1 / 7, Random(1))
    moment = MONDAY + (8 * CELLS + 25) * HOUR
    for _ in range(8):
        night.count(moment, moment)
    assert night.is_burst(moment) is not None


def test_a_burst_is_over_when_it_is_usual_again() -> None:
    pattern = learned(8, Random(1))
    start = 8 * CELLS + 10
    moment = MONDAY + start * HOUR
    for _ in range(40):
        pattern.count(moment, moment)
    assert not pattern.is_usual(moment + HOUR / 2)
    assert not pattern.is_usual(moment + 2 * HOUR)
    assert pattern.is_usual(moment + 4 * HOUR)


def test_a_burst_does_not_become_the_rhythm_at_once() -> None:
    pattern = learned(8, Random(1))
    usual = pattern.rates()[10]
    for hour in range(8 * CELLS, 8 * CELLS + 13):
        add(pattern, hour, 500 if hour % 24 == 10 else office(hour))
    assert pattern.rates()[10] < 3 * usual


def test_the_record_holds_everything() -> None:
    pattern = learned(5, Random(3))
    record = pattern.record("R", "f", MONDAY)
    again = Pattern.of(decode(AlertRhythm, encode(record)))
    assert again.record("R", "f", MONDAY) == record
    assert again.rates() == pytest.approx(pattern.rates(), rel=1e-5)
    assert len(encode(record)) < 2600


@pytest.mark.parametrize("cells", [b"", b"x" * 100, b"\xff" * 8 * CELLS])
def test_a_damaged_record_is_an_unknown_rhythm(cells: bytes) -> None:
    record = AlertRhythm(
        rule="R", at=MONDAY, cells=cells, hours=1e6, articles=9, spread=(0.0,) * 5, gaps=(0.0,) * 3
    )  # fmt: skip
    assert Pattern.of(record).hours == 0


@given(st.integers(1, 60), st.floats(0.01, 50), st.floats(0.02, 5))
def test_the_tail_is_that_of_the_negative_binomial(number: int, mean: float, uneven: float) -> None:
    """Against the sum of all chances below, where that is exact enough."""
    size = 1 / uneven
    chance, below = (size / (size + mean)) ** size, 0.0
    for at in range(number):
        below += chance
        chance *= (at + size) / (at + 1) * mean / (mean + size)
    if below < 1 - 1e-9:
        assert exp(log_tail(number, mean, uneven)) == pytest.approx(1 - below, rel=1e-4)


@pytest.mark.parametrize(
    ("length", "shape", "chance"),
    [
        (0.0, 3.0, 1.0),
        (1.0, 1.0, exp(-1)),
        (10.0, 1.5, exp(-15) * 21**0.5),
        (1.0, 2.0, 3 * exp(-2)),
        (8.0, 0.5, exp(-4)),
    ],
)
def test_the_tail_of_pauses(length: float, shape: float, chance: float) -> None:
    assert log_tail_of_pause(length, shape) == pytest.approx(log(chance))

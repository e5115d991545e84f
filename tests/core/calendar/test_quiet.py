"""Quiet hours: when they hold and end, also across changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.calendar.local import CalendarError, local_time, zone_of
from pipeline.core.calendar.quiet import parse_quiet, quiet_until
from pipeline.core.calendar.words import DAYS
from tests.core.calendar.test_local import moments, zones
from tests.core.calendar.times import time_words

NIGHT = ("22:00-07:00",)
NIGHTS_AND_WEEKENDS = ("mon-fri 22:00-07:00", "sat-sun")


def until(quiet: tuple[str, ...], moment: str, zone: str) -> str | None:
    end = quiet_until(quiet, datetime.fromisoformat(moment).replace(tzinfo=UTC), zone)
    return None if end is None else end.strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("quiet", "zone", "moment", "end"),
    [
        ((), "UTC", "2026-06-01T23:00", None),
        (NIGHT, "UTC", "2026-06-01T21:59", None),
        (NIGHT, "UTC", "2026-06-01T22:00", "2026-06-02T07:00"),
        (NIGHT, "UTC", "2026-06-02T06:59", "2026-06-02T07:00"),
        (NIGHT, "UTC", "2026-06-02T07:00", None),
        (NIGHT, "Asia/Kathmandu", "2026-06-01T16:15", "2026-06-02T01:15"),
        # 2026-06-05 is a Friday: from its night over the weekend.
        (NIGHTS_AND_WEEKENDS, "UTC", "2026-06-05T22:30", "2026-06-08T00:00"),
        (NIGHTS_AND_WEEKENDS, "UTC", "2026-06-07T23:59", "2026-06-08T00:00"),
        (NIGHTS_AND_WEEKENDS, "UTC", "2026-06-08T00:00", None),  # Sunday has no night of its own
        (("sat-mon",), "UTC", "2026-06-06T12:00", "2026-06-09T00:00"),
        (("fri 22:00-07:00",), "UTC", "2026-06-06T06:00", "2026-06-06T07:00"),
        (("fri 22:00-07:00",), "UTC", "2026-06-06T23:00", None),
        (("12:00-14:00", "13:00-15:00", "15:00-16:00"), "UTC", "2026-06-01T12:30", "2026-06-01T16:00"),
        (("mon,wed 09:00-24:00",), "UTC", "2026-06-03T10:00", "2026-06-04T00:00"),
        # The night of the change is an hour shorter or longer.
        (NIGHT, "Europe/Madrid", "2026-03-28T22:00", "2026-03-29T05:00"),
        (NIGHT, "Europe/Madrid", "2026-10-24T21:00", "2026-10-25T06:00"),
        # It ends at a time that does not exist, or exists twice.
        (("22:00-02:30",), "Europe/Madrid", "2026-03-29T00:30", "2026-03-29T01:00"),
        (("22:00-02:30",), "Europe/Madrid", "2026-10-25T00:29", "2026-10-25T00:30"),
        (("22:00-02:30",), "Europe/Madrid", "2026-10-25T00:45", None),
        (("02:10-02:50",), "Europe/Madrid", "2026-03-29T01:00", None),  # the clocks jump over all of it
        (("00:00-06:00",), "America/Santiago", "2026-09-06T04:00", "2026-09-06T09:00"),  # starts at 1:00
        (("sat",), "America/Santiago", "2026-09-05T12:00", "2026-09-06T04:00"),
        (("02:00-03:00",), "Australia/Lord_Howe", "2026-10-03T15:30", "2026-10-03T16:00"),
        (("01:00-03:00",), "Australia/Lord_Howe", "2026-04-04T15:15", "2026-04-04T16:30"),
    ],
)
def test_when_it_is_quiet_and_until_when(quiet: tuple[str, ...], zone: str, moment: str, end: str | None) -> None:
    assert until(quiet, moment, zone) == end


def spans() -> st.SearchStrategy[tuple[str, ...]]:
    times = st.integers(0, 1439).map(time_words)
    pair = st.tuples(times, times).filter(lambda pair: pair[0] != pair[1]).map("-".join)
    day = st.sampled_from(DAYS)
    one = st.one_of(pair, day, st.tuples(day, pair).map(" ".join), st.tuples(day, day).map("-".join))
    return st.lists(one, max_size=3).map(tuple)


@given(spans(), zones, moments)
def test_quiet_ends_after_it_began_and_is_quiet_until_then(quiet: tuple[str, ...], zone: str, moment: datetime) -> None:
    try:
        parse_quiet(quiet)
    except CalendarError as error:
        assert "the whole week" in error.reason  # noqa: PT017
        return
    end = quiet_until(quiet, moment, zone)
    if end is None:
        return
    assert moment < end < moment + timedelta(days=9)
    assert quiet_until(quiet, end, zone) is None
    for part in (0.25, 0.5, 0.99):
        assert quiet_until(quiet, moment + part * (end - moment), zone) == end


@given(zones, moments)
def test_at_night_it_is_quiet_by_the_clock(zone: str, moment: datetime) -> None:
    hour = local_time(moment, zone_of(zone)).hour
    assert (quiet_until(NIGHT, moment, zone) is not None) == (hour >= 22 or hour < 7)


@pytest.mark.parametrize(
    ("texts", "reason", "hint"),
    [
        (("22-07",), "'22-07' is neither days nor times", "times have minutes, such as 22:00-07:00"),
        (("22:00",), "'22:00' has no end", "22:00-07:00"),
        (("25:00-07:00",), "'25:00' is not a time", "from 00:00 to 23:59"),
        (("22:00-24:01",), "'24:01' is not a time", "from 00:00 to 24:00"),
        (("22:60-07:00",), "'22:60' is not a time", "from 00:00 to 23:59"),
        (("24:00-07:00",), "'24:00' is not a time", "from 00:00 to 23:59"),
        (("22:00-",), "'' is not a time", "hours and minutes"),
        (("10pm-7am",), "'10pm' is not a day", "days are mon, tue"),
        (("08:00-08:00",), "'08:00-08:00' ends when it starts", "for a whole day"),
        (("monday",), "'monday' is not a day", "did you mean mon?"),
        (("mon-frid 22:00-07:00",), "'frid' is not a day", "did you mean fri?"),
        (("mon, 22:00-07:00",), "a day is missing", ""),
        (("mon 22:00 - 07:00",), "is not a span of time", "such as"),
        (("",), "is empty", "such as"),
        (("mon-sun",), "the whole week is quiet", 'send = "digest"'),
        (("00:00-12:00", "12:00-24:00"), "the whole week is quiet", 'send = "digest"'),
    ],
)
def test_faults(texts: tuple[str, ...], reason: str, hint: str) -> None:
    with pytest.raises(CalendarError) as caught:
        parse_quiet(texts)
    assert reason in caught.value.reason
    assert hint in caught.value.hint

"""Local times: those that exist twice, not at all, or in zones with odd offsets."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.calendar.local import CalendarError, day_starts, exists, local_day, local_time, to_utc, zone_of

ZONES = (
    "Europe/Madrid", "America/Santiago", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo",
    "America/Scoresbysund", "Pacific/Apia", "UTC",
)  # fmt: skip
zones = st.sampled_from(ZONES)
FIRST, LAST = datetime.fromisoformat("2008-01-01"), datetime.fromisoformat("2030-01-01")
locals_ = st.datetimes(FIRST, LAST)
moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("zone", "local", "moment"),
    [
        ("Europe/Madrid", "2026-03-29T01:59", "2026-03-29T00:59"),
        ("Europe/Madrid", "2026-03-29T02:30", "2026-03-29T01:00"),  # does not exist
        ("Europe/Madrid", "2026-03-29T03:00", "2026-03-29T01:00"),
        ("Europe/Madrid", "2026-10-25T02:30", "2026-10-25T00:30"),  # exists twice
        ("Europe/Madrid", "2026-10-25T03:00", "2026-10-25T02:00"),
        ("America/Santiago", "2026-09-06T00:00", "2026-09-06T04:00"),  # midnight does not exist
        ("America/Santiago", "2026-09-06T00:59", "2026-09-06T04:00"),
        ("America/Santiago", "2026-04-04T23:30", "2026-04-05T02:30"),  # exists twice
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01T01:59:59", "2026-11-01T05:59:59"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),  # half an hour
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
        ("Asia/Kathmandu", "2026-06-01T08:00", "2026-06-01T02:15"),
        ("America/Scoresbysund", "2026-03-28T23:30", "2026-03-29T01:00"),  # the last hour of the day does not exist
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),  # nor does that day
    ],
)
def test_a_local_time_is_one_moment(zone: str, local: str, moment: str) -> None:
    found = to_utc(datetime.fromisoformat(local), zone_of(zone))
    assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@given(zones, locals_, locals_)
def test_later_by_the_clock_is_not_earlier(zone: str, one: datetime, other: datetime) -> None:
    place = zone_of(zone)
    low, high = sorted((one, other))
    assert to_utc(low, place) <= to_utc(high, place)


@given(zones, locals_)
def test_the_clocks_show_that_time_or_have_jumped_over_it(zone: str, local: datetime) -> None:
    place = zone_of(zone)
    moment = to_utc(local, place)
    shown = local_time(moment, place)
    assert shown == local or (shown > local > local_time(moment - timedelta(seconds=1), place))


@given(zones, moments)
def test_a_moment_is_in_its_local_day(zone: str, moment: datetime) -> None:
    day = local_day(moment, zone)
    assert exists(day, zone_of(zone))
    first = day_starts(day, zone)
    # A day whose midnight exists twice starts at the first; what comes between the two is still the day before.
    assert first <= moment < day_starts(day + timedelta(days=1), zone) + timedelta(hours=1)


def test_a_day_that_a_place_skips_does_not_exist() -> None:
    assert not exists(date(2011, 12, 30), zone_of("Pacific/Apia"))
    assert exists(date(2011, 12, 29), zone_of("Pacific/Apia"))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Madird", "did you mean Europe/Madrid?"),
        ("europe/madrid", "did you mean Europe/Madrid?"),
        ("Madrid", "did you mean Europe/Madrid?"),
        ("America/Buenos Aires", "did you mean America/"),
        ("new york", "did you mean America/New_York?"),
        ("America", ""),
        ("../etc/passwd", ""),
        ("", "write region and city"),
        ("xyzzyx", "write region and city"),
        ("Europe/Madrid\0", ""),
    ],
)
def test_a_zone_that_does_not_exist_has_a_hint(name: str, hint: str) -> None:
    with pytest.raises(CalendarError, match="no time zone") as caught:
        zone_of(name)
    assert hint in caught.value.hint

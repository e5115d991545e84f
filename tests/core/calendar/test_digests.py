"""Digests: once a local day, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.core.calendar.digests import next_digest, parse_schedule
from pipeline.core.calendar.local import CalendarError, at_time, exists, local_time, zone_of
from tests.core.calendar.test_local import moments, zones
from tests.core.calendar.times import time_words


@pytest.mark.parametrize(
    ("schedule", "zone", "after", "due"),
    [
        ("daily 08:00", "UTC", "2026-06-01T07:59", "2026-06-01T08:00"),
        ("daily 08:00", "UTC", "2026-06-01T08:00", "2026-06-02T08:00"),
        ("daily 08:00,18:30", "UTC", "2026-06-01T08:00", "2026-06-01T18:30"),
        ("weekly mon 08:00", "UTC", "2026-06-01T08:00", "2026-06-08T08:00"),
        ("weekly mon-fri 08:00", "UTC", "2026-06-05T09:00", "2026-06-08T08:00"),
        ("weekly mon,thu 08:00", "UTC", "2026-06-01T08:00", "2026-06-04T08:00"),
        ("daily 08:00", "Asia/Kathmandu", "2026-06-01T02:14", "2026-06-01T02:15"),
        ("daily 08:00", "Europe/Madrid", "2026-03-28T07:00", "2026-03-29T06:00"),  # 23 hours later
        ("daily 08:00", "Europe/Madrid", "2026-10-24T06:00", "2026-10-25T07:00"),  # 25 hours later
        ("daily 02:30", "Europe/Madrid", "2026-03-28T12:00", "2026-03-29T01:00"),  # does not exist
        ("daily 02:30", "Europe/Madrid", "2026-03-29T01:00", "2026-03-30T00:30"),
        ("daily 02:30", "Europe/Madrid", "2026-10-25T00:30", "2026-10-26T01:30"),  # not twice
        ("daily 02:15,02:45", "Europe/Madrid", "2026-03-29T01:00", "2026-03-30T00:15"),
        ("daily 00:30", "America/Santiago", "2026-09-05T12:00", "2026-09-06T04:00"),
        ("daily 02:15", "Australia/Lord_Howe", "2026-10-03T12:00", "2026-10-03T15:30"),
        ("daily 12:00", "Pacific/Apia", "2011-12-29T22:00", "2011-12-30T22:00"),  # the day between does not exist
        ("hourly", "UTC", "2026-06-01T07:00", "2026-06-01T08:00"),
        ("hourly", "Asia/Kathmandu", "2026-06-01T07:00", "2026-06-01T07:15"),
        ("hourly", "Europe/Madrid", "2026-03-29T00:30", "2026-03-29T01:00"),
        ("hourly", "Europe/Madrid", "2026-10-25T00:00", "2026-10-25T01:00"),  # both hours
        ("hourly", "Australia/Lord_Howe", "2026-10-03T15:00", "2026-10-03T16:00"),  # 2:00 does not exist
        ("hourly", "Australia/Lord_Howe", "2026-04-04T14:00", "2026-04-04T15:30"),  # 1:30 exists twice
    ],
)
def test_when_a_digest_is_due(schedule: str, zone: str, after: str, due: str) -> None:
    found = next_digest(schedule, datetime.fromisoformat(after).replace(tzinfo=UTC), zone)
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


@given(zones, st.integers(0, 1439), st.dates(date(2010, 1, 1), date(2029, 1, 1)))
def test_exactly_once_for_each_local_day(zone: str, minutes: int, first: date) -> None:
    place, days = zone_of(zone), [first + timedelta(days=number) for number in range(8)]
    assume(exists(days[0], place) and exists(days[-1], place))
    wanted = [at_time(day, minutes, place) for day in days if exists(day, place)]
    found = [wanted[0]]
    while found[-1] < wanted[-1]:
        found.append(next_digest(f"daily {time_words(minutes)}", found[-1], zone))
    assert found == wanted
    assert len({local_time(moment - timedelta(seconds=1), place).date() for moment in found}) >= len(found) - 1


@given(zones, moments)
def test_hourly_shows_a_full_hour_and_leaves_none_out(zone: str, after: datetime) -> None:
    due = next_digest("hourly", after, zone)
    assert after < due <= after + timedelta(minutes=90)
    assert local_time(due, zone_of(zone)).strftime("%M:%S.%f") == "00:00.000000"
    step = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while step < due:
        assert local_time(step, zone_of(zone)).minute
        step += timedelta(minutes=1)


@given(zones, moments)
def test_weekly_comes_once_a_week(zone: str, after: datetime) -> None:
    first = next_digest("weekly sun 02:30", after, zone)
    second = next_digest("weekly sun 02:30", first, zone)
    assert timedelta(days=6.9) < second - first < timedelta(days=14.1 if zone == "Pacific/Apia" else 7.1)


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        ("", "'' is not a schedule", "daily 08:00"),
        ("dayly 08:00", "'dayly 08:00' is not a schedule", "did you mean daily?"),
        ("daily", "'daily' needs a time", "daily 08:00"),
        ("daily 8", "'8' is not a time", "hours and minutes"),
        ("daily 24:00", "'24:00' is not a time", "from 00:00 to 23:59"),
        ("daily 08:00 18:00", "'daily 08:00 18:00' is not a schedule", ""),
        ("hourly 08:00", "an hourly digest has no time of its own", ""),
        ("weekly 08:00", "needs a day and a time", "weekly mon 08:00"),
        ("weekly monday 08:00", "'monday' is not a day", "did you mean mon?"),
        ("08:00", "'08:00' is not a schedule", "daily 08:00"),
    ],
)
def test_faults(text: str, reason: str, hint: str) -> None:
    with pytest.raises(CalendarError) as caught:
        parse_schedule(text)
    assert reason in caught.value.reason
    assert hint in caught.value.hint

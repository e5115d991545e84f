"""When something happened, as a reader sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.calendar.local_words import local
from pipeline.core.messages.times import long_ago, when
from pipeline.records import Dated
from tests.builders import alert

WINTER = datetime(2026, 11, 29, 13, 5, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        (WINTER, "UTC", "29 Nov 2026, 13:05 UTC"),
        (WINTER, "Europe/Madrid", "29 Nov 2026, 14:05 CET (UTC+1)"),
        (SUMMER, "Europe/Madrid", "2 Jul 2026, 00:30 CEST (UTC+2)"),
        (WINTER, "America/New_York", "29 Nov 2026, 08:05 EST (UTC-5)"),
        (WINTER, "America/Lima", "29 Nov 2026, 08:05 UTC-5"),
        (WINTER, "Asia/Kathmandu", "29 Nov 2026, 18:50 UTC+5:45"),
        (SUMMER, "Pacific/Chatham", "2 Jul 2026, 11:15 UTC+12:45"),
        # both sides of the hour that a clock shows twice
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Madrid", "25 Oct 2026, 02:30 CEST (UTC+2)"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Madrid", "25 Oct 2026, 02:30 CET (UTC+1)"),
        (WINTER, "No/Such_Zone", "29 Nov 2026, 13:05 UTC"),
    ],
)
def test_local(moment: datetime, zone: str, expected: str) -> None:
    assert local(moment, zone) == expected


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        (None, "first seen 29 Nov 2026, 14:05 CET (UTC+1)"),
        (Dated(WINTER, "feed", "Sun, 29 Nov 2026 13:05:00 GMT"), "29 Nov 2026, 14:05 CET (UTC+1)"),
        (Dated(datetime(2026, 11, 29, tzinfo=UTC), "html", "2026-11-29"), "29 Nov 2026 (no time given)"),
        (Dated(datetime(2026, 11, 29, tzinfo=UTC), "feed", "2026-11-29T00:00:00Z"), "29 Nov 2026, 01:00 CET (UTC+1)"),
        (
            Dated(WINTER, "html", "2026-11-29 08:05", "America/Lima", "country"),
            "29 Nov 2026, 14:05 CET (UTC+1) (time zone assumed: America/Lima)",
        ),
    ],
)
def test_when(published: Dated | None, expected: str) -> None:
    assert when(alert(published=published, first_seen=WINTER), "Europe/Madrid") == expected


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(days=1100), "3 years"),
        (timedelta(days=366), "1 year"),
        (timedelta(days=95), "3 months"),
        (timedelta(days=4), "4 days"),
        (timedelta(hours=5), "5 hours"),
        (timedelta(minutes=5), "less than an hour"),
    ],
)
def test_long_ago(ago: timedelta, expected: str) -> None:
    assert long_ago(WINTER - ago, WINTER) == expected

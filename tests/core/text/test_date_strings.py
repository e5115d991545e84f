"""Dates of feeds and pages, in shapes met in real feeds. What must be None is as important as the rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.text.date_strings import parse_date, read_date

SEEN = datetime(2026, 11, 22, 6, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # RFC 822 and its relatives
        ("Tue, 14 Jul 2026 10:11:12 +0200", utc(2026, 7, 14, 8, 11, 12)),
        ("Tue, 14 Jul 2026 10:11:12 +02:00", utc(2026, 7, 14, 8, 11, 12)),
        ("14 July 2026 10:11 GMT", utc(2026, 7, 14, 10, 11)),
        ("Tue, 14 Jul 26 10:11:12 EST", utc(2026, 7, 14, 15, 11, 12)),
        ("Tuesday, 14-Jul-26 10:11:12 UTC", utc(2026, 7, 14, 10, 11, 12)),
        ("Tue, 14 Jul 2026 10:11:12 GMT+2", utc(2026, 7, 14, 8, 11, 12)),
        ("Tue, 14 Jul 2026 10:11:60 Z", utc(2026, 7, 14, 10, 11, 59)),
        ("Wed, 09 sept. 2026 10:00 +0000", utc(2026, 9, 9, 10)),
        ("Mié, 14 Oct 2026 10:00:00 -0500", utc(2026, 10, 14, 15)),
        ("Tue Jul 14 10:11:12 CEST 2026", utc(2026, 7, 14, 8, 11, 12)),
        ("Tue Jul 14 2026 10:11:12 GMT+0300 (Moscow Standard Time)", utc(2026, 7, 14, 7, 11, 12)),
        # ISO 8601, RFC 3339, W3CDTF
        ("2026-07-14T10:11:12Z", utc(2026, 7, 14, 10, 11, 12)),
        ("2026-07-14T10:11:12.123456+09:00", utc(2026, 7, 14, 1, 11, 12)),
        ("2026-07-14 10:11:12 -0500", utc(2026, 7, 14, 15, 11, 12)),
        ("2026-07-14T10:11Z", utc(2026, 7, 14, 10, 11)),
        ("2026-7-4", utc(2026, 7, 4)),
        ("20260714T101112Z", utc(2026, 7, 14, 10, 11, 12)),
        ("2026-07-14 24:00:00", utc(2026, 7, 15)),
        ("2026-07-14T101112+02:00", utc(2026, 7, 14, 8, 11, 12)),
        ("20260714T10:11:12.5Z", utc(2026, 7, 14, 10, 11, 12)),
        ("2026-07-14T20:0:0Z", utc(2026, 7, 14, 20)),
        ("Tue, 14 Jul 2026 20:0:0 Z", utc(2026, 7, 14, 20)),
        ("Tue, 14 Jul 2026 9:5:7 +0200", utc(2026, 7, 14, 7, 5, 7)),
        # epoch
        ("1784023200", utc(2026, 7, 14, 10)),
        ("1784023200000", utc(2026, 7, 14, 10)),
        ("1784023200.5", utc(2026, 7, 14, 10)),
        # 12-hour clocks
        ("July 14, 2026 10:00 PM", utc(2026, 7, 14, 22)),
        ("Tue, 14 Jul 2026 12:30 AM", utc(2026, 7, 14, 0, 30)),
        ("2026-07-14 3:20 PM", utc(2026, 7, 14, 15, 20)),
        ("Jul 14, 2026 at 10:00 p.m. EDT", utc(2026, 7, 15, 2)),
        ("Sat, March 14th, 2026 at 5pm EST", utc(2026, 3, 14, 22)),
        # numbers in other orders and scripts
        ("14.07.2026", utc(2026, 7, 14)),
        ("2016/6/29 15:07:41", utc(2016, 6, 29, 15, 7, 41)),
        ("14/07/2026 - 15:30", utc(2026, 7, 14, 15, 30)),
        ("07/14/2026", utc(2026, 7, 14)),
        ("05/05/2026", utc(2026, 5, 5)),
        ("2026年7月14日", utc(2026, 7, 14)),
        ("2026年7月14日 下午3:20", utc(2026, 7, 14, 15, 20)),
        ("令和8年7月14日", utc(2026, 7, 14)),
        ("2026년 7월 14일 오후 3:20", utc(2026, 7, 14, 15, 20)),
        ("２０２６年７月１４日　１０：３０", utc(2026, 7, 14, 10, 30)),
        ("١٤ يوليو ٢٠٢٦ ٣:٢٠ م", utc(2026, 7, 14, 15, 20)),
        # names, no hint
        ("14 juillet 2026 10:00 +0200", utc(2026, 7, 14, 8)),
        ("mar. 14 juil. 2026 à 15h30", utc(2026, 7, 14, 15, 30)),
        ("14 июля 2026 г. в 10:30", utc(2026, 7, 14, 10, 30)),
        ("14 de julho de 2026 às 10h30", utc(2026, 7, 14, 10, 30)),
        ("Dienstag, 14. Juli 2026, 10:30 Uhr", utc(2026, 7, 14, 10, 30)),
        ("Selasa, 14 Juli 2026 10:30 WIB", utc(2026, 7, 14, 3, 30)),
        ("14 luglio 2026", utc(2026, 7, 14)),
        ("14 lipca 2026", utc(2026, 7, 14)),
        ("14 iulie 2026", utc(2026, 7, 14)),
        ("14 липня 2026", utc(2026, 7, 14)),
        ("14 Temmuz 2026", utc(2026, 7, 14)),
        ("14 تموز 2026", utc(2026, 7, 14)),
        ("14 كانون الثاني 2026", utc(2026, 1, 14)),
        ("ב-14 ביולי 2026", utc(2026, 7, 14)),
        ("14 जुलाई 2026", utc(2026, 7, 14)),
        ("14 tháng 7, 2026", utc(2026, 7, 14)),
        ("Thứ ba, 14/7/2026, 15:30 (GMT+7)", utc(2026, 7, 14, 8, 30)),
    ],
)
def test_reads(raw: str, expected: datetime) -> None:
    assert parse_date(raw, seen=SEEN) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "", " ", None, "yesterday", "2 hours ago", "0000-00-00", "0000-00-00 00:00:00", "1970-01-01T00:00:00Z", "0",
        "03/04/2026", "14/07/26", "26.07.14", "2026", "2026-07", "2026-13-45", "2026-02-30", "31 Feb 2026",
        "9999-12-31", "14 July 2026, updated 15 July 2026", "14 listopada 2026", "15:00 AM 14 July 2026", "1405/04/23",
        "14 กรกฎาคม 2569", "x" * 5000, "1 " * 40, "Tue, 14 Foo 2026 10:00:00 +0000",
    ],
)  # fmt: skip
def test_refuses(raw: str | None) -> None:
    assert parse_date(raw, seen=SEEN) is None


@pytest.mark.parametrize(
    ("raw", "language", "country", "expected"),
    [
        ("03/04/2026", "es", None, utc(2026, 4, 3)),
        ("03/04/2026", "pt-BR", None, utc(2026, 4, 3)),
        ("03/04/2026", "en", "GB", utc(2026, 4, 3)),
        ("03/04/2026", "en", "US", utc(2026, 3, 4)),
        ("03/04/2026", None, "US", utc(2026, 3, 4)),
        ("03/04/2026", "en", None, None),
        ("03/04/2026", "en", "CA", None),  # both are written there
        ("03/04/2026", "zh", None, None),
        ("mar 3 mar 2026", "it", None, utc(2026, 3, 3)),
        ("mar. 14 juil. 2026", "es", None, utc(2026, 7, 14)),  # the hint is wrong: es `mar` is March and Tuesday
        ("14 mar 2026", "es", None, utc(2026, 3, 14)),
        ("14 listopada 2026", "hr", None, utc(2026, 10, 14)),
        ("14 listopada 2026", "pl", None, utc(2026, 11, 14)),
        ("Пн, 14 сен 2026 10:00:00 +0300", "ru", None, utc(2026, 9, 14, 7)),
        ("14 กรกฎาคม 2569", "th", None, utc(2026, 7, 14)),
        # names of zones that mean several things
        ("14 Jul 2026 10:11 IST", None, None, utc(2026, 7, 14, 4, 41)),
        ("14 Jul 2026 10:11 IST", None, "IL", utc(2026, 7, 14, 8, 11)),
        ("14 Jul 2026 10:11 IST", None, "IE", utc(2026, 7, 14, 9, 11)),
        ("14 Jul 2026 10:11 CST", None, None, utc(2026, 7, 14, 16, 11)),
        ("14 Jul 2026 10:11 CST", None, "CN", utc(2026, 7, 14, 2, 11)),
        ("14 Jul 2026 10:11 BST", None, None, utc(2026, 7, 14, 9, 11)),
        # no zone: the outlet's, where it has one
        ("2026-07-14T10:00:00", None, "DE", utc(2026, 7, 14, 8)),
        ("2026-01-14T10:00:00", None, "DE", utc(2026, 1, 14, 9)),
        ("2026-07-14T10:00:00", None, "VE", utc(2026, 7, 14, 14)),
        ("2026-07-14T10:00:00", None, "US", utc(2026, 7, 14, 14)),  # of several, the one of most outlets
        ("2026-07-14T10:00:00", None, "XX", utc(2026, 7, 14, 10)),
        ("2026-07-14", None, "JP", utc(2026, 7, 14)),  # a day stays that day
        ("Tue, 14 Jul 2026 10:00:00 QQQ", None, "DE", utc(2026, 7, 14, 8)),  # a zone nobody knows is none
    ],
)
def test_hints(raw: str, language: str | None, country: str | None, expected: datetime | None) -> None:
    assert parse_date(raw, seen=SEEN, language=language, country=country) == expected


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("CEST", 2), ("CET", 1), ("BST", 1), ("JST", 9), ("KST", 9), ("MSK", 3), ("WIB", 7), ("EEST", 3), ("SAST", 2),
     ("EST", -5), ("EDT", -4), ("PST", -8), ("ART", -3), ("VET", -4), ("COT", -5), ("AEST", 10), ("HKT", 8)],
)  # fmt: skip
def test_zone_names(zone: str, hours: int) -> None:
    expected = utc(2026, 7, 14, 12) - timedelta(hours=hours)
    assert parse_date(f"Tue, 14 Jul 2026 12:00:00 {zone}", seen=SEEN) == expected


def test_says_how_certain_it_is() -> None:
    moment = read_date("14.07.2026 10:30", country="DE")
    assert moment is not None
    assert (moment.precision, moment.given) == ("minute", False)
    moment = read_date("2026-07-14T10:30:05+02:00")
    assert moment is not None
    assert (moment.precision, moment.given) == ("second", True)
    moment = read_date("14 July 2026")
    assert moment is not None
    assert (moment.precision, moment.given) == ("day", False)


def test_never_after_seen() -> None:
    assert parse_date("2026-11-22T07:00:00Z", seen=SEEN) == SEEN
    assert parse_date("2026-12-24", seen=SEEN) == SEEN
    assert parse_date("2028-01-01", seen=SEEN) is None


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2026, 11, 20), timezones=st.sampled_from(  # noqa: DTZ001
        [UTC, *(timezone(timedelta(minutes=m)) for m in (-570, -210, 60, 330, 345, 780))])),
    st.sampled_from(["%Y-%m-%dT%H:%M:%S%z", "%a, %d %b %Y %H:%M:%S %z", "%d.%m.%Y %H:%M:%S %z", "%Y/%m/%d %H:%M:%S %z",
                     "%B %d, %Y %I:%M:%S %p %z", "%Y年%m月%d日 %H:%M:%S %z"]),
)  # fmt: skip
def test_what_was_written_is_read(moment: datetime, form: str) -> None:
    moment = moment.replace(microsecond=0)
    assert parse_date(moment.strftime(form), seen=SEEN) == moment


@given(
    st.text(max_size=120), st.sampled_from([None, "en", "fr", "ar", "xx"]), st.sampled_from([None, "US", "TH", "??"])
)
def test_any_text_gives_a_plausible_date_or_none(raw: str, language: str | None, country: str | None) -> None:
    found = parse_date(raw, seen=SEEN, language=language, country=country)
    assert found is None or utc(1989, 12, 30) < found <= SEEN


def test_seen_may_be_the_end_of_time() -> None:
    assert parse_date("2026-07-14", seen=datetime.max.replace(tzinfo=UTC)) == utc(2026, 7, 14)

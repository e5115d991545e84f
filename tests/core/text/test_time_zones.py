"""The zone that is assumed where a date names none, and that the record says so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.core.text.dated import ZONE_ERROR, hints, read_dated
from pipeline.core.text.time_zones import Assumed, assume_zone, national

SEEN = datetime(2026, 11, 22, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "url", "language", "zone", "origin"),
    [
        ("PE", "https://example.org/a", "es", "America/Lima", "country"),
        ("PE", "https://example.es/a", "de", "America/Lima", "country"),
        (None, "https://www.example.com.pe/a", "es", "America/Lima", "domain"),
        (None, "https://example.co.uk/a", "en", "Europe/London", "domain"),
        (None, "https://example.de/a", "de", "Europe/Berlin", "domain"),
        ("US", "", "en", "America/New_York", "country, several"),
        (None, "https://example.com.br/a", "pt", "America/Sao_Paulo", "domain, several"),
        (None, "https://example.com.au/a", "en", "Australia/Sydney", "domain, several"),
        (None, "https://example.ru/a", "ru", "Europe/Moscow", "domain, several"),
        (None, "https://example.org/a", "de-AT", "Europe/Vienna", "language"),
        (None, "https://example.org/a", "es_MX", "America/Mexico_City", "language, several"),
        (None, "https://example.org/a", "ja", "Asia/Tokyo", "language"),
        (None, "https://example.org/a", "pl", "Europe/Warsaw", "language"),
        # domains that are sold to everybody, and languages of the whole world
        (None, "https://example.co/a", "en", "UTC", "nothing"),
        (None, "https://example.tv/a", "en", "UTC", "nothing"),
        (None, "https://example.com.co/a", "es", "America/Bogota", "domain"),
        (None, "https://example.org/a", "es", "UTC", "nothing"),
        (None, "https://[broken/a", None, "UTC", "nothing"),
        ("XX", "", "xx", "UTC", "nothing"),
    ],
)
def test_assumed(country: str | None, url: str, language: str | None, zone: str, origin: str) -> None:
    assert assume_zone(country, url, language) == Assumed(zone, origin)


@pytest.mark.parametrize(
    ("url", "code"), [("https://a.co.uk", "GB"), ("https://a.eu", None), ("https://a.example", None)]
)
def test_national_domains(url: str, code: str | None) -> None:
    assert national(url) == code


@pytest.mark.parametrize(
    ("raw", "value", "zone", "origin"),
    [
        ("2026-07-14T10:00:00", "2026-07-14T15:00", "America/Lima", "country"),
        ("2026-07-14T10:00:00Z", "2026-07-14T10:00", None, None),
        ("2026-07-14", "2026-07-14T00:00", None, None),
        ("14 de julio de 2026, 10:00", "2026-07-14T15:00", "America/Lima", "country"),
    ],
)
def test_the_record_says_what_was_assumed(raw: str, value: str, zone: str | None, origin: str | None) -> None:
    date = read_dated(raw, "html", hints(SEEN, "es", "PE"))
    assert date
    assert (date.value.isoformat()[:16], date.zone, date.zone_from, date.raw) == (value, zone, origin, raw)


def test_daylight_saving() -> None:
    winter, summer = (read_dated(f"2026-{month}-14T10:00", "html", hints(SEEN, "de", "DE")) for month in ("01", "07"))
    assert winter
    assert summer
    assert (winter.value.hour, summer.value.hour) == (9, 8)


def test_what_a_wrong_zone_cannot_explain_is_no_date() -> None:
    outlet = hints(SEEN, "en", "US")
    near = read_dated("2026-11-22T10:00:00Z", "html", outlet, ZONE_ERROR)
    assert near
    assert near.value == SEEN
    assert read_dated("2026-11-24", "html", outlet, ZONE_ERROR) is None

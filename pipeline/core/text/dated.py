"""Reads the dates of feeds and pages as records: with their source, the string, and the time zone if it was assumed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.core.text.date_strings import AHEAD, Moment, read_date
from pipeline.core.text.time_zones import Assumed, assume_zone, national
from pipeline.records import Dated

#: How wrong a time may be because of a wrong zone, assumed or written (local time marked as UTC): UTC-1 to UTC+14.
ZONE_ERROR = timedelta(hours=15)


@dataclass(frozen=True, slots=True)
class Hints:
    """What helps to read the dates of an outlet. `language`, `country`: see read_date; `zone`: of times without one."""

    seen: datetime
    language: str | None
    country: str | None
    zone: Assumed


def hints(seen: datetime, language: str | None, country: str | None, url: str = "", tag: str | None = None) -> Hints:
    """Hints for the page or feed at `url`. `tag`: the language as the page names it, perhaps with a country."""
    return Hints(seen, language, country or national(url), assume_zone(country, url, tag or language))


def read_dated(raw: str | None, source: str, outlet: Hints, ahead: timedelta = AHEAD) -> Dated | None:
    """The date in `raw`, never after `seen`; None if it is unreadable, or more than `ahead` after `seen`."""
    moment = read_date(raw, language=outlet.language, country=outlet.country, zone=outlet.zone)
    return as_dated(moment, source, raw or "", outlet.seen, ahead) if moment else None


def as_dated(moment: Moment, source: str, raw: str, seen: datetime, ahead: timedelta = AHEAD) -> Dated | None:
    """`moment` as a record, never after `seen`; None if it is more than `ahead` after it."""
    if moment.value - seen > ahead:
        return None
    zone = moment.assumed
    return Dated(min(moment.value, seen), source, raw[:200], zone.name if zone else None, zone.origin if zone else None)

"""Looks up time zones: those named in dates, and the one to assume for an outlet where a date names none.

An assumed zone is the one of most outlets: of the feed's country, else of the country in the domain or in the page's
language tag, else of a language that is written in one zone, or nearly so. English and Spanish are not. The result says
which of these it was, because a guess is not knowledge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.core import get_global

from pipeline.core.text.languages import base_code, known_countries

#: Minutes east of Greenwich. Of several meanings of a name, this table has the one most used in news feeds, and
#: _NATIONAL the others, for outlets of those countries.
_ZONES = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "MEZ": 60, "MET": 60, "WAT": 60,
    "CEST": 120, "MESZ": 120, "MEST": 120, "EET": 120, "SAST": 120, "CAT": 120, "EEST": 180, "MSK": 180, "EAT": 180,
    "TRT": 180, "IDT": 180, "MSD": 240, "GST": 240, "IRST": 210, "IRDT": 270, "AFT": 270, "PKT": 300, "UZT": 300,
    "IST": 330, "NPT": 345, "BDT": 360, "WIB": 420, "ICT": 420, "WITA": 480, "HKT": 480, "SGT": 480, "MYT": 480,
    "PHT": 480, "AWST": 480, "WIT": 540, "JST": 540, "KST": 540, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660,
    "NZST": 720, "NZDT": 780, "ART": -180, "BRT": -180, "BRST": -120, "UYT": -180, "CLST": -180, "CLT": -240,
    "BOT": -240, "VET": -240, "COT": -300, "PET": -300, "NST": -210, "NDT": -150, "AST": -240, "ADT": -180,
    "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    "AKST": -540, "AKDT": -480, "HST": -600,
}  # fmt: skip
_NATIONAL = {
    ("IST", "IL"): 120, ("IST", "PS"): 120, ("IST", "IE"): 60, ("BST", "BD"): 360, ("CST", "CN"): 480,
    ("CST", "TW"): 480, ("CST", "HK"): 480, ("CST", "MO"): 480, ("CST", "CU"): -300, ("CDT", "CU"): -240,
    ("PST", "PH"): 480, ("PST", "PK"): 300, ("MST", "MY"): 480, ("MST", "MM"): 390, ("WST", "AU"): 480,
    ("EST", "AU"): 600, ("EDT", "AU"): 660, ("AMT", "AM"): 240, ("AMT", "BR"): -240, ("ECT", "EC"): -300,
    **{("AST", country): 180 for country in ("SA", "QA", "KW", "BH", "IQ", "YE")},
    **{("GST", country): 240 for country in ("AE", "OM")},
}  # fmt: skip
_NUMBER = re.compile(r"(?:[A-Za-z]{2,5})?([+-])(\d{1,2}):?(\d{2})?")


#: Of countries with several zones, that of the capital's or most outlets; CLDR's primary zones where it has one.
_PRIMARY = {
    "AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto", "CD": "Africa/Kinshasa",
    "CL": "America/Santiago", "CN": "Asia/Shanghai", "CY": "Asia/Nicosia", "DE": "Europe/Berlin",
    "EC": "America/Guayaquil", "ES": "Europe/Madrid", "FM": "Pacific/Pohnpei", "GL": "America/Nuuk",
    "ID": "Asia/Jakarta", "KI": "Pacific/Tarawa", "KZ": "Asia/Almaty", "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur", "NZ": "Pacific/Auckland", "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby", "PS": "Asia/Gaza", "PT": "Europe/Lisbon", "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv", "US": "America/New_York", "UZ": "Asia/Tashkent",
}  # fmt: skip
#: Those of them whose outlets are in several zones. In the others nearly all are in one.
_SEVERAL = frozenset(("AU", "BR", "CA", "CD", "FM", "GL", "ID", "KI", "KZ", "MN", "MX", "PF", "PG", "RU", "US"))
#: Top-level domains of countries that are sold to everybody.
_SOLD = {
    "ac", "ai", "am", "cc", "cf", "cm", "co", "fm", "ga", "gg", "gl", "gq", "gs", "io", "la", "ly", "me", "ml", "ms",
    "nu", "pw", "re", "sc", "sh", "st", "tk", "to", "tv", "vc", "vu", "ws",
}  # fmt: skip
#: Languages of outlets in far apart zones, and of several countries without a likely one.
_WORLDWIDE = frozenset(("en", "es"))


@dataclass(frozen=True, slots=True)
class Assumed:
    """A time zone that is assumed: IANA name, and what it follows from: country, domain, language, or nothing.

    `origin` says "several" too if outlets of the country are in more than one zone.
    """

    name: str
    origin: str


NOTHING = Assumed("UTC", "nothing")


def zone_offset(zone: str, country: str | None) -> timedelta | None:
    """Offset east of Greenwich of a zone named in a date; None for an unknown name (RFC 2822 4.3: treat as absent)."""
    number = _NUMBER.fullmatch(zone)
    if number:
        minutes = int(number[2]) * 60 + int(number[3] or 0)
        if minutes > 14 * 60 or int(number[3] or 0) > 59:
            return None
        return timedelta(minutes=-minutes if number[1] == "-" else minutes)
    name = zone.upper()
    found = _NATIONAL.get((name, country or ""), _ZONES.get(name))
    return None if found is None else timedelta(minutes=found)


def offset_in(name: str, local: datetime) -> timedelta:
    """Offset of the local time `local` (naive) in a zone; zero if this machine has no data for it."""
    return _zone(name).utcoffset(local) or timedelta()


def assume_zone(country: str | None = None, url: str = "", language: str | None = None) -> Assumed:
    """The zone of an outlet. `country`: ISO 3166-1, of its feed; `url`: of a page; `language`: a tag such as de-AT."""
    return _assumed(country.upper() if country else None, national(url), language or "")


@cache
def _assumed(country: str | None, domain: str | None, language: str) -> Assumed:
    tag = language.replace("_", "-").split("-")
    region = next((part.upper() for part in tag[1:] if len(part) == 2), None)
    for code, origin in ((country, "country"), (domain, "domain"), (region, "language"), (_home(tag[0]), "language")):
        if code and (name := _main_zone(code)):
            return Assumed(name, f"{origin}, several" if code in _SEVERAL else origin)
    return NOTHING


def national(url: str) -> str | None:
    """The country in the domain of an address: ES for diario.es, CO for diario.com.co, but not for example.co."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    _, _, last = host.rpartition(".")
    if len(last) != 2:
        return None
    if last in _SOLD and host.split(".")[-2] not in ("com", "co", "net", "org", "gov", "gob", "edu"):
        return None
    code = {"uk": "GB", "su": "RU"}.get(last, last.upper())
    return code if code in known_countries() else None


def _home(language: str) -> str | None:
    """The country where most of what is written in a language comes from, by CLDR's likely subtags."""
    code = base_code(language)
    if not code or code in _WORLDWIDE:
        return None
    likely = get_global("likely_subtags").get(code, "")
    return likely.rpartition("_")[2] or None


@cache
def _main_zone(country: str) -> str | None:
    if country in _PRIMARY:
        return _PRIMARY[country]
    names = sorted(name for name, territory in get_global("zone_territories").items() if territory == country)
    return next((name for name in names if _known(name)), None)


def _known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # an obsolete name
        return False
    return True


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name if _known(name) else "UTC")

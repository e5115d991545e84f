"""The languages of the interface, and how a reader wants numbers and times.

Texts in code and templates are English; languages/CODE.po has their translations, read when the console starts.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit
from starlette.requests import Request

from pipeline.core.wording import Capital, Moment, Text

FOLDER = Path(__file__).parent / "languages"
SOURCE = "en"  # the language of the texts in code and templates
LANGUAGES = {"en": "English", "es": "Español"}  # each in its own words
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_RECENT = timedelta(hours=22)  # a moment that is shown by its age
_UNITS = (("gigabyte", 1_000_000_000), ("megabyte", 1_000_000), ("kilobyte", 1_000))


@cache
def translations(code: str) -> gettext.NullTranslations:
    """The translations into a language; English needs none."""
    if code == SOURCE:
        return gettext.NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def catalogue(code: str) -> Catalog:
    """What languages/CODE.po holds."""
    with (FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


@cache
def texts(code: str) -> frozenset[str]:
    """The English texts that have a translation."""
    return frozenset(one.id if isinstance(one.id, str) else one.id[0] for one in catalogue(code) if one.id)


def language_tag(code: str | None) -> str:
    """The language for `lang`: "", which means unknown, for what is no tag of BCP 47; sites give what they like."""
    return code if code and _TAG.fullmatch(code) else ""


def direction(code: str | None) -> str:
    """The direction of writing of a language (ISO 639-1), for `dir`: ltr or rtl; auto for an unknown one."""
    return "auto" if not code else "rtl" if code.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True)
class Reader:
    """How one reader wants pages: language, time zone, theme (auto, light or dark), and whether keys are on.

    These are cookies, because they also hold before a login, and belong to a device more than to a person.
    """

    now: datetime  # when the page is made
    language: str = SOURCE
    zone: str = "UTC"
    theme: str = "auto"
    keys: bool = True
    zone_known: bool = False  # the reader or the browser chose it

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    @property
    def tz(self) -> tzinfo:
        return _zone(self.zone) or UTC

    def gettext(self, text: str) -> str:
        """`text` in the language of the reader. Under "" a catalogue has its head."""
        return translations(self.language).gettext(text) if text else ""

    def said(self, text: str) -> str:
        """A text that code made, in the language of the reader: a Text with its values, or one that never changes."""
        if not isinstance(text, Text):
            return self.gettext(text)
        if self.language == SOURCE:
            return str(text)
        known = translations(self.language)
        if not text.plural:
            template = known.gettext(text.template) if text.template else ""
        else:
            template = known.ngettext(text.template, text.plural, text.values[0])
        return _Filled(self).format(template, *text.values) if text.values else template

    def says(self, text: str) -> bool:
        """Whether all of a text is known in the language of the reader; what a library says, for example, is not."""
        if self.language == SOURCE:
            return True
        if not isinstance(text, Text):
            return text in texts(self.language)
        whole = text.template in texts(self.language) or not any(map(str.isalpha, text.template))
        return whole and all(self.says(value) for value in text.values if isinstance(value, Text))

    # -- values in the words of the reader

    def moment(self, moment: datetime) -> str:
        """Day and time in the zone of the reader: `2 Mar, 12:05`, with the year if it is another one."""
        local = moment.astimezone(self.tz)
        year = " y" if local.year != self.now.astimezone(self.tz).year else ""
        return format_datetime(local, f"d MMM{year}, HH:mm", locale=self.locale)

    def day(self, day: date) -> str:
        """A day: `2 Mar`, with the year if it is another one."""
        year = " y" if day.year != self.now.astimezone(self.tz).year else ""
        return str(format_date(day, f"d MMM{year}", locale=self.locale))

    def full(self, moment: datetime) -> str:
        """The moment with weekday, seconds and zone."""
        return _full(self.language, self.zone, moment)

    def is_recent(self, moment: datetime) -> bool:
        """Whether its age is shown, not its day and time."""
        return abs(self.now - moment) <= _RECENT

    def ago(self, moment: datetime) -> str:
        """How long ago (or ahead) a recent moment is, else its day and time."""
        if not self.is_recent(moment):
            return self.moment(moment)
        return str(format_timedelta(moment - self.now, add_direction=True, locale=self.locale, format="short"))

    def lasting(self, seconds: float) -> str:
        """A duration: `5 min`, `2 h`."""
        return str(format_timedelta(timedelta(seconds=seconds), locale=self.locale, format="short", threshold=1.5))

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self.locale))

    def size(self, size: float) -> str:
        """Bytes, as `1.2 GB`."""
        for unit, many in _UNITS:
            if size >= many:
                return str(format_unit(round(size / many, 1), unit, "short", locale=self.locale))
        return str(format_unit(int(size), "byte", "short", locale=self.locale))

    def language_name(self, code: str | None) -> str:
        """The name of a language by its code (ISO 639-1); the code itself if it has none."""
        return _name(self.language, "languages", code)

    def country_name(self, code: str | None) -> str:
        """The name of a country by its code (ISO 3166-1 alpha-2)."""
        return _name(self.language, "territories", code)


class _Filled(Formatter):
    """Fills in the values of a Text in the words of a reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def format_field(self, value: Any, format_spec: str) -> str:
        match value:
            case Text():
                return self._reader.said(value)
            case Capital(text):
                return str(format(Capital(self._reader.said(text)), format_spec))
            case Moment(text):
                return self._reader.moment(datetime.fromisoformat(text)) if text[0].isdigit() else text
            case float() | int() if format_spec in (",", "g"):
                return self._reader.number(value)
        return str(format(value, format_spec))


def reader_of(request: Request, zone: str, now: datetime) -> Reader:
    """The wishes of the reader who sent the request. `zone`: that of the configuration, used before one is known."""
    cookies = request.cookies
    language, chosen, theme = cookies.get("language"), cookies.get("zone", ""), cookies.get("theme", "")
    known = _zone(chosen) is not None
    return Reader(
        now,
        language if language in LANGUAGES else _preferred(request.headers.get("accept-language", "")),
        chosen if known else zone,
        theme if theme in ("light", "dark") else "auto",
        cookies.get("keys") != "off",
        known,
    )


def _preferred(header: str) -> str:
    """The first language of an Accept-Language header (RFC 9110, 12.5.4) that there is."""
    for code in _in_order(header):
        if code in LANGUAGES:
            return code
    return SOURCE


def _in_order(header: str) -> Iterator[str]:
    wanted = []
    for n, part in enumerate(header[:500].split(",")):
        name, _, weight = part.partition(";q=")
        try:
            wanted.append((-float(weight or 1), n, name.strip().partition("-")[0].lower()))
        except ValueError:
            continue
    return (code for weight, _, code in sorted(wanted) if weight < 0)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)


@lru_cache(maxsize=8192)
def _full(language: str, zone: str, moment: datetime) -> str:
    """Every time on a page says this, and finding the name of a zone is slow."""
    local = moment.astimezone(_zone(zone) or UTC)
    return str(format_datetime(local, "EEEE, d MMMM y, HH:mm:ss zzz", locale=_locale(language)))


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name and len(name) < 64 else None
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder, such as America
        return None


@lru_cache(maxsize=4096)
def _name(language: str, table: str, code: str | None) -> str:
    if not code:
        return ""
    try:
        names: dict[str, str] = getattr(Locale.parse(language), table)
    except UnknownLocaleError:
        return code
    return names.get(code, code)

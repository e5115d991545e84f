"""The seed list config/feeds.toml, as feeds. Every fault at once; whether a feed answers is not looked at."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from babel import Locale

from pipeline.core.faults import Fault, Faults
from pipeline.core.urls import article_id, canonical
from pipeline.records import Feed

_KEYS = (
    "id", "name", "url", "language", "country", "groups", "every", "enabled", "listed_in", "user_agent",
    "ignore_validators",
)  # fmt: skip
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
SHORTEST = 60.0  # seconds; no outlet likes to be asked more often


def parse_feeds(data: Mapping[str, Any], file: str = "feeds.toml") -> tuple[Feed, ...]:
    """The feeds of the parsed TOML `data`, in its order. Raises Faults with all that is wrong."""
    reader = _Reader(file)
    for key in data:
        if key != "feed":
            reader.fault(key, "unknown key", "the file holds a list of [[feed]]")
    entries = data.get("feed", [])
    if not isinstance(entries, list):
        reader.fault("feed", "not a list", "write [[feed]], with two brackets")
        entries = []
    feeds = tuple(feed for n, entry in enumerate(entries) if (feed := reader.feed(f"feed[{n}]", entry)))
    if reader.faults:
        raise Faults(tuple(reader.faults))
    return feeds


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.ids: dict[str, str] = {}
        self.urls: dict[str, str] = {}

    def fault(self, key: str, reason: str, hint: str = "") -> None:
        self.faults.append(Fault(self.file, key, reason, hint))

    def feed(self, at: str, entry: Any) -> Feed | None:
        if not isinstance(entry, dict):
            self.fault(at, "not a table", "write [[feed]], with two brackets")
            return None
        before = len(self.faults)
        for key in entry:
            if key not in _KEYS:
                close = difflib.get_close_matches(key, _KEYS, 1)
                self.fault(f"{at}.{key}", "unknown key", f"did you mean {close[0]}?" if close else "")
        identity = self._id(at, entry)
        name = self._text(at, entry, "name", required=True)
        url = self._url(at, entry)
        fields: dict[str, Any] = {
            "language": self._language(at, entry), "country": self._country(at, entry),
            "groups": self._groups(at, entry), "every": self._every(at, entry),
            "enabled": self._flag(at, entry, "enabled", True), "listed_in": self._text(at, entry, "listed_in"),
            "user_agent": self._text(at, entry, "user_agent"),
            "ignore_validators": self._flag(at, entry, "ignore_validators", False),
        }  # fmt: skip
        if len(self.faults) > before or not (identity and name and url):
            return None
        return Feed(id=identity, name=name, url=url, **fields)

    def _text(self, at: str, entry: dict[str, Any], key: str, *, required: bool = False) -> str | None:
        value = entry.get(key)
        if value is None and not required:
            return None
        if not isinstance(value, str) or not value.strip() or "\n" in value:
            self.fault(f"{at}.{key}", "missing" if value is None else "not a line of text", f'write {key} = "…"')
            return None
        return value.strip()

    def _id(self, at: str, entry: dict[str, Any]) -> str | None:
        value = self._text(at, entry, "id", required=True)
        if value is None:
            return None
        if not _ID.fullmatch(value):
            self.fault(f"{at}.id", f"{value!r} is no id", "lower-case letters, digits, dot, hyphen; 64 at most")
        elif value in self.ids:
            self.fault(f"{at}.id", f"{value!r} is the id of {self.ids[value]} already", "ids must differ")
        self.ids.setdefault(value, at)
        return value

    def _url(self, at: str, entry: dict[str, Any]) -> str | None:
        value = self._text(at, entry, "url", required=True)
        if value is None:
            return None
        try:
            identity = article_id(value)
        except ValueError as error:
            self.fault(f"{at}.url", str(error), "write the whole address, with https://")
            return None
        if identity in self.urls:
            self.fault(f"{at}.url", f"{canonical(value)} is listed by {self.urls[identity]} already", "remove one")
        self.urls.setdefault(identity, at)
        return value

    def _language(self, at: str, entry: dict[str, Any]) -> str | None:
        value = self._text(at, entry, "language")
        if value is not None and value not in _languages():
            self.fault(f"{at}.language", f"{value!r} is no language code", "ISO 639-1 in lower case, as es")
        return value

    def _country(self, at: str, entry: dict[str, Any]) -> str | None:
        value = self._text(at, entry, "country")
        if value is not None and value not in _countries():
            hint = "GB is the code of the United Kingdom" if value == "UK" else "ISO 3166-1 alpha-2 in capitals, as VE"
            self.fault(f"{at}.country", f"{value!r} is no country code", hint)
        return value

    def _groups(self, at: str, entry: dict[str, Any]) -> tuple[str, ...]:
        value = entry.get("groups", [])
        if not isinstance(value, list) or not all(isinstance(name, str) and name.strip() for name in value):
            self.fault(f"{at}.groups", "not a list of names", 'write groups = ["europe", "wire"]')
            return ()
        return tuple(dict.fromkeys(name.strip() for name in value))

    def _every(self, at: str, entry: dict[str, Any]) -> float | None:
        value = entry.get("every")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not SHORTEST <= value <= 31 * 86400:
            self.fault(f"{at}.every", f"{value!r} is no interval", f"seconds, from {SHORTEST:.0f} to a month")
            return None
        return float(value)

    def _flag(self, at: str, entry: dict[str, Any], key: str, default: bool) -> bool:
        value = entry.get(key, default)
        if not isinstance(value, bool):
            self.fault(f"{at}.{key}", f"{value!r} is neither true nor false")
            return default
        return value


def _languages() -> frozenset[str]:
    """ISO 639-1, from CLDR."""
    return frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2)


def _countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2, from CLDR without its own extras; XK, which everybody uses for Kosovo, stays."""
    extras = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
    codes = map(str, Locale("en").territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - extras

"""Reads the seed list of feeds, feeds.toml, and reports every fault at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeline.core.faults import Faults
from pipeline.core.feeds.profile import PROFILE_KEYS, profile_entry, read_profile
from pipeline.core.feeds.seed import Seed
from pipeline.core.text.languages import known_codes, known_countries
from pipeline.core.toml_reader import Table, TomlFile, TomlReader
from pipeline.core.urls import address_id, canonical
from pipeline.core.wording import Text
from pipeline.records import Feed

_KEYS = (
    "id", "name", "url", "language", "country", "groups", "every", "enabled", "listed_in",
    "ignore_validators", *PROFILE_KEYS, "password",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
MIN_INTERVAL = 60.0  # seconds; polling more often is impolite
MAX_INTERVAL = 31 * 86400.0


def parse_seed(file: TomlFile) -> Seed:
    """The feeds in the order of the file, and its name if it has one. Raises Faults with all of them."""
    reader = TomlReader(file)
    reader.root.only("name", "feed")
    name = _line(reader.root, "name")
    if name and not _NAME.fullmatch(name):
        hint = Text("letters, digits, dots, hyphens and underscores; 64 at most")
        reader.root.fault("name", Text("{!r} is not a name", name), hint)
    feeds = _Feeds()
    found = tuple(feed for table in reader.root.tables("feed") if (feed := feeds.read(table)))
    reader.finish()
    return Seed(name or "", found)


def entry_of(feed: Feed) -> dict[str, Any]:
    """The [[feed]] that says the same as the feed on the log; without keys that have their default."""
    plain = ("id", "name", "url", "language", "country", "every", "listed_in")
    found = {key: value for key in plain if (value := getattr(feed, key)) is not None}
    found |= {"groups": list(feed.groups)} if feed.groups else {}
    found |= {} if feed.enabled else {"enabled": False}
    found |= {"ignore_validators": True} if feed.ignore_validators else {}
    return found | profile_entry(feed)


def read_entry(entry: Mapping[str, Any]) -> Feed:
    """The feed of one [[feed]]. Raises Faults, whose keys are those of the entry."""
    try:
        (feed,) = parse_seed(TomlFile("feeds.toml", {"feed": [dict(entry)]})).feeds
    except Faults as error:
        raise Faults(tuple(replace(one, key=one.key.partition(".")[2] or one.key) for one in error.faults)) from None
    return feed


class _Feeds:
    """Reads one [[feed]] after the other, and remembers ids and URLs to find duplicates."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}  # id -> label of its table
        self.urls: dict[str, str] = {}

    def read(self, table: Table) -> Feed | None:
        before = len(table.reader.faults)
        table.only(*_KEYS)
        identity, name, url = self._id(table), _line(table, "name", required=True), self._url(table)
        language, country = _language(table), _country(table)
        groups = tuple(dict.fromkeys(group.strip() for group in table.texts("groups", hint='groups = ["europe"]')))
        every = table.number("every", None, MIN_INTERVAL, MAX_INTERVAL)
        enabled = table.boolean("enabled", True)
        listed_in, profile = _line(table, "listed_in"), read_profile(table, url)
        ignore_validators = table.boolean("ignore_validators", False)
        if len(table.reader.faults) > before or not (identity and name and url):
            return None
        return Feed(
            id=identity, name=name, url=url, language=language, country=country, groups=groups, every=every,
            enabled=enabled, listed_in=listed_in, profile=profile, ignore_validators=ignore_validators,
        )  # fmt: skip

    def _id(self, table: Table) -> str | None:
        value = _line(table, "id", required=True)
        if value is None:
            return None
        if not _ID.fullmatch(value):
            table.fault("id", Text("{!r} is not an id", value), "lower-case letters, digits, dots, hyphens; 64 at most")
        elif value in self.ids:
            table.fault("id", Text("{!r} is already the id of {}", value, self.ids[value]), "choose another")
        self.ids.setdefault(value, table.label)
        return value

    def _url(self, table: Table) -> str | None:
        value = _line(table, "url", required=True)
        if value is None:
            return None
        try:
            identity = address_id(value)
        except ValueError as error:
            table.fault("url", str(error), "write the whole address, with https://")
            return None
        if identity in self.urls:
            table.fault("url", Text("{} is already listed by {}", canonical(value), self.urls[identity]), "remove one")
        self.urls.setdefault(identity, table.label)
        return value


def _line(table: Table, key: str, *, required: bool = False) -> str | None:
    """One line of text, without space around it."""
    value = table.text(key, required=required)
    if value is None:
        return None
    if not value.strip() or "\n" in value:
        table.fault(key, "must be one line of text", f'{key} = "…"')
        return None
    return value.strip()


def _language(table: Table) -> str | None:
    value = _line(table, "language")
    if value is not None and value not in _languages():
        table.fault("language", Text("{!r} is not a language code", value), "ISO 639-1 in lower case, such as es")
    return value


def _country(table: Table) -> str | None:
    value = _line(table, "country")
    if value is not None and value not in known_countries():
        gb = Text("GB is the code of the United Kingdom")
        hint = gb if value == "UK" else Text("ISO 3166-1 alpha-2 in upper case, such as VE")
        table.fault("country", Text("{!r} is not a country code", value), hint)
    return value


def _languages() -> frozenset[str]:
    """ISO 639-1, from CLDR."""
    return frozenset(code for code in known_codes() if len(code) == 2)

"""Reads the content of the demo site from the TOML files in this folder.

It consists of outlets, boilerplate and entries; and of what a correct run must find in them.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

HERE = files("pipeline.demo")
_UNITS = {"m": 60, "h": 3600, "d": 86400}


class FeedSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feed of an outlet. `format`: rss, rdf, atom or json; html and empty are broken on purpose."""

    id: str
    format: str
    path: str
    tracking: str = ""  # query string that its links carry
    amp: bool = False  # its links go to the AMP variant


class Outlet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invented newsroom. `url` is set when the site starts. `offset`: minutes east of UTC."""

    id: str
    name: str
    country: str
    language: str
    layout: str
    path: str
    feed: tuple[FeedSpec, ...]
    jsonld: str = "plain"  # plain, graph, broken, none
    charset: str = "utf-8"
    declared: str = "both"  # charset in header and meta (both), in the header only, or nowhere
    gzip: bool = True
    offset: int = 0
    zone: str | None = None  # written in RSS dates instead of +hhmm
    full_text: bool = False  # its RSS carries content:encoded
    groups: tuple[str, ...] = ()
    url: str = ""


class Boilerplate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The texts around an article, in one language."""

    sections: tuple[str, ...]
    remarks: tuple[str, ...]
    menu: str
    related: str
    share: str
    cookies: str
    accept: str
    newsletter: str
    subscribe: str
    comments: str
    ad: str
    by: str
    missing: str
    missing_text: str
    consent: str
    consent_text: str
    settings: str
    paywall: str
    login: str
    terms: str


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of a feed. `serve` is `article`, the name of a fault, an external URL, or `redirect:` and a URL.

    `edition` is the first in which feeds list it; in the second, `corrections` (old, new) are made in title, lead and
    body. A copy has its original's body, with `changes` made and without the last `cut` paragraphs.
    """

    key: str
    outlet: str
    title: str
    age: str  # before the site's `now`, as 90m, 3h, -400d
    lead: str = ""
    body: str = ""
    section: str = ""
    author: str = ""
    feeds: tuple[str, ...] = ("main",)
    edition: int = 1
    feed_date: str | None = None  # written verbatim instead of the date
    hops: tuple[str, ...] = ()  # paths that redirect, each to the next, the last to the article
    fails: int = 0  # answers of 503 before the first good one
    serve: str = "article"
    corrected: str | None = None  # age of the correction
    correction: str | None = None  # material, typography
    corrections: tuple[tuple[str, str], ...] = ()
    copy_of: str | None = None
    changes: tuple[tuple[str, str], ...] = ()
    cut: int = 0
    story: str | None = None
    topics: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()  # names of config/alerts.toml
    drop: str | None = None
    partial: str | None = None  # why the document is only a part

    @property
    def readable(self) -> bool:
        return self.drop is None and self.partial is None

    @property
    def number(self) -> int:
        """A number for the URL, as content management systems use; the same in every run."""
        return 100_000 + zlib.crc32(self.key.encode()) % 900_000

    @property
    def slug(self) -> str:
        return slug(self.title) or self.key

    def paragraphs(self) -> list[str]:
        """The text that extraction must find: without embedded posts and captions."""
        return [block.removeprefix("## ") for block in blocks(self.body) if not block.startswith(("@@ ", "!! "))]

    def at(self, edition: int) -> Entry:
        """The entry as published in `edition`."""
        if edition < 2 or not self.corrections:
            return self
        fields = {name: _replace(getattr(self, name), self.corrections) for name in ("title", "lead", "body")}
        return msgspec.structs.replace(self, **fields)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a correct run over both editions finds; articles are named by the keys of entries."""

    feeds: int
    broken_feeds: tuple[str, ...]  # ids of feeds that never yield an item
    listed: int  # feed entries, an article in two feeds twice
    articles: tuple[str, ...]  # one document each
    languages: dict[str, int]
    copies: tuple[tuple[str, str], ...]  # (copy, original); either may be read first
    twice: tuple[str, ...]  # listed by a second feed under another URL: still one document
    stories: dict[str, tuple[str, ...]]
    topics: dict[str, tuple[str, ...]]
    alerts: dict[str, tuple[str, ...]]  # rule -> articles; a material correction alerts again
    updates: dict[str, str]  # key -> material or typography
    drops: dict[str, int]  # reason -> entries
    partial: dict[str, str]  # key -> why the document is only a part
    retried: tuple[str, ...]  # fail once, then work


def age(text: str) -> timedelta:
    """Parse an age such as 90m, 3h or -400d. Raises ValueError."""
    match = re.fullmatch(r"(-?\d+)([mhd])", text)
    if not match:
        raise ValueError(f"not an age: {text!r}")
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def slug(text: str) -> str:
    """The text as it may appear in a URL path; empty for text without Latin letters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain)[:10])


def blocks(body: str) -> list[str]:
    """Paragraphs, `## ` headings, `@@ ` embedded posts (handle | name | text | link) and `!! ` captions."""
    return [block.strip() for block in body.strip().split("\n\n") if block.strip()]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(HERE.joinpath(name).read_text("utf-8"))


@cache
def outlets() -> tuple[Outlet, ...]:
    return msgspec.convert(_read("outlets.toml")["outlet"], tuple[Outlet, ...])


@cache
def boilerplate() -> dict[str, Boilerplate]:
    return msgspec.convert(_read("boilerplate.toml"), dict[str, Boilerplate])


@cache
def entries() -> tuple[Entry, ...]:
    """All entries, with the bodies of copies. Raises ValueError for a change of words that are not in the text."""
    found = {entry.key: entry for entry in _all_entries()}
    return tuple(_filled(entry, found) for entry in found.values())


def _all_entries() -> Iterator[Entry]:
    for path in sorted(HERE.joinpath("articles").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".toml"):
            document = tomllib.loads(path.read_text("utf-8"))
            yield from msgspec.convert([*document.get("article", []), *document.get("bad", [])], list[Entry])


def _filled(entry: Entry, found: dict[str, Entry]) -> Entry:
    if entry.copy_of is not None:
        kept = blocks(found[entry.copy_of].body)
        body = "\n\n".join(kept[: len(kept) - entry.cut])
        _require(entry, entry.changes, body)
        entry = msgspec.structs.replace(entry, body=_replace(body, entry.changes))
    _require(entry, entry.corrections, "\n".join((entry.title, entry.lead, entry.body)))
    return entry


def _require(entry: Entry, pairs: tuple[tuple[str, str], ...], text: str) -> None:
    for old, _ in pairs:
        if old not in text:
            raise ValueError(f"{entry.key}: {old!r} is not in the text")


def _replace(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text


def expected() -> Expected:
    """What a correct run finds, computed from the entries."""
    good = [entry for entry in entries() if entry.drop is None]
    language = {outlet.id: outlet.language for outlet in outlets()}
    feeds = [(f"{outlet.id}-{feed.id}", feed.format) for outlet in outlets() for feed in outlet.feed]
    return Expected(
        feeds=len(feeds),
        broken_feeds=tuple(name for name, form in feeds if form in ("html", "empty")),
        listed=sum(len(entry.feeds) for entry in entries()),
        articles=tuple(entry.key for entry in good),
        languages=dict(Counter(language[entry.outlet] for entry in good)),
        copies=tuple((entry.key, entry.copy_of) for entry in good if entry.copy_of),
        twice=tuple(entry.key for entry in good if len(entry.feeds) > 1),
        stories=_grouped((entry.story, entry.key) for entry in good if entry.story),
        topics=_grouped((topic, entry.key) for entry in good for topic in entry.topics),
        alerts=_grouped((rule, entry.key) for entry in good for rule in entry.alerts),
        updates={entry.key: entry.correction for entry in good if entry.correction},
        drops=dict(Counter(entry.drop for entry in entries() if entry.drop)),
        partial={entry.key: entry.partial for entry in good if entry.partial},
        retried=tuple(entry.key for entry in good if entry.fails),
    )


def _grouped(pairs: Iterator[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for group, key in pairs:
        groups[group] = (*groups.get(group, ()), key)
    return groups

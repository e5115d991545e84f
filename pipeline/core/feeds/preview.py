"""Describes the content of a feed for people: what it is, how often it has news, and what seems wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from pipeline.core.feeds.parse import Parsed
from pipeline.core.text.detect_language import detect
from pipeline.core.wording import Text, counted
from pipeline.records import Item

ANCIENT = timedelta(days=180)
_FULL = 1_000  # characters of an entry that is more than a teaser
_LATEST = 5

PROBLEMS = {
    "no_entries": Text("it lists no entries at the moment"),
    "truncated": Text("its end is missing: the server sends only a part"),
    "bad_encoding": Text("some characters cannot be read: its character set is wrong"),
    "cut_entries": Text("it is longer than is read: the oldest entries are left out"),
    "bad_dates": Text("some dates cannot be read"),
    "child_failed": Text("one of its sitemaps cannot be read"),
}


@dataclass(frozen=True, slots=True)
class Latest:
    """An entry, for people. `own`: `url` is its own page."""

    title: str | None
    url: str
    published: datetime | None
    own: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a feed is like. `every`: the median number of seconds between two entries. `full`, `pictures`: the shares
    of entries with the whole text and with a picture. `declared` and `language`: ISO 639-1, as the feed says and as
    its entries are."""

    kind: str
    title: str | None
    declared: str | None
    language: str | None
    listed: int
    items: int
    drops: dict[str, int]
    newest: datetime | None
    oldest: datetime | None
    every: float | None
    full: float
    pictures: float
    latest: tuple[Latest, ...]
    problems: tuple[str, ...]


def preview(parsed: Parsed, now: datetime) -> Preview:
    """The description of a feed that was read at `now`."""
    items = [entry.item for entry in parsed.entries]
    dates = sorted((item.published.value for item in items if item.published), reverse=True)
    gaps = [(late - early).total_seconds() for late, early in pairwise(dates[:30])]
    newest_first = sorted(items, key=_moment, reverse=True)
    return Preview(
        kind=parsed.kind, title=parsed.title, declared=parsed.language, language=_language(items),
        listed=parsed.listed, items=len(items), drops=dict(parsed.drops), newest=dates[0] if dates else None,
        oldest=dates[-1] if dates else None, every=median(gaps) if gaps else None,
        full=_share([len(item.content or item.summary or "") >= _FULL for item in items]),
        pictures=_share([bool(item.image) for item in items]),
        latest=tuple(
            Latest(item.title, item.url, item.published.value if item.published else None, item.link == "own")
            for item in newest_first[:_LATEST]
        ),
        problems=tuple(_problems(parsed, items, dates, now)),
    )  # fmt: skip


def _moment(item: Item) -> datetime:
    """When it was published; an entry without a date comes after all others."""
    return item.published.value if item.published else datetime.min.replace(tzinfo=UTC)


def _share(values: list[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def _language(items: list[Item]) -> str | None:
    titles = " . ".join(item.title for item in items[:20] if item.title)
    text = " ".join((item.summary or "")[:200] for item in items[:10])
    found: Any = detect(titles[:1000], text) if titles else None
    return found[0] if found else None


def _problems(parsed: Parsed, items: list[Item], dates: list[datetime], now: datetime) -> list[Text]:
    """What is wrong with the feed, in words."""
    found = [PROBLEMS[note] for note in parsed.notes if note in PROBLEMS]
    if dates and now - dates[0] > ANCIENT:
        found.append(Text("its newest entry is from {:%Y-%m-%d}: it may have been given up", dates[0]))
    if items and not dates:
        found.append(Text("no entry has a date"))
    elif len(dates) < len(items):
        found.append(Text("{} of {} entries have no date", len(items) - len(dates), len(items)))
    shared = sum(item.link == "shared" for item in items)
    if shared:
        found.append(
            counted(
                "{} entry shares its link with others: it is told apart by id and title",
                "{} entries share their link with others: they are told apart by id and title",
                shared,
            )
        )
    without = sum(item.link == "none" for item in items)
    if without:
        found.append(
            counted(
                "{} entry has no link: its article is made from the feed",
                "{} entries have no link: their articles are made from the feed",
                without,
            )
        )
    missing = sum(item.guid is None for item in items)
    if missing and not parsed.kind.endswith(("sitemap", "index")):
        found.append(Text("{} of {} entries have no id (guid)", missing, len(items)))
    dropped = sum(count for reason, count in parsed.drops if reason not in ("old", "home_page", "over_limit"))
    if dropped:
        found.append(Text("{} of {} entries cannot be used", dropped, parsed.listed))
    return found

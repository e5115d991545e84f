"""Chooses between what the feed and the page of an article say: title, dates, author, description."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

from msgspec.structs import replace

from pipeline.core.pages import extract
from pipeline.core.pages.bylines import as_written, read_byline
from pipeline.core.pages.headlines import same
from pipeline.core.pages.metadata import Meta
from pipeline.core.text.date_strings import read_date
from pipeline.core.text.tidy import lines
from pipeline.records import Dated, Item, Sourced

TITLE = 500  # characters
#: Two dates closer than this are the same; a misread time zone is off by up to 14 hours.
ONE_DATE = timedelta(hours=15)


def choose_title(meta: Meta, item: Item) -> Sourced | None:
    """The page's best headline, unless the feed's is clearly better.

    The page's headline is newer on a revisit, and complete where feeds cut theirs. The feed's is used if the page has
    none, one that is cut off, a single word, or one that differs from the feed's while <title> agrees with the feed.
    """
    feed = _feed_title(item)
    if not meta.headlines:
        window = Sourced(meta.window_title, "html") if meta.window_title else None
        return (window or feed) if item.untitled else (feed or window)
    own = meta.headlines[0]
    if feed is None or item.untitled:
        return own
    cut = own.value.endswith(("…", "..."))
    if cut and not feed.value.endswith(("…", "...")) and len(feed.value) > len(own.value):
        return feed
    if same(own.value, feed.value):
        return own
    if len(own.value.split()) < 2 and len(own.value) < 15:
        return feed
    agreed = next((title for title in meta.headlines if same(title.value, feed.value)), None)
    if agreed is not None:
        return agreed
    return feed if same(meta.window_title or feed.value, feed.value) else own


def _feed_title(item: Item) -> Sourced | None:
    title = lines(unescape(item.title or "")).replace("\n", " ")[:TITLE].rstrip()  # tags stay: the title names them
    return Sourced(title, "feed-text" if item.untitled else "feed") if title else None


def choose_published(page: tuple[Dated, ...], guessed: Dated | None, item: Item) -> Dated | None:
    """The page's structured date, else the feed's, else a guess, with these exceptions:

    - if page and feed agree within 15 hours, the one that has a time and a zone;
    - if they differ by more and the page's is later, the feed's, because templates print the date of an update or of
      today, and nothing is in a feed before it is published; also if the page's is only a <time> in its body;
    - a date after `seen` is set to `seen`; `raw` keeps what was written.
    """
    feed = item.published
    own = next(iter(page), None)
    if own is None or feed is None:
        chosen = own or feed or guessed
    elif abs(own.value - feed.value) <= ONE_DATE:
        chosen = own if _exact(own) >= _exact(feed) else feed
    else:
        chosen = own if own.value < feed.value and own.source != "html" else feed
    if chosen is None or chosen.value <= item.seen:
        return chosen
    return replace(chosen, value=item.seen)


def _exact(date: Dated) -> int:
    """2 for a date with time and zone, 1 with a time, 0 for a day."""
    moment = read_date(date.raw)
    if moment is None or moment.precision == "day":
        return 0
    return 2 if moment.given else 1


def choose_updated(meta: Meta, item: Item, published: Dated | None) -> Dated | None:
    """The later one of page and feed, if it is after publication; never after `seen`."""
    dates = [date for date in (meta.modified, item.updated) if date is not None]
    latest = max(dates, key=lambda date: date.value, default=None)
    if latest is None or (published is not None and latest.value <= published.value):
        return None
    return latest if latest.value <= item.seen else replace(latest, value=item.seen)


def choose_author(meta: Meta, item: Item) -> Sourced | None:
    """The page's author, else the feed's."""
    if meta.author:
        return meta.author
    name = read_byline([item.author or ""], item.source)
    return Sourced(name, "feed") if name else None


def choose_byline(meta: Meta, item: Item, author: Sourced | None, line: str) -> str:
    """What page, feed and the first line of the text say of authors, if that is more than their names."""
    return as_written(author.value if author else "", meta.byline, item.author or "", line)


def choose_description(meta: Meta, item: Item) -> str | None:
    """The page's description, else the feed's summary; 1,000 characters at most."""
    if meta.description:
        return meta.description[:1_000]
    summary = extract.fragment(item.summary or "").replace("\n", " ")
    return summary[:1_000] or None

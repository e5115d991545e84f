"""Parses the bytes of a feed into items: RSS and Atom (xmlfeed.py), sitemaps (sitemap.py), JSON Feed (jsonfeed.py).

The bytes may be hostile: this module limits size, entries and fields, the worker process limits time.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

from pipeline.core.decoding.decode import decode
from pipeline.core.decoding.mojibake import garbled, repaired
from pipeline.core.feeds import jsonfeed, sitemap, xmlfeed
from pipeline.core.feeds.draft import Child, Draft, DraftFeed, NotAFeed
from pipeline.core.feeds.identity import LINKS, Entry, Link, Listed, fragment_of, identify
from pipeline.core.feeds.plain import FORBIDDEN_IN_XML, first_words, plain, title
from pipeline.core.feeds.skips import NO_SKIPS, Skips, read_skips
from pipeline.core.redirects.wrappers import unwrapped
from pipeline.core.text.date_strings import parse_date
from pipeline.core.text.dated import hints, read_dated
from pipeline.core.text.languages import base_code
from pipeline.core.text.references import with_pairs_joined
from pipeline.core.url_variants import direct
from pipeline.core.urls import canonical, id_of, join
from pipeline.records import Dated, Feed, Item

BODY_LIMIT = 16_000_000  # bytes
ENTRY_LIMIT = 1_000
TITLE_LIMIT, SUMMARY_LIMIT, AUTHOR_LIMIT, GUID_LIMIT, IMAGE_LIMIT = 500, 2_000, 200, 500, 4_000
WORDS_LIMIT = 100  # characters of the first words that stand for a title
CONTENT_LIMIT = 900_000  # bytes of JSON; a message of the log holds 1,000,000, and the other fields take up to 60,000
_PIECE = 65_536  # bytes unpacked at once


@dataclass(frozen=True, slots=True)
class Parsed:
    """The content of a feed, or with `problem` the reason why it is not a feed.

    `problem` is too_large, empty, not_a_feed, entities or truncated; `detail` is for people. `drops` counts entries
    without an item, by reason: no_text (neither a link nor a text), repeated, over_limit (older than the newest
    ENTRY_LIMIT), truncated (the document ends before the entry has a link), bad_entry, and of sitemaps old, home_page.
    `listed` is the number of entries; it is that of items and drops together. `shared`: keys of links that several
    entries share. `notes`: truncated, bad_encoding, cut_entries, bad_dates, no_entries, child_failed (a sitemap of an
    index could not be read). `every`: seconds between changes, as the feed says (ttl, syndication module). `kind`,
    `language`, `site`: the format, language and address of the site, for people. `children`: of an index, the sitemaps
    that hold the entries, the most promising first. `skips`: when not to poll.
    """

    entries: tuple[Entry, ...] = ()
    title: str | None = None
    every: float | None = None
    drops: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    listed: int = 0
    shared: tuple[str, ...] = ()
    problem: str | None = None
    detail: str = ""
    skips: Skips = NO_SKIPS
    kind: str = ""
    language: str | None = None
    site: str = ""
    children: tuple[Child, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    """What the items of one feed share. `url`: where it was fetched; `site`: the address of its site, "" if unknown."""

    feed: Feed
    url: str
    site: str
    language: str | None
    seen: datetime
    garbled: bool


def parse_feed(
    body: bytes, content_type: str, feed: Feed, url: str, seen: datetime, shared: Collection[str] = ()
) -> Parsed:  # fmt: skip
    """The items of `body`, fetched from `url` at `seen`, in order. Never raises for bad input.

    `shared`: the `Parsed.shared` of earlier polls, by which an entry is identified in the same way again.
    """
    if len(body) > BODY_LIMIT:
        return Parsed(problem="too_large", detail=f"{len(body)} bytes, the limit is {BODY_LIMIT}")
    body, cut = _unpacked(body)
    if len(body) > BODY_LIMIT:
        return Parsed(problem="too_large", detail=f"more than {BODY_LIMIT} bytes when unpacked")
    decoded = decode(body, content_type, feed.language)
    text = FORBIDDEN_IN_XML.sub("", decoded.text).lstrip("\ufeff \t\r\n")
    if not text:
        return Parsed(problem="empty", detail=f"{len(body)} bytes without a character")
    try:
        draft = jsonfeed.read(text) if text[0] == "{" else xmlfeed.read(text)
    except NotAFeed as error:
        return Parsed(problem=error.problem, detail=error.detail)
    damaged = decoded.garbled
    source = _Source(feed, url, _joined(url, draft.site), draft.language, seen, damaged)
    notes = [*(["bad_encoding"] if damaged else []), *(["truncated"] if cut or draft.truncated else [])]
    children = tuple(sitemap.absolute(draft.children, url))
    parsed = Parsed(notes=tuple(notes), children=children) if children else _collect(draft, source, notes, shared)
    return replace(
        parsed, kind=draft.kind, language=base_code(draft.language), site=source.site, skips=read_skips(text)
    )


def _unpacked(body: bytes) -> tuple[bytes, bool]:
    """The content of a gzip file, as sitemaps often are, up to one byte more than the limit; and whether its end is
    missing. Another body as it is."""
    if not body.startswith(b"\x1f\x8b"):
        return body, False
    inflate, pieces, size = zlib.decompressobj(wbits=31), list[bytes](), 0
    try:
        for start in range(0, len(body), _PIECE):
            pieces.append(inflate.decompress(body[start : start + _PIECE], BODY_LIMIT + 1 - size))
            size += len(pieces[-1])
            if size > BODY_LIMIT or inflate.eof:
                break
    except zlib.error:  # what came before the fault is read
        pass
    return (b"".join(pieces), not inflate.eof) if size else (body, False)


def _collect(draft: DraftFeed, source: _Source, notes: list[str], shared: Collection[str]) -> Parsed:
    """The items of a feed, each article once."""
    listed: list[Listed] = []
    drops: Counter[str] = Counter()
    bad_dates = 0
    drafts = list(draft.entries)
    wanted = _wanted(drafts, draft.kind, source.seen, drops)
    kept = newest(wanted, source.seen, ENTRY_LIMIT)
    if len(kept) < len(wanted):
        notes = [*notes, "cut_entries"]
        drops["over_limit"] += len(wanted) - len(kept)
    for entry in kept:
        found = _entry(entry, source)
        if isinstance(found, str):
            drops[found] += 1
        else:
            bad_dates += found.item.published is None and bool(entry and entry.published)
            listed.append(found)
    identified = identify(listed, _site(source), shared)
    drops["repeated"] += identified.repeated
    if bad_dates:
        notes = [*notes, "bad_dates"]
    if not drafts:
        if draft.truncated:
            return Parsed(problem="truncated", detail="ends before its first entry")
        notes = [*notes, "no_entries"]
    title = plain(draft.title, TITLE_LIMIT)
    counted = tuple((reason, count) for reason, count in drops.items() if count)
    return Parsed(identified.entries, title, draft.every, counted, tuple(notes), len(drafts), identified.shared)


def _wanted(drafts: list[Draft | None], kind: str, seen: datetime, drops: Counter[str]) -> list[Draft | None]:
    """The entries that may be news; others, of sitemaps only, are added to `drops`."""
    if not kind.endswith("sitemap"):
        return drafts
    wanted = []
    for draft in drafts:
        if reason := sitemap.unwanted(draft, seen):
            drops[reason] += 1
        else:
            wanted.append(draft)
    return wanted


def newest(drafts: Sequence[Draft | None], seen: datetime, limit: int) -> Sequence[Draft | None]:
    """The `limit` newest of `drafts`, in their order. One without a date counts as old as the one before it."""
    if len(drafts) <= limit:
        return drafts
    dates, last = [], datetime.min.replace(tzinfo=UTC)
    for draft in drafts:
        raw = draft and (draft.published or draft.updated)
        last = (parse_date(raw, seen=seen) if raw else None) or last
        dates.append(last)
    rising = dates[0] < dates[-1]  # of entries of the same date those at the newer end
    order = sorted(range(len(drafts)), key=lambda place: (dates[place], place if rising else -place), reverse=True)
    return [drafts[place] for place in sorted(order[:limit])]


def _entry(draft: Draft | None, source: _Source) -> Listed | str:
    """The item of one entry with its links, or the reason why it has none."""
    if draft is None:
        return "bad_entry"
    if draft.cut:
        return "truncated"
    try:
        links = tuple(_links(draft, source))
        item = _item(draft, links[0].address if links else source.url, source)
    except (ValueError, OverflowError, LookupError):  # one entry never costs the others
        return "bad_entry"
    return Listed(item, links) if links or item.title or item.summary or item.content else "no_text"


def _joined(base: str, link: str) -> str:
    """The address of `link`, found at `base`; "" if it is not one."""
    try:
        return join(base, link) if link else ""
    except ValueError:
        return ""


def _site(source: _Source) -> str:
    """The address of the site, else of the feed."""
    try:
        return canonical(source.site or source.url)
    except ValueError:
        return canonical(source.url)


def _links(draft: Draft, source: _Source) -> Iterator[Link]:
    """The links that are http(s) addresses. A relative one may also mean the site's, if the feed is elsewhere."""
    base = _joined(source.url, draft.base) or source.url
    for link in draft.links[:LINKS]:
        if _NO_LINK.fullmatch(link):
            continue
        try:
            own = canonical(direct(canonical(unwrapped(join(base, link)))))
        except ValueError:
            continue
        site = "" if draft.base or not source.site or _ABSOLUTE.match(link) else _joined(source.site, link)
        also = (canonical(site),) if site else ()
        yield Link(own, id_of(own), fragment_of(link), tuple(other for other in also if other != own))


#: What is written where there is no link.
_NO_LINK = re.compile(r"(?i)\s*(?:n/?a|none|null|nil|undefined|unknown|false|tbd|about:blank|0|[-#/?.]*)\s*")
_ABSOLUTE = re.compile(r"(?i)\s*(?:https?:?/|//|feed:|www\.|<!)")


def _item(draft: Draft, address: str, source: _Source) -> Item:
    feed, seen = source.feed, source.seen
    code = base_code(draft.language or source.language) or ""
    language = feed.language or (code if re.fullmatch("[a-z]{2,3}", code) else None)

    outlet = hints(seen, language, feed.country, source.site or feed.url, draft.language or source.language)

    def dated(raw: str | None, where: str) -> Dated | None:
        return read_dated(raw, where, outlet) if raw else None

    published = dated(draft.published, "feed")
    if published is None and not draft.published:
        # Atom: it was published then or earlier; the page may have a better date.
        published = dated(draft.updated, "feed-updated")
    summary = repaired(plain(draft.summary or draft.content, SUMMARY_LIMIT) or "") or None
    content = _content(draft, summary)
    own_title = repaired(title(draft.title, TITLE_LIMIT) or "") or None
    picture = _joined(_joined(source.url, draft.base) or address, draft.image or "")[:IMAGE_LIMIT]
    return Item(
        feed=feed.id, source=feed.name, url=address, seen=seen, guid=(draft.guid or "")[:GUID_LIMIT] or None,
        title=own_title or first_words(content or summary, WORDS_LIMIT), untitled=own_title is None, summary=summary,
        content=content, author=plain(draft.author, AUTHOR_LIMIT), published=published,
        updated=dated(draft.updated, "feed"), language=language, country=feed.country, image=picture or None,
        profile=feed.profile,
        garbled=source.garbled and garbled(f"{own_title}\n{summary}\n{content}"),
    )  # fmt: skip


def _content(draft: Draft, summary: str | None) -> str | None:
    """The feed's own text as written: content or summary, whichever is longer, if it says more than `summary`."""
    longest = max(draft.content or "", draft.summary or "", key=len)
    if longest is draft.summary and draft.content:  # its length may be that of its links
        longest = max(draft.content, draft.summary, key=lambda html: len(plain(html, 20_000) or ""))
    longest = with_pairs_joined(longest).strip()
    return bounded(longest, CONTENT_LIMIT) if longest and longest != summary else None


def bounded(text: str, limit: int) -> str:
    """`text`, cut so that it takes at most `limit` bytes of JSON in UTF-8."""
    if 4 * len(text) <= limit or _size(text) <= limit:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _size(text[:middle]) <= limit else (low, middle - 1)
    return text[:low]


def _size(text: str) -> int:
    return len(msgspec.json.encode(text))

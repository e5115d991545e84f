"""Reads the feeds in local checkouts of other parsers' tests, and compares the result with bare feedparser's.

    ./test python scripts/feed_corpora.py ~/src/feedparser/tests ~/src/gofeed/testdata

Prints per folder: files, feeds, entries, items, drops by reason, what feedparser finds and Almenara does not (and the
other way round), fields that differ in entries that both find, and the CPU time of both. `--show` prints each
difference. Nothing is copied out of the folders.
"""

from __future__ import annotations

import argparse
import calendar
import io
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser

from pipeline.core.decoding.decode import decode
from pipeline.core.feeds import jsonfeed, xmlfeed
from pipeline.core.feeds.draft import Draft, NotAFeed
from pipeline.core.feeds.parse import Parsed, parse_feed
from pipeline.core.feeds.plain import title as plain_title
from pipeline.core.text.date_strings import parse_date
from pipeline.core.urls import article_id, canonical, join
from pipeline.records import Feed

SUFFIXES = {".xml", ".rss", ".atom", ".rdf", ".json", ".feed", ".txt"}
ADDRESS = "https://corpus.example/feed"
FEED = Feed(id="corpus", name="Corpus", url=ADDRESS)
SEEN = datetime(2026, 11, 29, tzinfo=UTC)


@dataclass
class Tally:
    """What became of the files of one folder. CPU time in seconds."""

    counts: Counter[str] = field(default_factory=Counter)
    drops: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    own: float = 0.0
    bare: float = 0.0


def feeds(folder: Path) -> Iterator[Path]:
    """The files that may be feeds, in order."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file() and path.stat().st_size < 16_000_000:
            yield path


def compare(path: Path, tally: Tally, show: bool) -> None:
    """Read one file with both parsers."""
    body = path.read_bytes()
    started = time.process_time()
    parsed = parse_feed(body, "", FEED, ADDRESS, SEEN)
    tally.own += time.process_time() - started
    started = time.process_time()
    try:
        other: Any = feedparser.parse(io.BytesIO(body))
    except Exception as error:  # feedparser raises anything for malformed bytes
        other = feedparser.FeedParserDict(entries=[], version="")
        tally.counts["feedparser failed"] += 1
        print(f"{path}: feedparser: {error!r}", file=sys.stderr) if show else None
    tally.bare += time.process_time() - started
    tally.counts["files"] += 1
    tally.counts["feeds"] += parsed.problem is None
    tally.counts["feedparser feeds"] += bool(other.get("version"))
    if parsed.problem:
        tally.problems[parsed.problem] += 1
    tally.counts.update(
        {"entries": parsed.listed, "items": len(parsed.entries), "feedparser entries": len(other.entries)}
    )
    tally.drops.update(dict(parsed.drops))
    for what in differences(parsed, drafts(body), other):
        tally.counts[what[0]] += 1
        if show:
            print(f"{path}: {what[0]}: {what[1]}")


def drafts(body: bytes) -> Sequence[Draft | None]:
    """The entries as the readers give them: also those without a link."""
    text = decode(body).text.lstrip()
    try:
        return list((jsonfeed if text[:1] == "{" else xmlfeed).read(text).entries)
    except NotAFeed:
        return ()


def differences(parsed: Parsed, own: Sequence[Draft | None], other: Any) -> Iterator[tuple[str, str]]:
    """What the parsers disagree on: kind, and both values."""
    if len(own) < len(other.entries):
        yield "entries missed", f"{len(own)} of {len(other.entries)} {parsed.problem or ''} {parsed.detail[:80]}"
    elif len(own) > len(other.entries):
        yield "entries only here", f"{len(own)}, {len(other.entries)}"
    else:
        for draft, entry in zip(own, other.entries, strict=True):
            if draft:
                yield from _fields(draft, entry)


def _key(link: str) -> str:
    try:
        return article_id(canonical(join(ADDRESS, link)))
    except ValueError:
        return ""


def _fields(draft: Draft, entry: Any) -> Iterator[tuple[str, str]]:
    link = _key(entry.get("link") or "")
    if link and link not in map(_key, draft.links):
        yield "links", f"{draft.links}, {entry.get('link')}"
    mine, theirs = (plain_title(title, 500) for title in (draft.title, entry.get("title")))
    if theirs and theirs != mine:
        yield "titles", f"{mine!r}, {theirs!r}"
    date = entry.get("published_parsed")
    if date:
        moment = datetime.fromtimestamp(calendar.timegm(date), UTC)
        own = parse_date(draft.published, seen=SEEN)
        if own is None:
            yield "dates missed", str(entry.get("published"))
        elif moment < SEEN and abs((own - moment).total_seconds()) > 1:
            yield "dates", f"{own}, {moment} of {draft.published!r}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--show", action="store_true", help="print each difference")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    parse_date("no date", seen=SEEN)  # loads the names of months once
    for folder in options.folders:
        tally = Tally()
        for path in feeds(folder):
            compare(path, tally, options.show)
        print(f"{folder.name}: {dict(tally.counts)}")
        print(f"  not feeds {dict(tally.problems)}; drops {dict(tally.drops)}")
        print(f"  CPU {tally.own:.2f} s, feedparser {tally.bare:.2f} s: {tally.own / max(tally.bare, 0.001):.2f}")


if __name__ == "__main__":
    main()

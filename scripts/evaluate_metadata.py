"""Scores titles, authors and publication days of pages, and counts the pages that become no article, by reason.

    ./test python scripts/evaluate_metadata.py --htmldate PATH --trafilatura PATH --postlight PATH

Each PATH is a local checkout: of github.com/adbar/htmldate (`tests/`), github.com/adbar/trafilatura (`tests/`) and
github.com/postlight/parser (`fixtures/` and `src/extractors/custom/`). Nothing of them is kept here. Pages are read as
those of items without title, date and author, so that nothing comes from a feed. The day is that of the outlet's
readers: of the time as written, or of a time in UTC in the zone of the outlet's country, if its domain names one; else
the day in the page's address, if that is the day before or after.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.core.pages.article import clean_page
from pipeline.core.text.date_strings import read_date
from pipeline.core.text.dated import hints
from pipeline.core.text.time_zones import offset_in
from pipeline.records import Article, Dated, Item, Page
from pipeline.stage import Drop

SEEN = datetime(2030, 1, 1, tzinfo=UTC)
_AND = re.compile(r"\s*(?:[,;&/]|\b(?:and|und|y|et)\b)\s*")
_IN_ADDRESS = re.compile(r"/(20\d\d)[/-]?(\d\d)[/-]?(\d\d)(?=[/-])")
_BY = re.compile(r"^(?:by|von|par|por)\s+", re.I)


class Labelled(NamedTuple):
    """A page, and what is known about it; None: not known."""

    url: str
    body: bytes
    title: str | None = None
    author: str | None = None
    day: str | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("htmldate", "trafilatura", "postlight"):
        parser.add_argument(f"--{name}", type=Path, help=f"a checkout of {name}")
    parser.add_argument("--verbose", action="store_true", help="print each page that is not as labelled")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    sets: dict[str, Iterator[Labelled]] = {}
    if options.htmldate:
        sets["htmldate, 200 news pages"] = of_htmldate(options.htmldate, "eval_mediacloud_2020.json")
        sets["htmldate, 800 pages"] = of_htmldate(options.htmldate, "eval_default.json")
    if options.trafilatura:
        sets["trafilatura"] = of_trafilatura(options.trafilatura)
    if options.postlight:
        sets["postlight"] = of_postlight(options.postlight)
    for name, pages in sets.items():
        print(f"{name}: {report(pages, options.verbose)}")


def of_htmldate(checkout: Path, name: str) -> Iterator[Labelled]:
    tests = checkout / "tests"
    for url, known in json.loads((tests / name).read_text("utf-8")).items():
        body = stored(tests, known["file"])
        days = known["date"] if isinstance(known["date"], list) else [known["date"]]
        if body is not None:
            yield Labelled(url, body, day=days[0] if isinstance(days[0], str) else None)


def of_trafilatura(checkout: Path) -> Iterator[Labelled]:
    tests = checkout / "tests"
    for url, known in json.loads((tests / "evaldata.json").read_text("utf-8")).items():
        body = stored(tests, known["file"])
        author = known.get("author")
        if body is not None:
            kind, _, file = url.partition("::")  # a page without address is called "hard::FILE"
            yield Labelled(
                f"https://{file.removesuffix('.html')}/a/page" if file else kind, body, known.get("title") or None,
                (", ".join(author) if isinstance(author, list) else author) or None, known.get("date") or None,
            )  # fmt: skip


def of_postlight(checkout: Path) -> Iterator[Labelled]:
    for test in sorted((checkout / "src/extractors/custom").glob("*/index.test.js")):
        text = test.read_text("utf-8")
        for block in re.split(r"\bdescribe\(", text)[2:] or [text]:
            file, url = (
                re.search(r"fixtures/([^'\"`]+?)['\"`]", block),
                re.search(r"['\"](https?://[^'\"]+)['\"]", block),
            )
            if file and url and (path := checkout / "fixtures" / file[1]).is_file():
                day = expected(block, "date_published")
                yield Labelled(url[1], path.read_bytes(), expected(block, "title"), expected(block, "author"),
                               day[:10] if day else None)  # fmt: skip


def stored(tests: Path, file: str) -> bytes | None:
    paths = (tests / folder / file for folder in ("test_set", "cache", "eval"))
    return next((path.read_bytes() for path in paths if path.is_file()), None)


def expected(block: str, name: str) -> str | None:
    found = re.search(rf"assert\.equal\(\s*{name},\s*(?:`([^`]*)`|'((?:[^'\\]|\\.)*)'|\"([^\"]*)\")", block)
    value = next(filter(None, found.groups()), "") if found else ""
    return value.replace("\\'", "'") or None


def report(pages: Iterator[Labelled], verbose: bool) -> str:
    right: Counter[str] = Counter()
    known: Counter[str] = Counter()
    drops: Counter[str] = Counter()
    for page in pages:
        known["pages"] += 1
        item = Item(feed="f", source="s", url=page.url, seen=SEEN)
        fetched = Page(url=page.url, status=200, body=page.body, fetched_at=SEEN, content_type="text/html")
        found = clean_page(fetched, item)
        if isinstance(found, Drop):
            drops[found.reason] += 1
            if verbose:
                print(f"  dropped: {found.reason} {page.url}")
        for field, is_right in scores(page, found if isinstance(found, Article) else None):
            known[field] += 1
            right[field] += is_right
            if verbose and not is_right and isinstance(found, Article):
                print(f"  {field}: {getattr(page, field)!r} {getattr(found, FIELDS[field])!r} {page.url}")
    shares = (f"{field} {right[field]} of {known[field]}" for field in ("title", "author", "day") if known[field])
    dropped = ", ".join(f"{reason} {times}" for reason, times in drops.most_common())
    return f"{known['pages']} pages; {'; '.join(shares)}; no article: {dropped or 'none'}"


FIELDS = {"title": "title", "author": "author", "day": "published"}


def scores(page: Labelled, found: Article | None) -> Iterator[tuple[str, bool]]:
    """Whether each labelled field is right; wrong for a page that is no article."""
    if page.title:
        yield "title", found is not None and bare(found.title.value) == bare(page.title)
    if page.author:
        yield "author", found is not None and names(found.author.value if found.author else "") == names(page.author)
    if page.day:
        yield "day", found is not None and found.published is not None and day(found.published, page.url) == page.day


def day(date: Dated, url: str) -> str:
    """The day of `date` on the calendar of the outlet's readers."""
    outlet = hints(SEEN, None, None, url)
    moment = read_date(date.raw, country=outlet.country, zone=outlet.zone)
    if moment is None or moment.precision == "day":
        return date.value.date().isoformat()
    offset: Any = date.zone and offset_in(date.zone, date.value.replace(tzinfo=None))
    if not offset:
        offset = moment.offset or offset_in(outlet.zone.name, date.value.replace(tzinfo=None))
    if not offset and (written := _IN_ADDRESS.search(url)):
        near = read_date("-".join(written.groups()))
        if near and abs(near.value - date.value) < timedelta(days=2):
            return near.value.date().isoformat()
    return str((date.value + offset).date())


def bare(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def names(text: str) -> set[str]:
    return {bare(part) for part in _AND.split(_BY.sub("", text.strip())) if bare(part)}


if __name__ == "__main__":
    main()

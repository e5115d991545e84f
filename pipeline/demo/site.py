"""Serves the demo site: every outlet on its own port of the loopback address, over real HTTP.

It has two editions; `advance` publishes the second, with new and corrected articles. Supports conditional GET
(RFC 9110, section 13), gzip, redirects and faults. All dates follow from `now`.
"""

from __future__ import annotations

import hashlib
import html
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from aiohttp import web

from pipeline.demo import pages
from pipeline.demo.content import Entry, Expected, FeedSpec, Outlet, age, entries, expected, outlets, slug
from pipeline.demo.feeds import CONTENT_TYPES, Row, write

HOST = "127.0.0.1"
# The smallest file that is recognised as a PDF.
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class Reply(msgspec.Struct, frozen=True):
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = {}
    modified: datetime | None = None


class Site:
    """Use as `async with Site(now) as site:`. `port`: the first of consecutive ports; 0 takes any free ones."""

    def __init__(self, now: datetime, port: int = 0) -> None:
        self.now = now.astimezone(UTC).replace(microsecond=0)
        self.edition = 1
        self.outlets: list[Outlet] = list(outlets())
        self.served: Counter[int] = Counter()  # HTTP status -> answers
        self._port = port
        self._runners: list[web.AppRunner] = []
        self._routes: dict[str, dict[str, Callable[[], Reply]]] = {}
        self._failures = {entry.key: entry.fails for entry in entries()}

    @property
    def expected(self) -> Expected:
        return expected()

    async def start(self) -> None:
        """Listen. Raises OSError when a port is taken."""
        try:
            self.outlets = [await self._listen(outlet, n) for n, outlet in enumerate(outlets())]
        except BaseException:
            await self.stop()
            raise
        self._routes = {outlet.id: self._paths(outlet) for outlet in self.outlets}

    async def stop(self) -> None:
        while self._runners:
            await self._runners.pop().cleanup()

    async def __aenter__(self) -> Site:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def advance(self) -> None:
        """Publish the second edition. Further calls change nothing."""
        self.edition = 2

    def feeds(self) -> list[dict[str, Any]]:
        """The feeds, as in feeds.toml: id, name, url, language, country, groups."""
        return [
            {"id": f"{outlet.id}-{feed.id}", "name": outlet.name, "url": outlet.url + feed.path,
             "language": outlet.language, "country": outlet.country, "groups": outlet.groups}
            for outlet in self.outlets
            for feed in outlet.feed
        ]  # fmt: skip

    def url(self, key: str) -> str:
        """The canonical URL of an article."""
        entry = next(entry for entry in entries() if entry.key == key)
        return self._url(self._outlet(entry), entry)

    def key(self, url: str) -> str | None:
        """The key of the article at a canonical URL."""
        return {self._url(self._outlet(entry), entry): entry.key for entry in entries()}.get(url)

    # -- routes

    async def _listen(self, outlet: Outlet, n: int) -> Outlet:
        app = web.Application()
        app.router.add_get("/{path:.*}", partial(self._answer, outlet.id))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        self._runners.append(runner)
        listener = web.TCPSite(runner, HOST, self._port + n if self._port else 0)
        await listener.start()
        return msgspec.structs.replace(outlet, url=f"http://{HOST}:{runner.addresses[0][1]}")

    def _outlet(self, entry: Entry) -> Outlet:
        return self._named(entry.outlet)

    def _named(self, name: str) -> Outlet:
        return next(outlet for outlet in self.outlets if outlet.id == name)

    def _path(self, outlet: Outlet, entry: Entry) -> str:
        return outlet.path.format(
            slug=entry.slug, number=entry.number, section=slug(entry.section) or "news",
            date=f"{self._published(entry):%Y/%m/%d}",
        )  # fmt: skip

    def _url(self, outlet: Outlet, entry: Entry) -> str:
        return outlet.url + self._path(outlet, entry)

    def _published(self, entry: Entry) -> datetime:
        return self.now - age(entry.age)

    def _updated(self, entry: Entry) -> datetime | None:
        return self.now - age(entry.corrected) if entry.corrected and self.edition > 1 else None

    def _published_entries(self, outlet: Outlet) -> list[Entry]:
        """What the outlet lists now, newest first, as first published, since corrections do not change URLs."""
        found = [entry for entry in entries() if entry.outlet == outlet.id and entry.edition <= self.edition]
        return sorted(found, key=self._published, reverse=True)

    def _link(self, outlet: Outlet, entry: Entry, feed: FeedSpec) -> str:
        """The URL that the feed gives for the entry."""
        if entry.serve.startswith("http"):
            return entry.serve
        path = entry.hops[0] if entry.hops else self._path(outlet, entry)
        url = f"{outlet.url}{'/amp' if feed.amp else ''}{path}"
        return f"{url}{'&' if '?' in url else '?'}{feed.tracking}" if feed.tracking else url

    def _paths(self, outlet: Outlet) -> dict[str, Callable[[], Reply]]:
        """Path and query -> function that answers. Articles of the second edition exist from the start, unlisted."""
        routes: dict[str, Callable[[], Reply]] = {"/": partial(self._front, outlet)}
        for feed in outlet.feed:
            routes[feed.path] = partial(self._feed, outlet, feed)
        for entry in entries():
            if entry.outlet != outlet.id:
                continue
            path = self._path(outlet, entry)
            routes[path] = partial(self._entry, outlet, entry)
            routes["/amp" + path] = partial(self._entry, outlet, entry, amp=True)
            for hop, target in pairwise((*entry.hops, path)):
                routes[hop] = partial(_redirect, outlet.url + target, 301)
        return routes

    # -- answers

    def _html(self, outlet: Outlet, text: str, modified: datetime | None = None, status: int = 200) -> Reply:
        charset = "" if outlet.declared == "nowhere" else f"; charset={outlet.charset}"
        return Reply(text.encode(outlet.charset, "xmlcharrefreplace"), f"text/html{charset}", status, {}, modified)

    def _sheet(self, outlet: Outlet, entry: Entry) -> pages.Sheet:
        # Only first-edition articles are linked, so that a page changes when its own text does.
        first = [e for e in entries() if e.outlet == outlet.id and e.readable and e.edition == 1]
        others = [other for other in first if other.key != entry.key]
        url = self._url(outlet, entry)
        has_amp = any(feed.amp and feed.id in entry.feeds for feed in outlet.feed)
        return pages.Sheet(
            outlet, entry.at(self.edition), url, self._published(entry), self._updated(entry),
            related=tuple((other.title, self._url(outlet, other)) for other in others[:4]),
            amp_url=f"{outlet.url}/amp{self._path(outlet, entry)}" if has_amp else None,
        )  # fmt: skip

    def _entry(self, outlet: Outlet, entry: Entry, amp: bool = False) -> Reply:
        if self._failures[entry.key] > 0:
            self._failures[entry.key] -= 1
            return Reply(b"<h1>503 Service Unavailable</h1>", status=503, headers={"Retry-After": "1"})
        if entry.serve.startswith("redirect:"):
            return _redirect(entry.serve.removeprefix("redirect:"), 302)
        sheet = self._sheet(outlet, entry)
        match entry.serve:
            case "article":
                return self._html(outlet, pages.article(sheet, amp=amp), sheet.updated or sheet.published)
            case "paywall":
                return self._html(outlet, pages.paywall(sheet))
            case "consent_wall":
                return self._html(outlet, pages.consent_wall(outlet))
            case "soft_404":
                return self._html(outlet, pages.soft_404(sheet))
            case "pdf":
                return Reply(PDF, "application/pdf")
        return self._missing(outlet)

    def _missing(self, outlet: Outlet) -> Reply:
        return self._html(
            outlet, "<html><head><title>404</title></head><body><h1>404 Not Found</h1></body></html>", None, 404
        )

    def _front(self, outlet: Outlet) -> Reply:
        listed = [entry for entry in self._published_entries(outlet) if entry.readable]
        sheets = [self._sheet(outlet, entry) for entry in listed]
        teasers = [(sheet.entry.title, sheet.entry.lead, sheet.url) for sheet in sheets]
        return self._html(outlet, pages.front(outlet, teasers))

    def _feed(self, outlet: Outlet, feed: FeedSpec) -> Reply:
        if feed.format == "html":
            return self._front(outlet)
        listed = [entry for entry in self._published_entries(outlet) if feed.id in entry.feeds]
        rows = [self._row(outlet, entry, feed) for entry in listed]
        moments = [moment for row in rows for moment in (row.published, row.updated) if moment and moment <= self.now]
        body = write(outlet, feed.format, outlet.url + feed.path, rows)
        charset = "utf-8" if feed.format == "json" else outlet.charset
        return Reply(body, f"{CONTENT_TYPES[feed.format]}; charset={charset}", modified=max(moments, default=None))

    def _row(self, outlet: Outlet, entry: Entry, feed: FeedSpec) -> Row:
        sheet = self._sheet(outlet, entry)
        lead = sheet.entry.lead
        return Row(
            guid=f"{outlet.id}:{entry.number}", url=self._link(outlet, entry, feed), title=sheet.entry.title,
            summary=f"<p>{html.escape(lead)}</p>" if lead and feed.format != "json" else lead,
            author=entry.author, section=entry.section, published=sheet.published, updated=sheet.updated,
            date=entry.feed_date, html=pages.body_html(sheet) if entry.body else None,
        )  # fmt: skip

    # -- HTTP

    async def _answer(self, name: str, request: web.Request) -> web.Response:
        outlet = self._named(name)
        reply = self._find(outlet, request)
        headers = {"Content-Type": reply.content_type, "Vary": "Accept-Encoding", **reply.headers}
        if reply.status == 200:
            headers["ETag"] = f'W/"{hashlib.sha256(reply.body).hexdigest()[:16]}"'
            if reply.modified and reply.modified <= self.now:
                headers["Last-Modified"] = format_datetime(reply.modified, usegmt=True)
            if _not_modified(request.headers, headers["ETag"], reply.modified):
                self.served[304] += 1
                return web.Response(status=304, headers={k: v for k, v in headers.items() if k != "Content-Type"})
        self.served[reply.status] += 1
        response = web.Response(body=reply.body, status=reply.status, headers=headers)
        if outlet.gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
            response.enable_compression(web.ContentCoding.gzip)
        return response

    def _find(self, outlet: Outlet, request: web.Request) -> Reply:
        split = urlsplit(request.path_qs)
        query = urlencode([pair for pair in parse_qsl(split.query) if not pair[0].startswith("utm_")])
        if split.path.startswith("/img/"):
            return Reply(pages.picture(split.path).encode(), "image/svg+xml")
        found = self._routes[outlet.id].get(f"{split.path}?{query}" if query else split.path)
        return found() if found else self._missing(outlet)


def _redirect(target: str, status: int) -> Reply:
    return Reply(status=status, headers={"Location": target})


def _not_modified(headers: Mapping[str, str], etag: str, modified: datetime | None) -> bool:
    """Whether to answer 304. If-None-Match takes precedence over If-Modified-Since (RFC 9110, 13.2.2)."""
    if wanted := headers.get("If-None-Match"):
        return wanted.strip() == "*" or etag in [tag.strip() for tag in wanted.split(",")]
    with suppress(ValueError, TypeError):
        since = parsedate_to_datetime(headers.get("If-Modified-Since", ""))
        return modified is not None and modified - since < timedelta(seconds=1)
    return False

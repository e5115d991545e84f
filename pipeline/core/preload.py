"""Loads what reading an article needs (models, gazetteer, extractor), so that forked processes share it."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.core.feeds.parse import parse_feed
from pipeline.core.pages.article import clean_page
from pipeline.core.places.resolve import find_places
from pipeline.core.stories.fingerprint import make_fingerprint
from pipeline.core.text.reading import read
from pipeline.records import Article, Feed, Item, Page, Tags

_PAGE = """<html lang="en"><head><title>Council opens the new bridge in Lima</title></head><body><article>
<h1>Council opens the new bridge in Lima</h1><p>{}</p></article></body></html>""".format(
    "The city council opened the new bridge over the river on Monday, two years after work began. " * 8
)
#: No language has a month of this name, so the names of all languages are loaded.
_FEED = b"""<rss version="2.0"><channel><title>Lima</title><item><title>Council opens the new bridge</title>
<link>https://warm.invalid/</link><pubDate>1 nevermonth 2026</pubDate></item></channel></rss>"""


def warm() -> None:
    """Read one small article from end to end, and one feed."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    url = "https://warm.invalid/2026/01/01/bridge"
    page = Page(url=url, status=200, body=_PAGE.encode(), content_type="text/html", fetched_at=at)
    article = clean_page(page, Item(feed="", source="", url=url, seen=at))
    if not isinstance(article, Article):
        raise RuntimeError(f"a plain page was not read: {article}")
    find_places(read(article.title.value, article.text, article.language), article.language)
    make_fingerprint(article, Tags(rules=""))
    parsed = parse_feed(_FEED, "", Feed(id="", name="", url=url), url, at)
    if len(parsed.entries) != 1:
        raise RuntimeError(f"a plain feed was not read: {parsed}")

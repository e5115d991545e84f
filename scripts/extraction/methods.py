"""The extractions that are compared: the product's, and trafilatura's in three settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from trafilatura import bare_extraction
from trafilatura.settings import Document

from pipeline.core.pages.article import clean_page
from pipeline.records import Article, Item, Page
from pipeline.stage import Drop
from scripts.extraction.sets import Sample

SEEN = datetime(2030, 1, 1, tzinfo=UTC)


def product(sample: Sample) -> Article | Drop:
    """What Almenara makes of the page. The feed gives no more than a title, for pages that have none."""
    item = Item(feed="f", source="s", url=sample.url, seen=SEEN, title=sample.name, untitled=True)
    page = Page(url=sample.url, status=200, body=sample.html, fetched_at=SEEN, content_type="text/html")
    return clean_page(page, item)


def text_of(found: Article | Drop, titled: bool) -> str:
    """The text of an article, with its title if the set's texts have one; a dropped page counts as empty."""
    if isinstance(found, Drop):
        return ""
    return f"{found.title.value}\n{found.text}" if titled else found.text


def _trafilatura(fast: bool, comments: bool, metadata: bool = False) -> Callable[[Sample], str]:
    def method(sample: Sample) -> str:
        document = bare_extraction(sample.html, fast=fast, include_comments=comments, with_metadata=metadata)
        return (document.text or "") if isinstance(document, Document) else ""

    return method


#: "default" is what `extract(html)` gives, with readers' comments; "full" the same cascade without them; "metadata"
#: the work that is comparable to the product's, for its CPU time.
TRAFILATURA = {
    "fast": _trafilatura(fast=True, comments=False),
    "default": _trafilatura(fast=False, comments=True),
    "full": _trafilatura(fast=False, comments=False),
    "metadata": _trafilatura(fast=False, comments=False, metadata=True),
}

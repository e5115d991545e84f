"""Decides whether a revisit finds that the page of an article is gone.

Outlets remove articles with a status that says so, with a page that says so, or by a redirect to the home page or a
section. A page that fails in another way, or is behind a wall, is not gone.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from pipeline.core.pages.headlines import same
from pipeline.core.urls import article_id
from pipeline.records import Article, Item, Page, Sourced
from pipeline.stage import Drop

GONE = frozenset({404, 410})
#: Reasons of clean_page for what a redirect leads to instead of a removed article.
_ELSEWHERE = frozenset({"home_page", "section_page"})


def sign_of_removal(item: Item, page: Page, found: Article | Drop | None) -> str:
    """Why the page of a known article seems to be gone; "" if it does not. `found`: what was read there, if anything.

    Signs: http_404, http_410, soft_404, home_page, section_page. One alone proves nothing: sites have bad minutes.
    """
    if not item.revisit or item.link != "own":
        return ""
    if page.status in GONE:
        return f"http_{page.status}"
    if isinstance(found, Drop):
        if found.reason == "soft_404":
            return found.reason
        return found.reason if found.reason in _ELSEWHERE and _moved(item.url, page.url) else ""
    if isinstance(found, Article) and _moved(item.url, page.url) and _is_above(page.url, item.url):
        return "" if same(found.title.value, item.title or "") else "section_page"
    return ""


def removed_article(item: Item, sign: str, at: datetime) -> Article:
    """The record that says that the page of a known article is gone, since `at` at the latest."""
    title = Sourced(item.title or "", "feed")
    return Article(
        id=article_id(item.url), url=item.url, feed=item.feed, source=item.source, title=title, text="",
        content_hash="", seen=at, language=None, backlog=item.backlog, revisit=item.revisit, removed=sign,
    )  # fmt: skip


def _moved(asked: str, answered: str) -> bool:
    try:
        return article_id(asked) != article_id(answered)
    except ValueError:
        return True


def _is_above(answered: str, asked: str) -> bool:
    """Whether the path that answered is a folder of the one that was asked for: /world/ of /world/2026/ferry."""
    folder = urlsplit(answered).path.rstrip("/") + "/"
    return urlsplit(asked).path.startswith(folder) and not urlsplit(answered).query

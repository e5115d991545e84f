"""Schedules revisits of articles: most corrections come in the first hours, most retractions days later.

Those of the first hours are put off at once; the late one is first a wish, which poll grants once for each article.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from pipeline.core.timing.delays import put_off
from pipeline.core.urls import article_id, registrable
from pipeline.records import Alert, Document, Item, Revisit
from pipeline.stage import Out

WANTED = "revisits-wanted"


def revisits_of_document(document: Document, waits: Sequence[float], now: datetime) -> tuple[Out, ...]:
    """Revisits of an article, `waits` seconds from now; none unless it is new, no copy or backlog, and on a page."""
    article, relation = document.article, document.relation
    if relation.kind != "new" or relation.version != 1 or article.revisit or not _may_be_revisited(document):
        return ()
    item = _item(document)
    return tuple(_revisit(item, number, wait, now) for number, wait in enumerate(waits, 1))


def late_revisit_of_document(document: Document, number: int, wait: float) -> tuple[Out, ...]:
    """The wish for a late revisit, the `number`-th, of an article with a topic, `wait` seconds after it was first seen;
    whichever version brought the topic. `wait` 0: none."""
    due = document.relation.first_seen + timedelta(seconds=wait)
    is_late = document.relation.version > 1 and document.article.seen >= due  # such as what that revisit found
    if not wait or not document.tags.topics or is_late or not _may_be_revisited(document):
        return ()
    return (_wish(document.article.id, due, replace(_item(document), revisit=number)),)


def late_revisit_of_alert(alert: Alert, number: int, wait: float, now: datetime) -> tuple[Out, ...]:
    """The same for an article that somebody was alerted to."""
    due = alert.first_seen + timedelta(seconds=wait)
    is_late = alert.version > 1 and now >= due
    if (
        not wait
        or is_late
        or alert.counted
        or alert.backlog
        or alert.duplicate_of
        or alert.article != article_id(alert.url)
    ):
        return ()
    item = Item(
        feed=alert.feed, source=alert.source, url=alert.url, seen=alert.first_seen, title=alert.title,
        published=alert.published, language=alert.language, country=alert.outlet_country, first_seen=alert.first_seen,
        profile=alert.profile, revisit=number,
    )  # fmt: skip
    return (_wish(alert.article, due, item),)


def _may_be_revisited(document: Document) -> bool:
    """Whether the article has a page and is no copy, no old news and no mere note."""
    article = document.article
    from_feed = article.fetched is not None and article.fetched.status == 0
    only_in_feed = article.id != article_id(article.url) and from_feed
    return not (document.relation.noted or document.relation.duplicate_of or article.backlog or only_in_feed)


def _item(document: Document) -> Item:
    article = document.article
    own_id = article.id != article_id(article.url)
    return Item(
        feed=article.feed, source=article.source, url=article.url, seen=document.relation.first_seen, guid=article.guid,
        title=article.title.value, published=article.published, language=article.language, country=article.country,
        image=article.image, link="shared" if own_id else "own", article=article.id if own_id else None,
        first_seen=document.relation.first_seen, profile=article.profile,
    )  # fmt: skip


def _revisit(item: Item, number: int, wait: float, now: datetime) -> Out:
    item = replace(item, revisit=number, seen=now + timedelta(seconds=wait))
    return put_off(item, registrable(item.url), now, wait)


def _wish(article: str, due: datetime, item: Item) -> Out:
    return Out(WANTED, article, Revisit(article=article, due=due, item=item))

"""Schedules re-visits of articles: corrections come in the first hours, retractions later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from pipeline.core.timing.delays import put_off
from pipeline.core.urls import article_id, registrable
from pipeline.records import Alert, Document, Item
from pipeline.stage import Out


def revisits_of_document(document: Document, waits: Sequence[float], now: datetime) -> tuple[Out, ...]:
    """Re-visits of an article, `waits` seconds from now; none unless it is new, no copy or backlog, and on a page."""
    article, relation = document.article, document.relation
    is_first = relation.kind == "new" and relation.version == 1 and not article.revisit
    own_id = article.id != article_id(article.url)
    from_feed = article.fetched is not None and article.fetched.status == 0
    if not is_first or relation.duplicate_of or article.backlog or (own_id and from_feed):
        return ()
    item = Item(
        feed=article.feed, source=article.source, url=article.url, seen=relation.first_seen, guid=article.guid,
        title=article.title.value, published=article.published, language=article.language, country=article.country,
        image=article.image, link="shared" if own_id else "own", article=article.id if own_id else None,
        profile=article.profile,
    )  # fmt: skip
    return tuple(_revisit(item, number, wait, now) for number, wait in enumerate(waits, 1))


def revisit_of_alert(alert: Alert, number: int, wait: float, now: datetime) -> tuple[Out, ...]:
    """One more revisit, the `number`-th, of an article that somebody was alerted to. `wait` 0: none."""
    if not wait or alert.backlog or alert.version > 1 or alert.duplicate_of or alert.article != article_id(alert.url):
        return ()
    item = Item(
        feed=alert.feed, source=alert.source, url=alert.url, seen=alert.first_seen, title=alert.title,
        published=alert.published, language=alert.language, profile=alert.profile,
    )  # fmt: skip
    return (_revisit(item, number, wait, now),)


def _revisit(item: Item, number: int, wait: float, now: datetime) -> Out:
    item = replace(item, revisit=number, seen=now + timedelta(seconds=wait))
    return put_off(item, registrable(item.url), now, wait)

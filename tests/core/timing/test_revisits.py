"""When articles are fetched again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.core.timing.delays import DELAYS
from pipeline.core.timing.revisits import late_revisit_of_alert, late_revisit_of_document, revisits_of_document
from pipeline.core.urls import article_id
from pipeline.records import Alert, Document, Item, Revisit
from pipeline.stage import Out
from tests import builders

URL = "https://www.example.org/n/1"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WAITS = (3600, 6 * 3600, 24 * 3600)


def document(**changes: Any) -> Document:
    article = {"url": URL, "feed": "faro", "source": "El Faro", "guid": "g", "country": "VE"}
    return builders.document("N 1", **article | {"first_seen": NOW} | changes)


def test_a_new_article_is_fetched_three_times_more() -> None:
    outs = revisits_of_document(document(), WAITS, NOW)
    waits = [out.due - NOW for out in outs if out.due]
    assert waits == [timedelta(hours=1), timedelta(hours=6), timedelta(hours=24)]
    assert [DELAYS[out.partition or 0] for out in outs] == [3600, 21600, 86400]
    found = [out.record for out in outs if isinstance(out.record, Item)]
    assert [(item.revisit, item.seen - NOW) for item in found] == list(zip((1, 2, 3), waits, strict=True))
    assert {(item.feed, item.url, item.guid, item.title, item.country) for item in found} == {
        ("faro", URL, "g", "N 1", "VE")
    }
    assert {(out.stream, out.key) for out in outs} == {("items-later", "example.org")}


@pytest.mark.parametrize(
    "more",
    [{"backlog": True}, {"revisit": 1}, {"kind": "version", "version": 2}, {"kind": "copy", "duplicate_of": "b"}],
)
def test_others_are_not(more: dict[str, Any]) -> None:
    assert revisits_of_document(document(**more), WAITS, NOW) == ()


def alert(**changes: Any) -> Alert:
    return builders.alert(**{"article": article_id(URL), "url": URL, "feed": "faro"} | changes)


WEEK = 7 * 86400.0


def wish(outs: tuple[Out, ...]) -> Revisit:
    (out,) = outs
    assert isinstance(out.record, Revisit)
    assert (out.stream, out.key) == ("revisits-wanted", out.record.article)
    return out.record


def test_an_article_that_fired_an_alert_is_fetched_again_after_a_week() -> None:
    found = wish(late_revisit_of_alert(alert(first_seen=NOW), 4, WEEK, NOW))
    assert found.item is not None
    assert (found.due, found.item.revisit, found.item.feed) == (NOW + timedelta(days=7), 4, "faro")


@pytest.mark.parametrize(
    ("more", "wait"),
    [({"backlog": True}, 60), ({"duplicate_of": "b"}, 60), ({"article": "a1"}, 60), ({}, 0)],
)
def test_other_alerts_lead_to_none(more: dict[str, Any], wait: float) -> None:
    assert late_revisit_of_alert(alert(first_seen=NOW, **more), 4, wait, NOW) == ()


def test_an_alert_for_a_later_version_counts_until_the_revisit_is_due() -> None:
    assert late_revisit_of_alert(alert(first_seen=NOW, counted=True), 4, WEEK, NOW) == ()
    second = alert(version=2, first_seen=NOW)
    assert wish(late_revisit_of_alert(second, 4, WEEK, NOW + timedelta(days=6))).due == NOW + timedelta(days=7)
    assert late_revisit_of_alert(second, 4, WEEK, NOW + timedelta(days=7)) == ()


def test_an_article_with_a_topic_is_fetched_again_after_a_week() -> None:
    found = wish(late_revisit_of_document(document(id=article_id(URL), topics=("strike",)), 4, WEEK))
    assert found.item is not None
    assert (found.article, found.due, found.item.url) == (article_id(URL), NOW + timedelta(days=7), URL)


@pytest.mark.parametrize(
    ("more", "wished"),
    [
        ({"topics": ()}, False),
        ({"backlog": True}, False),
        ({"kind": "copy", "duplicate_of": "b"}, False),
        ({"kind": "version", "version": 2, "revisit": 2, "seen": NOW + timedelta(hours=6)}, True),
        ({"kind": "version", "version": 2, "revisit": 4, "seen": NOW + timedelta(days=7)}, False),
        ({"seen": NOW + timedelta(days=9)}, True),  # the daemon was off: the first version is late
    ],
)
def test_which_documents_are_revisited_late(more: dict[str, Any], wished: bool) -> None:
    found = late_revisit_of_document(document(**{"id": article_id(URL), "topics": ("strike",)} | more), 4, WEEK)
    assert bool(found) is wished

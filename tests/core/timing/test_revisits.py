"""When articles are fetched again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.core.timing.delays import DELAYS
from pipeline.core.timing.revisits import revisit_of_alert, revisits_of_document
from pipeline.core.urls import article_id
from pipeline.records import Alert, Document, Item
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


def test_an_article_that_fired_an_alert_is_fetched_again_after_three_days() -> None:
    (out,) = revisit_of_alert(alert(), 4, 72 * 3600, NOW)
    assert isinstance(out.record, Item)
    assert (out.due, out.record.revisit, out.record.feed) == (NOW + timedelta(hours=72), 4, "faro")


@pytest.mark.parametrize(
    ("more", "wait"),
    [({"backlog": True}, 60), ({"version": 2}, 60), ({"duplicate_of": "b"}, 60), ({"article": "a1"}, 60), ({}, 0)],
)
def test_other_alerts_lead_to_none(more: dict[str, Any], wait: float) -> None:
    assert revisit_of_alert(alert(**more), 4, wait, NOW) == ()

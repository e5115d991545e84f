"""Which report of a story was the first, whatever its outlets say of it afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from pipeline.core.stories.record import with_document
from pipeline.records import Dated, Document
from tests.builders import SEEN, document


def timed(n: int, seen: float, published: str | None, **more: Any) -> Document:
    """The report of outlet n, seen so many minutes after SEEN; `published`: as the outlet writes it."""
    moment = SEEN + timedelta(minutes=seen)
    one = document(
        f"Report {n}", id=f"a{n}", story_id="a1", source=f"S{n}", **{"seen": moment, "first_seen": moment} | more
    )
    dated = Dated(value=datetime.fromisoformat(published), source="meta", raw=published) if published else None
    return replace(one, article=replace(one.article, published=dated))


def first_of(*reports: Document) -> str | None:
    story = None
    for seq, one in enumerate(reports, 1):
        story = with_document(story, replace(one, relation=replace(one.relation, seq=seq)))
    return story.first.id if story and story.first else None


def again(n: int, seen: float, published: str | None, first: float) -> Document:
    """A later version of the report of outlet n."""
    return timed(
        n, seen, published, version=2, kind="version", first_seen=SEEN + timedelta(minutes=first)
    )  # fmt: skip


FIRST, SECOND = timed(1, 5, "2026-03-02T12:00Z"), timed(2, 9, "2026-03-02T12:04Z")


@pytest.mark.parametrize(
    ("reports", "first"),
    [
        ((FIRST, SECOND), "a1"),
        # one that was found late, but published before
        ((FIRST, timed(2, 90, "2026-03-02T11:40Z")), "a2"),
        # its outlet corrects the time afterwards, to an earlier one, or adds one
        ((FIRST, SECOND, again(2, 60, "2026-03-02T08:00Z", 9)), "a1"),
        ((FIRST, timed(2, 9, None), again(2, 60, "2026-03-02T08:00Z", 9)), "a1"),
        # or to a later one, as outlets do that renew their reports
        ((FIRST, SECOND, again(1, 60, "2026-03-02T13:00Z", 5)), "a1"),
        ((FIRST, SECOND, again(1, 60, None, 5)), "a1"),
        # a day, or its midnight, is no time
        ((FIRST, timed(2, 9, "2026-03-02")), "a1"),
        ((FIRST, timed(2, 9, "2026-03-02T00:00:00+01:00")), "a1"),
        ((FIRST, timed(2, 9, "2026-03-02 00:00")), "a1"),
        ((FIRST, timed(2, 9, "2026-03-02T10:00:00Z")), "a2"),
        # weeks before it was seen: an error, or another text at the address
        ((FIRST, timed(2, 9, "2026-01-01T12:00Z")), "a1"),
    ],
)  # fmt: skip
def test_the_first_report_follows_from_what_was_said_at_first(reports: tuple[Document, ...], first: str) -> None:
    assert first_of(*reports) == first


def test_a_version_of_an_article_that_is_not_listed_any_more_does_not_become_the_first() -> None:
    late = timed(2, 90, "2026-03-02T08:00Z", version=3, kind="version", first_seen=SEEN + timedelta(minutes=60))
    assert first_of(FIRST, late) == "a1"

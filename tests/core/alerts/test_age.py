"""Which articles were old when they arrived."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.alerts.age import is_old
from pipeline.records import Dated
from tests.builders import SEEN, document

DAYS = 86400.0


@pytest.mark.parametrize(
    ("published", "source", "old"),
    [
        (SEEN - timedelta(hours=71), "feed", False),
        (SEEN - timedelta(hours=73), "feed", True),
        (datetime(2019, 5, 1, tzinfo=UTC), "json-ld", True),
        (datetime(2019, 5, 1, tzinfo=UTC), "opengraph", True),
        (datetime(2019, 5, 1, tzinfo=UTC), "meta", True),
        (datetime(2019, 5, 1, tzinfo=UTC), "url", True),
        (datetime(2019, 5, 1, tzinfo=UTC), "html", False),  # a date in the running page may be of something else
        (datetime(2019, 5, 1, tzinfo=UTC), "htmldate", False),
        (datetime(2019, 5, 1, tzinfo=UTC), "pdf", False),  # of the template
        (datetime(1970, 1, 1, tzinfo=UTC), "feed", False),  # no date at all
        (datetime(2000, 1, 1, 5, tzinfo=UTC), "feed", False),
    ],
)
def test_age(published: datetime, source: str, old: bool) -> None:
    dated = Dated(value=published, source=source, raw="")
    assert is_old(document("T", published=dated), 3 * DAYS) == old


def test_age_is_measured_at_arrival() -> None:
    dated = Dated(value=SEEN - timedelta(days=1), source="feed", raw="")
    later = document("T", version=3, seen=SEEN + timedelta(days=30), published=dated)
    assert not is_old(later, 3 * DAYS)
    assert not is_old(document("T"), 3 * DAYS)  # without a date
    assert is_old(document("T", published=dated), 0.5 * DAYS)

"""The names of streams and consumer groups: old news beside new, and what waits until it is due."""

from __future__ import annotations

from pipeline.config.settings import Keep
from pipeline.log.streams import (
    backfill_name,
    declared_streams,
    is_backfill,
    is_delayed,
    stream_for,
    without_backfill,
    without_delay,
)


def test_old_news_has_a_stream_beside_that_for_new() -> None:
    assert [stream_for("items", backlog) for backlog in (False, True)] == ["items", "items-backfill"]
    assert without_backfill(backfill_name("clean")) == "clean"
    assert without_backfill("clean") == "clean"


def test_the_declared_streams_of_each_kind() -> None:
    names = [stream.name for stream in declared_streams(Keep(), 1.0)]
    assert [name for name in names if is_backfill(name)] == ["items-backfill", "articles-backfill"]
    assert [name for name in names if is_delayed(name)] == ["items-later"]
    assert without_delay("items-later") == "items"

"""The daemon's output for people: short lines that fit the screen; why each feed fails and when it is retried."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from rich.cells import cell_len

from pipeline.config.settings import Logs
from pipeline.records import FeedState
from pipeline.stage import Message, Out, Position, StepResult
from pipeline.stages.poll import Polled, Report
from pipeline.terminal.lines import Lines
from pipeline.terminal.logs import _LogFile, configure
from pipeline.terminal.reporter import LISTED, Reporter
from tests.builders import document

NOW = datetime.now(UTC)  # only to be today: the day is left out of a clock time then
LONG = {
    "event": "article", "level": "info", "timestamp": "2026-03-02 12:00:00", "source": "江畔日报", "language": "zh",
    "kind": "copy", "title": "欧盟制裁九家向缅甸运送航空燃油的航运公司 " * 4, "topics": "sanctions,arms-deals",
}  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_an_article_takes_one_line_of_the_screen(width: int) -> None:
    line = Lines(False, lambda: width)(None, "info", dict(LONG))
    assert "\n" not in line
    assert cell_len(line) <= width
    assert line.startswith("12:00:00 article")
    assert line.endswith("sanctions +1") == (width > 60)
    assert "(copy)" in line


def test_where_there_is_no_screen_nothing_is_cut_or_coloured() -> None:
    line = Lines(False)(None, "info", dict(LONG))
    assert str(LONG["title"]).strip() in line
    assert line.endswith("sanctions,arms-deals")
    assert line.startswith("2026-03-02 12:00:00 ")


@pytest.mark.parametrize("name", ["article", "feed failed", "anything else"])
def test_what_strangers_write_cannot_steer_the_terminal(name: str) -> None:
    evil = "a\x1b[2Jb\r\n\u202ec"
    event = LONG | {"event": name, "title": evil, "feed": evil, "detail": evil, "why": "dns", "next_try": "12:00"}
    line = Lines(False, lambda: 80)(None, "info", event)
    assert not set(line) & set("\x1b\r\n\u202e")


def polled(feed: str, why: str | None = None, new: int = 0) -> Polled:
    soon = NOW if NOW.hour == 23 else NOW + timedelta(minutes=7)
    state = FeedState(feed=feed, polled_at=NOW, next_at=soon, interval=60, error=why)
    return Polled(state, (), {}, Report(feed, feed, why or "ok", new, 1, soon, why, f"of {feed}" if why else ""))


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Configure the logs, run, and get back what was written."""
    before = structlog.get_config()

    def logged(reporter: Reporter, **logs: Any) -> list[str]:
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        configure(Logs(**logs))
        reporter.flush()
        return stream.getvalue().splitlines()

    yield logged
    structlog.configure(**before)


def test_many_feeds_failing_alike_share_a_line_that_says_when_each_is_retried(logged: Any) -> None:
    reporter = Reporter()
    for n in range(50):
        reporter.polled(polled(f"feed-{n}", "dns"))
    head, *rest = logged(reporter)
    assert "50 feeds; is this machine online? dns, as: of feed-0" in head
    for n in range(50):
        assert f"feed-{n}\u00a0{polled('', 'dns').report.next_at:%H:%M:%S}" in "\n".join(rest)
    assert len(rest) < 20
    assert reporter.totals()["polls_failed"] == 50
    assert logged(reporter) == []  # once


def test_few_failing_feeds_get_a_line_each_and_the_rest_one(logged: Any) -> None:
    reporter = Reporter()
    for n in range(10):
        reporter.polled(polled(f"feed-{n}", new=3))
    reporter.polled(polled("broken", "not_a_feed"))
    reporter.polled(polled("away", "http_404"))
    lines = logged(reporter)
    assert len(lines) == 3
    assert "12 polled, 30 new items" in lines[0]
    assert "broken: not_a_feed (of broken), next try " in lines[1]
    assert "away: http_404 (of away), next try " in lines[2]


async def test_a_daemon_lists_so_many_articles_and_counts_the_others() -> None:
    reporter = Reporter()
    found = StepResult(tuple(Out("documents", str(n), document(f"Item {n}")) for n in range(LISTED + 40)), "ok")
    message = Message(Position("tagged", 0, 0), "k", b"", datetime(2026, 3, 1, tzinfo=UTC))
    with structlog.testing.capture_logs() as lines:
        reporter.ended("relate", found, message)  # `poll --once`: all of them
        regular = asyncio.create_task(reporter.report_regularly(60))
        await asyncio.sleep(0)
        reporter.ended("relate", found, message)
        regular.cancel()
    shown = [line["event"] for line in lines if line["log_level"] == "info"]
    assert shown == ["article"] * (2 * LISTED + 40)
    totals = reporter.totals()
    assert (totals["documents"], totals["unlisted"]) == (2 * (LISTED + 40), 40)


def test_for_programs_each_line_is_json(logged: Any) -> None:
    reporter = Reporter()
    for n in range(9):
        reporter.polled(polled(f"feed-{n}", "timeout"))
    (line,) = map(json.loads, logged(reporter, format="json"))
    assert (line["event"], line["why"], len(line["feeds"])) == ("feeds failed", "timeout", 9)


def test_a_stream_that_is_gone_does_not_end_the_daemon() -> None:
    gone = io.StringIO()
    gone.close()
    _LogFile(gone).msg("anybody there?")

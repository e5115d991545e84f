"""Statistics of alerts: counts, latencies, and how useful people found them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.backends.log_sqlite import SqliteLog
from pipeline.config.settings import Settings
from pipeline.log.streams import declared_streams
from pipeline.records import Dated
from pipeline.reports.alert_stats import Stats, Week, interval, plain, read_stats
from pipeline.reports.fired import read_ledger
from pipeline.stage import Out
from tests.builders import SEEN, alert
from tests.reports.ledgers import delivery, each, message, state

SINCE = SEEN - timedelta(days=21)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    opened = SqliteLog(tmp_path / "log.sqlite", declared_streams(Settings().keep, 3600.0), lambda: SEEN)
    yield opened
    await opened.close()


async def stats_of(log: SqliteLog, zone: str = "UTC") -> Stats:
    return await read_stats(log, await read_ledger(log), SINCE, SEEN, zone)


async def test_counts_and_marks_by_week(log: SqliteLog) -> None:
    await log.publish([
        state("a1", mark="useful"), state("a2", mark="noise"), state("a3", status="held", why="quiet"),
        state("a4", status="muted", at=SEEN - timedelta(days=7), mark="useful"), state("b1", rule="Coup"),
        state("old", at=SINCE - timedelta(days=1)), message("m1", "a1"), message("m2", "a2", kind="follow_up"),
        message("m3", rule=""), each("r1"),  # r1: only for a file that keeps records
    ])  # fmt: skip
    found = await stats_of(log)
    troops = found.rules["Troops"]
    assert troops.statuses == {"reported": 2, "held": 1, "muted": 1}
    assert troops.messages == {"alert": 1, "follow_up": 1}
    assert troops.recorded == 1
    assert troops.last == SEEN
    assert (troops.useful, troops.noise) == (2, 1)
    assert found.weeks == (date(2026, 2, 9), date(2026, 2, 16), date(2026, 2, 23), date(2026, 3, 2))
    assert troops.weeks == {date(2026, 3, 2): Week(3, 1, 1), date(2026, 2, 23): Week(1, 1, 0)}
    assert plain(troops, found.weeks)["weeks"][0] == {"week": "2026-02-09", "alerts": 0, "useful": 0, "noise": 0}
    assert found.rules["Coup"].precision is None


async def test_weeks_are_local(log: SqliteLog) -> None:
    await log.publish([state("a1", at=datetime(2026, 3, 1, 20, tzinfo=UTC))])  # Monday, 09:00 there
    found = await stats_of(log, "Pacific/Auckland")
    assert list(found.rules["Troops"].weeks) == [date(2026, 3, 2)]


async def test_latencies(log: SqliteLog) -> None:
    outs = []
    for n in range(100):
        seen = SEEN + timedelta(minutes=n)
        published = Dated(value=seen - timedelta(seconds=60 + n), source="feed", raw="")
        id = f"a{n}"
        outs += [
            Out("alerts", "Troops", alert(id, id=id, published=published, first_seen=seen, seen=seen)),
            state(id, at=seen + timedelta(seconds=1)),
            message(f"m{n}", id, at=seen + timedelta(seconds=1)),
            delivery(f"m{n}", at=seen + timedelta(seconds=1.5)),
        ]
    late: tuple[dict[str, Any], ...] = ({"backlog": True}, {"old": True}, {"counted": True})  # for other reasons
    for n, changes in enumerate(late):
        published = Dated(value=SEEN - timedelta(days=9), source="feed", raw="")
        outs += [Out("alerts", "Troops", alert(f"x{n}", id=f"x{n}", published=published, **changes)), state(f"x{n}")]
    outs += [message("f", kind="follow_up"), delivery("f", at=SEEN + timedelta(hours=9))]  # waited on purpose
    await log.publish(outs)
    troops = (await stats_of(log)).rules["Troops"]
    assert troops.latency("published_seen") == (109.0, 158.0)
    assert troops.latency("seen_alerted") == (1.0, 1.0)
    assert troops.latency("alerted_sent") == (0.5, 0.5)


async def test_without_alerts(log: SqliteLog) -> None:
    assert (await stats_of(log)).rules == {}


@pytest.mark.parametrize(
    ("hits", "tries", "expected"),
    # The bounds of R's binom::binom.wilson.
    [(0, 10, (0.0, 0.0, 0.2775)), (5, 10, (0.5, 0.2366, 0.7634)), (10, 10, (1.0, 0.7225, 1.0)),
     (81, 263, (0.308, 0.2553, 0.3662)), (1, 1, (1.0, 0.2065, 1.0))],
)  # fmt: skip
def test_the_interval_is_wilsons(hits: int, tries: int, expected: tuple[float, float, float]) -> None:
    assert interval(hits, tries) == pytest.approx(expected, abs=1e-4)


def test_without_marks_there_is_no_interval() -> None:
    assert interval(0, 0) is None

"""The status of an embedded log: what its counters and offsets say, and what waits to be looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.backends.log_sqlite import SqliteLog
from pipeline.config.settings import Settings
from pipeline.log.streams import STAGES, declared_streams
from pipeline.ports import Ack
from pipeline.records import AlertState, Dead, FeedState, Request
from pipeline.reports.alerts import read_alerts
from pipeline.reports.dead import read_dead
from pipeline.reports.seen import see_embedded
from pipeline.reports.status import report_of
from pipeline.stage import Out
from tests.builders import feed, item

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
NOTHING = {"waiting": 0, "planned": 0, "oldest": None}


async def embedded_status(log: SqliteLog) -> dict[str, Any]:
    return report_of(await see_embedded(log, AT))


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    opened = SqliteLog(tmp_path / "log.sqlite", declared_streams(Settings().keep, 1.0), lambda: AT)
    yield opened
    await opened.close()


def dead(offset: int) -> Out:
    record = Dead(stage="tag", stream="articles", partition=0, offset=offset, key="k", error="E", detail="", at=AT,
                  value=b"")  # fmt: skip
    return Out("dead", f"articles/0/{offset}", record)


async def test_nothing_was_done_yet(log: SqliteLog) -> None:
    status = await embedded_status(log)
    assert set(status["stages"]) == set(STAGES)
    assert all(row == {"taken": 0, **NOTHING, "outcomes": {}, "adds_up": True} for row in status["stages"].values())
    assert (status["feeds"], status["alerts"]) == ({"polled": 0, "failing": [], "moved": [], "dropped": []}, {})
    assert status["dead"] == {"kept": 0, "open": 0}


async def test_stages_are_counted_and_must_add_up(log: SqliteLog) -> None:
    await log.publish([Out("items", f"{n}", item(f"https://a.example/{n}"), partition=0) for n in range(5)])
    await log.commit([], {("clean", "ok"): 2, ("clean", "drop.short"): 1}, [Ack("clean", "items", 0, 3)])
    row = (await embedded_status(log))["stages"]["clean"]
    assert row == {
        "taken": 3,
        "waiting": 2,
        "planned": 0,
        "oldest": "2026-03-02T12:00:00+00:00",
        "outcomes": {"ok": 2, "drop.short": 1},
        "adds_up": True,
    }
    await log.commit([], {}, [Ack("clean", "items", 0, 4)])
    assert not (await embedded_status(log))["stages"]["clean"]["adds_up"]


async def test_ticks_and_fetches_are_not_outcomes_of_records(log: SqliteLog) -> None:
    await log.commit([], {("notify", "tick"): 7, ("poll", "fetch.ok"): 3, ("poll", "entry.item"): 9})
    assert all(row["adds_up"] for row in (await embedded_status(log))["stages"].values())


async def test_feeds_that_fail_are_named_with_their_reason(log: SqliteLog) -> None:
    failing: dict[str, Any] = {"polled_at": AT, "next_at": AT, "interval": 900, "error": "dns", "failing_since": AT}
    for name, changes in {"a": failing, "b": failing | {"error": None}, "off": failing}.items():
        await log.publish(
            [
                Out("feeds", name, feed(name, enabled=name != "off")),
                Out("feed-state", name, FeedState(feed=name, **changes)),
            ]
        )
    feeds = (await embedded_status(log))["feeds"]
    assert feeds["polled"] == 2
    assert [(row["id"], row["error"], row["since"]) for row in feeds["failing"]] == [("a", "dns", AT.isoformat())]


async def test_dead_records_are_open_until_they_are_replayed(log: SqliteLog) -> None:
    await log.publish([dead(0), dead(1), Out("control", "dead/0", Request(replayed=0))])
    found = await read_dead(log)
    assert (list(found.kept), found.replayed) == ([0, 1], {0})
    assert (await embedded_status(log))["dead"] == {"kept": 2, "open": 1}


async def test_alerts_are_counted_by_their_newest_status(log: SqliteLog) -> None:
    states = [
        ("1", "Markets", "held"),
        ("1", "Markets", "reported"),
        ("2", "Markets", "muted"),
        ("3", "Coups", "reported"),
    ]
    for id, rule, status in states:
        await log.publish([Out("alert-state", id, AlertState(id=id, rule=rule, original="a", status=status, at=AT))])
    assert await read_alerts(log) == {"Markets": {"reported": 1, "muted": 1}, "Coups": {"reported": 1}}
    assert (await embedded_status(log))["alerts"] == {"muted": 1, "reported": 2}

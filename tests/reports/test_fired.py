"""What fired, read from a real log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.backends.log_sqlite import SqliteLog
from pipeline.config.settings import Settings
from pipeline.log.streams import declared_streams
from pipeline.reports.fired import Wanted, by_prefix, fired, plain, read_ledger
from pipeline.stage import Out
from tests.builders import SEEN
from tests.reports.ledgers import delivery, message, state

EARLY = SEEN - timedelta(days=1)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    opened = SqliteLog(tmp_path / "log.sqlite", declared_streams(Settings().keep, 3600.0), lambda: SEEN)
    yield opened
    await opened.close()


async def test_what_fired_is_listed_newest_first(log: SqliteLog) -> None:
    await log.publish([
        state("a1", at=SEEN - timedelta(hours=2)), state("a2", rule="Coup", story="s2"),
        state("a3", status="held", why="quiet", at=SEEN - timedelta(hours=1)), state("old", at=EARLY),
        Out("alert-state", "started/Troops", state("started/Troops", status="started").record),
    ])  # fmt: skip
    ledger = await read_ledger(log)
    since = SEEN - timedelta(hours=3)
    assert [one.id for one in fired(ledger, Wanted(since))] == ["a2", "a3", "a1"]
    assert [one.id for one in fired(ledger, Wanted(since, rule="Troops"))] == ["a3", "a1"]
    assert [one.id for one in fired(ledger, Wanted(since, story="s2"))] == ["a2"]
    assert [one.id for one in fired(ledger, Wanted(since, status="held"))] == ["a3"]


async def test_an_alert_with_the_message_it_went_out_with(log: SqliteLog) -> None:
    later = SEEN + timedelta(hours=8)
    await log.publish([
        state("a1", message="m1"), state("a2", status="held", why="quiet", due=later), message("m1", "a1"),
        delivery("m1"), delivery("m1", "waiting", channel="u"),
    ])  # fmt: skip
    ledger = await read_ledger(log)
    one, other = (plain(ledger.alerts[id], ledger) for id in ("a1", "a2"))
    assert (one["message"], one["kind"], one["due"]) == ("m1", "alert", None)
    assert [(row["channel"], row["status"]) for row in one["channels"]] == [("t", "sent"), ("u", "waiting")]
    assert (other["why"], other["due"], other["channels"]) == ("quiet", later.isoformat(timespec="seconds"), [])


async def test_the_alerts_of_a_message(log: SqliteLog) -> None:
    await log.publish([message("m1", "a1", "gone"), state("a1"), state("a2", message="m1"), state("a3")])
    assert (await read_ledger(log)).alerts_of("m1") == ("a1", "a2")


def test_the_start_of_an_id_is_enough() -> None:
    ids = ["abc", "abd", "ab"]
    assert by_prefix("abc", ids) == ["abc"]
    assert by_prefix("ab", ids) == ["ab"]  # it is one
    assert by_prefix("a", ids) == ids
    assert by_prefix("x", ids) == []

"""`almenara status`."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.assembly.data_lock import lock
from pipeline.records import Dead, Heartbeat, Problem
from pipeline.stage import Out
from tests.commands.asking import Ask, publish
from tests.reports.problem_cases import beat


def test_status_before_anything_was_done(ask: Ask, config: Path) -> None:
    answer = ask("status", "--json").json
    assert (answer["daemon"], answer["documents"], answer["alerts"]) == (None, 0, {})
    assert all(stage["adds_up"] and not stage["taken"] for stage in answer["stages"].values())
    assert [(one["part"], one["state"]) for one in answer["problems"]] == [("daemon", "stopped")]
    assert ask("status").code == 5
    assert not (config.parent / "data").exists()


def test_a_log_that_another_version_wrote_or_that_is_torn(ask: Ask, config: Path) -> None:
    publish(config)
    log = config.parent / "data" / "log.sqlite"
    with sqlite3.connect(log) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    newer = ask("status")
    assert newer.code == 3
    assert "newer Almenara" in newer.err
    for file in log.parent.glob("log.sqlite*"):
        file.unlink()
    log.write_bytes(b"this is no database" * 500)
    torn = ask("status")
    assert torn.code == 3
    assert "almenara restore" in torn.err


def running(**changes: Any) -> Heartbeat:
    now = datetime.now(UTC)
    given: dict[str, Any] = {"pid": os.getpid(), "started": now, "at": now}
    return beat(**given | changes)


def test_a_daemon_that_is_well(ask: Ask, config: Path) -> None:
    publish(config, Out("workers", "desk", running()))
    with lock(config.parent / "data"):
        answer = ask("status", "--json")
        assert (answer.code, answer.json["problems"]) == (0, [])
        assert [worker["state"] for worker in answer.json["workers"]] == ["running"]
        assert ask("status").code == 0


def test_problems_come_first_and_make_the_code_5(ask: Ask, config: Path) -> None:
    problem = Problem(
        part="configuration", state="refused", why="alerts.toml:3: \x1b[31mno such topic", since=datetime.now(UTC)
    )
    publish(config, Out("workers", "desk", running(problems=(problem,))))
    with lock(config.parent / "data"):
        answer = ask("status")
    assert answer.code == 5
    line = answer.out.splitlines()[1]
    assert line.startswith("! configuration refused (desk), since ")
    assert "alerts.toml:3:" in line
    assert "To do: correct the fault" in line
    assert "\x1b" not in answer.out


def test_a_daemon_that_hangs(ask: Ask, config: Path) -> None:
    publish(config, Out("workers", "desk", running(at=datetime.now(UTC) - timedelta(seconds=30))))
    with lock(config.parent / "data"):
        [one] = ask("status", "--json").json["problems"]
    assert (one["part"], one["state"], one["worker"]) == ("daemon", "silent", "desk")


@pytest.mark.parametrize(("ignore", "code"), [("daemon,dead", 0), ("daemon", 5), ("dead, feeds", 5), ("nonsense", 2)])
def test_parts_that_are_left_out_of_the_code(ask: Ask, config: Path, ignore: str, code: int) -> None:
    dead = Dead(stage="tag", stream="articles", partition=0, offset=1, key="k", error="E", detail="",
                at=datetime.now(UTC), value=b"")  # fmt: skip
    publish(config, Out("dead", "articles/0/1", dead))
    answer = ask("status", "--ignore", ignore)
    assert answer.code == code
    assert ("! dead open" in answer.out) == (code != 2)

"""`almenara status`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.commands.asking import Ask, publish


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

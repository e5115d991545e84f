"""`almenara backup`, `almenara restore` and `almenara reindex`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.assembly.data_lock import lock
from tests.commands.asking import Ask


@pytest.mark.usefixtures("articles")
def test_backup_and_restore_into_a_fresh_place(ask: Ask, tmp_path: Path) -> None:
    ask("feeds", "add", "https://example.org/rss.xml", "--no-check")
    assert ask("backup", "saved").code == 0
    refused = ask("backup", "saved")
    assert refused.code == 1
    assert "not empty" in refused.err
    ask("init", "fresh/config")
    assert ask("restore", "saved", "--config", "fresh/config").code == 0
    before, after = (ask("export", "--config", where).out for where in ("config", "fresh/config"))
    assert before == after
    assert len(before.splitlines()) == 3
    assert ask("search", "senate", "--json", "--config", "fresh/config").json["total"] == 1
    held = ask("restore", "saved", "--config", "fresh/config")
    assert held.code == 1
    assert "--force" in held.err
    assert ask("restore", "saved", "--force", "--config", "fresh/config").code == 0
    assert ask("export", "--config", "fresh/config").out == before
    assert (tmp_path / "fresh" / "data-before-restore").is_dir()


@pytest.mark.usefixtures("articles")
def test_configuration_and_alert_files_come_back(ask: Ask, config: Path, tmp_path: Path) -> None:
    (config / "topics" / "own").mkdir(parents=True)
    (config / "notes.txt").write_text("ours")
    data = config.parent / "data"
    (data / "alerts.jsonl").write_text("one\n")
    (data / "alerts.jsonl.1").write_text("zero\n")
    assert ask("backup", "saved").code == 0
    assert (tmp_path / "saved").stat().st_mode & 0o777 == 0o700
    assert ask("restore", "saved", "--config", "new/config").code == 0  # on a machine that has nothing
    assert (tmp_path / "new" / "config" / "notes.txt").read_text() == "ours"
    assert (tmp_path / "new" / "data" / "alerts.jsonl").read_text() == "one\n"
    assert (tmp_path / "new" / "data" / "alerts.jsonl.1").read_text() == "zero\n"
    assert not (tmp_path / "new" / "data" / "daemon.lock.1").exists()

    (data / "alerts.jsonl").write_text("one\ntwo\n")  # the second was sent after the backup
    (config / "notes.txt").write_text("changed")
    (config / "extra.txt").write_text("added")
    kept = ask("restore", "saved", "--force")
    assert kept.code == 0
    assert "left as it is; 2 files differ" in kept.out
    assert "extra.txt, notes.txt" in kept.out
    assert (config / "notes.txt").read_text() == "changed"
    assert (data / "alerts.jsonl").read_text() == "one\ntwo\n"  # and is not written again

    (data / "alerts.jsonl").write_text("another\n")
    with lock(data):
        assert ask("restore", "saved", "--force", "--configuration").code == 3
    assert (config / "notes.txt").read_text() == "changed"
    assert ask("restore", "saved", "--force", "--configuration").code == 0
    assert (config / "notes.txt").read_text() == "ours"
    assert not (config / "extra.txt").exists()
    assert (config.parent / "config-before-restore" / "notes.txt").read_text() == "changed"
    assert (data / "alerts.jsonl").read_text() == "one\n"
    assert "differ" not in ask("restore", "saved", "--force").out


@pytest.mark.slow
@pytest.mark.usefixtures("articles")
@pytest.mark.parametrize("place", ["restore.staged:1", *(f"restore.rename:{n}" for n in range(1, 6))])
def test_a_restore_that_was_killed_is_completed_by_the_next(ask: Ask, config: Path, place: str) -> None:
    data = config.parent / "data"
    (data / "alerts.jsonl").write_text("one\n")
    ask("feeds", "add", "https://example.org/rss.xml", "--no-check")
    wanted = ask("export").out
    assert ask("backup", "saved").code == 0
    (data / "alerts.jsonl").write_text("one\ntwo\n")
    command = [sys.executable, "-m", "pipeline", "restore", "saved", "--force"]
    killed = subprocess.run(
        command, env=os.environ | {"ALMENARA_FAILPOINT": place}, start_new_session=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    if place.startswith("restore.rename"):
        held = ask("poll", "--once")
        assert held.code == 3
        assert "a restore into" in held.err
        assert "was interrupted" in held.err
    answer = ask("restore", "saved", "--force")
    assert answer.code == 0, answer.err
    assert ask("export").out == wanted
    assert (data / "alerts.jsonl").read_text() == "one\ntwo\n"
    aside = config.parent / "data-before-restore"
    assert {"log.sqlite", "index", "alerts.jsonl"} <= {path.name for path in aside.iterdir()}
    assert not (data / "restoring").exists()
    assert ask("poll", "--once").code == 0


@pytest.mark.usefixtures("articles")
def test_restore_refuses_a_place_that_the_settings_do_not_use(ask: Ask, config: Path) -> None:
    assert ask("backup", "saved").code == 0
    (config / "almenara.toml").write_text(f'log_url = "sqlite:///{config.parent / "elsewhere.sqlite"}"\n')
    answer = ask("restore", "saved", "--force")
    assert answer.code == 1
    assert "remove log_url and index_url" in answer.err


def test_restore_refuses_what_is_no_backup(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    answer = ask("restore", "other")
    assert answer.code == 1
    assert "is not a backup" in answer.err


@pytest.mark.usefixtures("articles")
def test_what_needs_the_daemon_to_stand_still_says_so(ask: Ask, config: Path) -> None:
    assert ask("backup", "saved").code == 0
    with lock(config.parent / "data"):
        for command in (("reindex",), ("restore", "saved", "--force"), ("poll", "--once"), ("run",)):
            answer = ask(*command)
            assert answer.code == 3, command
            assert f"another daemon (pid {os.getpid()})" in answer.err
        assert ask("status", "--json").json["daemon"] == os.getpid()
        assert ask("search", "senate", "--json").json["total"] == 1
    assert ask("reindex").out == "3 records reindexed\n"
    assert ask("search", "senate", "--json").json["total"] == 1

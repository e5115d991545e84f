"""`almenara backup`, `almenara restore` and `almenara reindex`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.assembly.data_lock import lock
from tests.commands.asking import Ask


@pytest.mark.usefixtures("articles")
def test_backup_and_restore_into_a_fresh_place(ask: Ask, tmp_path: Path) -> None:
    ask("feeds", "add", "https://example.org/rss.xml")
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

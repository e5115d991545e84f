"""`almenara init --compose`."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from pipeline import __version__
from pipeline.commands.check import check
from pipeline.commands.init import init_compose, init_config
from pipeline.config.folder import seed_of
from pipeline.config.shipped import SHIPPED_CONFIG
from tests.commands.compose_file import TEXT, generated


def test_init_makes_all_that_compose_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "deploy"
    init_compose(folder)
    said = capsys.readouterr().out
    assert (folder / "docker-compose.yml").read_text(encoding="utf-8") == TEXT
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    check(folder / "config", as_json=True)
    assert json.loads(capsys.readouterr().out)["ok"]
    assert "docker compose up" in said
    written = dict(line.split("=", 1) for line in (folder / ".env").read_text().splitlines() if "=" in line)
    assert written["IMAGE"] == f"almenara:{__version__}"
    assert not [value for key, value in written.items() if key != "IMAGE" and value in said]


def test_each_folder_gets_a_name_for_its_feeds(tmp_path: Path) -> None:
    """So that no feeds.toml removes what another one published, even in containers where every folder has one path."""
    init_config(tmp_path / "one")
    init_compose(tmp_path / "two")
    names = [seed_of(folder).name for folder in (tmp_path / "one", tmp_path / "two" / "config", SHIPPED_CONFIG)]
    assert re.fullmatch("feeds-[0-9a-f]{8}", names[0])
    assert len(set(names)) == 3
    assert names[2] == ""
    assert seed_of(tmp_path / "one").feeds == seed_of(SHIPPED_CONFIG).feeds


def test_init_leaves_alone_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".env").write_text("MINE=1\n")
    (tmp_path / "config").mkdir()
    init_compose(tmp_path)
    assert (tmp_path / ".env").read_text() == "MINE=1\n"
    assert list((tmp_path / "config").iterdir()) == []
    before = (tmp_path / "docker-compose.yml").stat()
    init_compose(tmp_path)
    assert (tmp_path / "docker-compose.yml").stat() == before
    assert capsys.readouterr().out.count("which already exists") == 5


def test_passwords_are_strong_and_of_one_folder() -> None:
    one, other = generated(), generated()
    secrets = set(one) - {"IMAGE"}
    for name in secrets:
        assert re.fullmatch(r"[A-Za-z0-9]{40,}", one[name]), (
            name
        )  # nothing that a shell, YAML, JSON or a URL would take
        assert one[name] != other[name]
    assert len({one[name] for name in secrets}) == len(secrets)

"""`almenara rules format` and `almenara rules stats`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import cli
from tests.builders import STRIKE_TOPIC

ENGLISH = """[strike]
terms = ["strike*", "strikes", "walkout"]

[[must_match]]
text = "A strike at the port."

[port]
terms = ["port"]  # not: airport
[[must_not_match]]
text = "The port."
"""
SPANISH = '[strike]\nterms = [\n    "huelga",\n]\n'
LABELS = """
[[article]]
id = "en-1"
language = "en"
published = 2026-03-14
title = "Port strike"
text = "Dockers in Hull began a strike at the port on Monday morning."
topics = ["strike"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config" / "topics" / "strike"
    folder.mkdir(parents=True)
    for name, text in {"topic": STRIKE_TOPIC, "en": ENGLISH, "es": SPANISH}.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return tmp_path / "config"


Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def ask(config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Exit code and standard output of `almenara rules …`."""

    def ask(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["almenara", "rules", *arguments, "--config", str(config)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        return int(left.value.code or 0), capsys.readouterr().out

    return ask


def test_format_changes_language_files_alone(config: Path, ask: Ask) -> None:
    assert ask("format", "--check") == (1, "would change topics/strike/en.toml\n")
    assert (config / "topics" / "strike" / "en.toml").read_text("utf-8") == ENGLISH
    assert ask("format") == (0, "changed topics/strike/en.toml\n")
    formatted = (config / "topics" / "strike" / "en.toml").read_text("utf-8")
    assert formatted.startswith('[port]\nterms = [\n    "port",\n    # not: airport\n]\n\n[strike]\n')
    assert (config / "topics" / "strike" / "topic.toml").read_text("utf-8") == STRIKE_TOPIC
    assert ask("format", "--check") == (0, "")


def test_stats(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "en.toml").write_text(LABELS, "utf-8")
    found = json.loads(ask("stats", "--json", "--labels", str(tmp_path / "labels"))[1])
    assert [(one["language"], one["terms"], one["examples"]) for one in found["files"]] == [("en", 4, 2), ("es", 1, 0)]
    assert found["missing"] == [{"folder": "strike", "concept": "port", "languages": ["es"], "has_any": False}]
    assert [(one["term"], one["by"]) for one in found["shadowed"]] == [("strikes", "strike*")]
    assert [one["term"] for one in found["never_found"]] == ["strikes", "walkout"]


def test_stats_for_people(ask: Ask) -> None:
    lines = ask("stats", "--language", "es")[1].splitlines()
    assert lines[1].split() == ["strike", "es", "1", "1", "1", "0", "0", "0"]
    assert lines[2:] == ["missing: strike: port: es"]

"""Commands that only read change nothing: neither the log, nor a file of the data folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.assembly.deployment import deployment_for
from pipeline.cli import COMMANDS
from pipeline.records import Feed
from pipeline.stage import Out
from tests.builders import document
from tests.commands.asking import READING_COMMANDS, Ask, dead, publish

FEEDS = 'name = "other"\n[[feed]]\nid = "x"\nname = "X"\nurl = "https://example.org/x"\n'
#: Commands that write, or that neither use the log nor the data folder.
OTHERS = {
    "accept", "init", "run", "worker", "demo", "poll", "process", "evaluate", "reindex", "backup", "restore",
    "bench", "feeds add", "feeds remove", "feeds import", "feeds test", "alerts import", "channels test",
    "dead replay", "streams create", "kibana import", "rules format", "health", "rebuild-state", "streams repair",
    "skip", "alerts resend", "alerts mark", "alerts mute", "alerts unmute", "stories merge", "stories split",
    "console", "feeds pause", "feeds resume", "users add", "users list", "users remove", "users token",
}  # fmt: skip


@pytest.fixture(autouse=True)
def inputs(config: Path) -> None:
    (config / "feeds.toml").write_text(FEEDS)
    text = "The senate voted on Tuesday to let the mine be extended by another ten years, its speaker said. " * 6
    page = f"<html><head><title>Senate votes</title></head><body><article><p>{text}</p></article></body></html>"
    (config.parent / "article.html").write_text(page)


def contents(folder: Path) -> dict[str, bytes]:
    """The files without the cache, which may be deleted at any time, and shared memory, which readers use too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
        if "cache" not in path.relative_to(folder).parts and not path.name.endswith("-shm")
    }


def test_every_command_is_in_one_of_the_tables() -> None:
    reading = {name for name in COMMANDS for command in READING_COMMANDS if " ".join(command).startswith(name)}
    assert set(COMMANDS) - reading - OTHERS == set()


@pytest.mark.parametrize("command", READING_COMMANDS, ids=" ".join)
def test_in_an_empty_folder_nothing_is_created(ask: Ask, config: Path, command: tuple[str, ...]) -> None:
    before = contents(config.parent)
    ask(*command)
    assert contents(config.parent) == before


@pytest.mark.parametrize("command", READING_COMMANDS, ids=" ".join)
def test_the_log_and_the_data_folder_stay_as_they_are(
    ask: Ask, config: Path, articles: None, command: tuple[str, ...]
) -> None:
    shown = Feed(id="x", name="X", url="https://example.org/x")
    publish(config, dead(document("Title", "Text").article, 0), Out("feeds", "x", shown))
    before = contents(config.parent)
    assert any(name.startswith("data/index") for name in before)
    expected = {"streams": (3,), "status": (0, 5)}.get(command[0], (0,))
    assert ask(*command).code in expected, command
    assert contents(config.parent) == before
    ends = deployment_for(config).with_log(lambda log: log.ends())
    assert ends == {("dead", 0): 1, ("feeds", 0): 1}

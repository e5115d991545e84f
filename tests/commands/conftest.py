"""A small configuration, and a way to call commands on it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.records import Story
from tests.builders import SEEN, document
from tests.commands.asking import Answer, Ask, Use

ALERTS = """
[[alert]]
name = "Markets"
query = '''(copper OR cobre OR cuivre OR Kupfer OR rame OR "lithium carbonate" OR litio OR Lithium OR nickel)
  -recipe -"copper pan" -"olla de cobre"'''
channels = ["file"]
[channels.file]
type = "file"
path = "alerts.jsonl"
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small configuration in the place where commands look."""
    folder = tmp_path / "config"
    folder.mkdir()
    for name, text in {"almenara.toml": "", "feeds.toml": "", "alerts.toml": ALERTS}.items():
        (folder / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALMENARA_CONFIG", "config")  # so that what `--config` before a command sets is undone
    monkeypatch.delenv("COLUMNS", raising=False)
    return folder


@pytest.fixture
def ask(config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """`almenara ARGS…` in this process."""

    def ask(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["almenara", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as left:
            code = int(left.code or 0)
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return ask


@pytest.fixture
def articles(config: Path) -> None:
    """An index of three documents; the second has what a spreadsheet would run."""

    async def put() -> None:
        index = TantivyIndex.open(config.parent / "data" / "index", write=True)
        await index.put(
            [
                document("Senate votes", "The senate voted.", id="a1", seq=1, topics=("coup",), countries=("PE",)),
                document("=HYPERLINK(1)", "Copper\nis \"dear\", they say", id="a2", seq=2, language="es"),
                document("国会投票", "国会が投票した。", id="a3", seq=3, language="ja"),
            ]
        )  # fmt: skip
        await index.put_stories([Story(id="s1", seq=3, changed=SEEN, opened=SEEN, title="Senate votes", size=3)])
        await index.close()

    asyncio.run(put())


@pytest.fixture
def use(config: Path, monkeypatch: pytest.MonkeyPatch, prefix: str, request: pytest.FixtureRequest, ask: Ask) -> Use:
    """Names the servers, "kafka", "elasticsearch" or both, as an operator does; the topics are there then."""

    def use(*servers: str) -> None:
        for server in servers:
            url = request.getfixturevalue(server)
            monkeypatch.setenv("LOG_URL" if server == "kafka" else "INDEX_URL", url)
        monkeypatch.setenv("ALMENARA_KAFKA_PREFIX", prefix)
        monkeypatch.setenv("ALMENARA_ELASTICSEARCH_PREFIX", prefix.rstrip("."))
        monkeypatch.setenv("ALMENARA_KAFKA_PARTITIONS", "2")
        if "kafka" in servers:
            assert ask("streams", "create").code == 0

    return use

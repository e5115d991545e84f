"""`almenara streams …` against a real broker, as people call it: output and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.config.settings import Settings
from pipeline.log.streams import declared_streams

STREAMS = {stream.name for stream in declared_streams(Settings().keep, 1.0)}


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["almenara", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "config").mkdir()
    monkeypatch.setenv("ALMENARA_KAFKA_PARTITIONS", "2")
    return str(tmp_path / "config")


def test_made_seen_and_made_again(
    kafka: str, prefix: str, folder: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_URL", kafka)
    monkeypatch.setenv("ALMENARA_KAFKA_PREFIX", prefix)
    assert call(monkeypatch, "streams", "list", "--config", folder) == 3
    assert f"all {len(STREAMS)} streams are missing: run `almenara streams create`\n" in capsys.readouterr().err
    assert call(monkeypatch, "streams", "create", "--config", folder) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(STREAMS)
    assert call(monkeypatch, "streams", "create", "--config", folder) == 0
    assert capsys.readouterr().out == "all streams are as they should be\n"
    assert call(monkeypatch, "streams", "list", "--json", "--config", folder) == 0
    rows = {row["stream"]: row for row in json.loads(capsys.readouterr().out)["streams"]}
    assert set(rows) == STREAMS
    assert (rows["items"]["partitions"], rows["tagged"]["partitions"]) == (2, 1)


@pytest.mark.parametrize(
    ("url", "code", "message"),
    [
        ("", 3, "log_url names none: set log_url = kafka://HOST:PORT"),
        ("kafka://h:port", 1, "'port' is not a port: write kafka://HOST:PORT"),
        ("kafka://127.0.0.1:1", 3, "127.0.0.1:1: Connect call failed ('127.0.0.1', 1): is the broker running?"),
    ],
)
def test_where_there_is_no_broker(
    url: str, code: int, message: str, folder: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_URL", url)
    assert call(monkeypatch, "streams", "create", "--config", folder) == code
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.out == ""

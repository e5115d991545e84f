"""Channels are opened from alerts.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.backends.channels import open_channels
from pipeline.backends.channels.file import JsonLinesChannel
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.faults import Faults


def channels(*specs: ChannelSpec) -> AlertSet:
    return AlertSet([], {spec.name: spec for spec in specs})


def test_channels_are_opened(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("# where to\njson://127.0.0.1:1/\n\njson://127.0.0.1:2/\n")
    opened = open_channels(
        channels(
            ChannelSpec(name="screen", type="terminal"),
            ChannelSpec(name="log", type="file", path="sub/alerts.jsonl", max_mb=2),
            ChannelSpec(name="hook", type="apprise", urls=("json://${HOST}/",)),
            ChannelSpec(name="hooks", type="apprise", url_file="secret"),
        ),
        tmp_path,
        {"HOST": "127.0.0.1:1"},
    )
    log = opened["log"]
    assert isinstance(log, JsonLinesChannel)
    assert (log.path, log.max_bytes) == (tmp_path / "sub" / "alerts.jsonl", 2 * 2**20)
    assert [type(channel).__name__ for channel in opened.values()] == [
        "TerminalChannel", "JsonLinesChannel", "AppriseChannel", "AppriseChannel",
    ]  # fmt: skip


def test_channels_that_cannot_be_opened_are_all_named_and_no_secret_is(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(Faults) as caught:
        open_channels(
            channels(
                ChannelSpec(name="folder", type="file", path=".", line=7),
                ChannelSpec(name="unset", type="apprise", urls=("json://${HOST}/",)),
                ChannelSpec(name="unknown", type="apprise", urls=("nonsense://secret@x",)),
                ChannelSpec(name="missing", type="apprise", url_file="nowhere"),
                ChannelSpec(name="empty", type="apprise", url_file="empty"),
            ),
            tmp_path,
            {},
        )
    faults = caught.value.faults
    assert [fault.key.split(".")[1] for fault in faults] == ["folder", "unset", "unknown", "missing", "empty"]
    assert str(faults[0]).startswith("alerts.toml:7: channels.folder: ")
    assert "HOST" in faults[1].reason
    assert "secret" not in str(caught.value)

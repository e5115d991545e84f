"""Channels are opened from alerts.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.backends.channels import Place, doubts, open_channels
from pipeline.backends.channels.file import JsonLinesChannel
from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.faults import Faults
from pipeline.ports import Channel, SendFailed
from tests.builders import alert, message
from tests.contracts.channels.kinds import SECRET, at
from tests.contracts.channels.receivers import Hook

HOOK = {"type": "webhook", "urls": ("http://127.0.0.1:1/",)}
MAIL = {"type": "mail", "server": "127.0.0.1", "sender": "a@b.example", "to": ("c@d.example",)}


def channels(folder: Path, *specs: ChannelSpec, **environment: str) -> dict[str, Channel]:
    return open_channels(specs, Place(folder, at, environment))


def spec(name: str, **fields: object) -> ChannelSpec:
    return ChannelSpec(name=name, **fields)  # type: ignore[arg-type]


def test_channels_are_opened(tmp_path: Path) -> None:
    opened = channels(
        tmp_path,
        spec("screen", type="terminal"),
        spec("log", type="file", path="sub/alerts.jsonl", max_mb=2),
        spec("chat", type="apprise", urls=("json://${HOST}/",)),
        spec("hook", **HOOK, secrets=(SECRET, "${SECRET}")),
        spec("mail", **MAIL, username="u", password="${PASSWORD}"),
        spec("feeds", type="atom", path="feeds"),
        HOST="127.0.0.1:1", SECRET=SECRET, PASSWORD="p",
    )  # fmt: skip
    log = opened["log"]
    assert isinstance(log, JsonLinesChannel)
    assert (log.path, log.max_bytes) == (tmp_path / "sub" / "alerts.jsonl", 2 * 2**20)
    assert [type(channel).__name__ for channel in opened.values()] == [
        "TerminalChannel", "JsonLinesChannel", "AppriseChannel", "WebhookChannel", "MailChannel", "AtomChannel",
    ]  # fmt: skip


def test_channels_that_cannot_be_opened_are_all_named_and_no_secret_is(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    wrong = {
        "folder": spec("folder", type="file", path=".", line=7),
        "file": spec("file", type="atom", path="a-file"),
        "unset": spec("unset", type="apprise", urls=("json://${HOST}/",)),
        "unknown": spec("unknown", type="apprise", urls=("nonsense://plain@x",)),
        "plain": spec("plain", **HOOK, secrets=("plain",)),
        "short": spec("short", **HOOK, secrets=("whsec_cGxhaW4=",)),
        "header": spec("header", **HOOK, secrets=(SECRET,), headers=(("X-Key", "${KEY}"),)),
        "password": spec("password", **MAIL, username="u", password="${HOST}"),
    }
    with pytest.raises(Faults) as caught:
        channels(tmp_path, *wrong.values(), KEY="plain\r\nHost: evil.example")
    faults = caught.value.faults
    assert [fault.key.split(".")[1] for fault in faults] == list(wrong)
    assert str(faults[0]).startswith("alerts.toml:7: channels.folder: ")
    assert "HOST" in faults[2].reason
    assert "openssl rand" in faults[5].reason
    assert "plain" not in "".join(fault.reason for fault in faults)


# -- secrets in files


@pytest.mark.parametrize("key", ["url_file", "secret_file", "password_file"])
async def test_without_its_file_a_channel_is_broken_until_it_is_there(tmp_path: Path, key: str, hook: Hook) -> None:
    found = {
        "url_file": spec("c", type="apprise", url_file="it"),
        "secret_file": spec("c", type="webhook", urls=(hook.web,), secret_file="it"),
        "password_file": spec("c", **MAIL, port=1, username="u", password_file="it"),
    }[key]
    (channel,) = channels(tmp_path, found).values()
    for content in (None, "", "# nothing\n\n", b"\xff\xfe\x00"):
        if isinstance(content, bytes):
            (tmp_path / "it").write_bytes(content)
        elif content is not None:
            (tmp_path / "it").write_text(content)
        with pytest.raises(SendFailed, match=f"{key} .*it") as caught:
            await channel.send(message(alert("a1")), "k1")
        assert caught.value.kind == "broken"
    assert not channel.changed()
    (tmp_path / "it").write_text({"url_file": hook.url, "secret_file": SECRET, "password_file": "p"}[key])
    assert channel.changed()
    if key != "password_file":
        await channel.send(message(alert("a1")), "k1")
        assert len(hook.taken) == 1
        assert not channel.changed()
    await channel.close()


async def test_a_file_is_read_again_when_what_a_link_leads_to_changes(tmp_path: Path, hook: Hook) -> None:
    """As Kubernetes does it: the folder is another one at once."""
    other = Hook()
    for name, url in (("one", hook.url), ("two", other.url)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "urls").write_text(f"# where to\n{url}\n")
    (tmp_path / "data").symlink_to("one")
    (tmp_path / "urls").symlink_to("data/urls")
    (channel,) = channels(tmp_path, spec("c", type="apprise", url_file="urls")).values()
    await channel.send(message(alert("a1")), "k1")
    (tmp_path / "next").symlink_to("two")
    (tmp_path / "next").replace(tmp_path / "data")
    assert channel.changed()
    await channel.send(message(alert("a2")), "k2")
    assert (len(hook.taken), len(other.taken)) == (1, 1)
    await channel.close()
    other.close()


def test_what_is_doubtful_about_files(tmp_path: Path) -> None:
    for name, mode in (("open", 0o644), ("private", 0o600), ("group", 0o640)):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(mode)
    (tmp_path / "empty").write_text("")
    specs = [spec(name, type="apprise", url_file=name) for name in ("open", "private", "group", "empty", "missing")]
    found = {fault.key.split(".")[1]: fault.reason for fault in doubts(specs, tmp_path)}
    assert set(found) == {"open", "empty", "missing"}
    assert "chmod o-rwx" in found["open"]
    assert "is empty" in found["empty"]

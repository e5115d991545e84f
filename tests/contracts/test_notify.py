"""What every channel does, and what each does besides."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import resource
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.assembly.backends import configured_channels
from pipeline.backends.channels import open_channels
from pipeline.backends.channels.apprise import AppriseChannel
from pipeline.backends.channels.file import JsonLinesChannel
from pipeline.backends.channels.terminal import Screen, TerminalChannel
from pipeline.config.folder import load
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.faults import Faults
from pipeline.ports import Notify, SendFailed
from pipeline.records import Alert, Dated, Span, decode
from tests.builders import alert
from tests.fakes import MemoryChannel
from tests.limits import in_own_process, limit


class Hook:
    """A web hook on loopback that keeps what it is sent. `status` is what it answers next."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.status = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hook.status == 200:
                    hook.bodies.append(json.loads(body))
                self.send_response(hook.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"json://user:secret@127.0.0.1:{self.server.server_port}/hook"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


@dataclass
class Opened:
    channel: Notify
    shown: Callable[[], str]
    break_it: Callable[[], None]


class Broken(io.StringIO):
    broken = False

    def write(self, text: str) -> int:
        if self.broken:
            raise BrokenPipeError(32, "Broken pipe")
        return super().write(text)


@pytest.fixture(params=["terminal", "file", "apprise", "memory"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    if request.param == "terminal":
        screen = Broken()
        yield Opened(
            TerminalChannel(Screen(file=screen, width=200)), screen.getvalue, lambda: setattr(screen, "broken", True)
        )
    elif request.param == "file":
        path = tmp_path / "out" / "alerts.jsonl"

        def put_folder_in_its_place() -> None:
            path.unlink()
            path.mkdir()

        yield Opened(JsonLinesChannel(path), path.read_text, put_folder_in_its_place)
    elif request.param == "apprise":
        hook: Hook = request.getfixturevalue("hook")
        yield Opened(AppriseChannel([hook.url]), lambda: json.dumps(hook.bodies), lambda: setattr(hook, "status", 500))
    else:
        memory = MemoryChannel()
        titles: list[str] = []
        yield Opened(_Titled(memory, titles), lambda: " ".join(titles), lambda: setattr(memory, "fails", 9))


class _Titled:
    def __init__(self, inner: MemoryChannel, titles: list[str]) -> None:
        self.inner, self.titles = inner, titles

    async def send(self, alerts: Sequence[Alert]) -> None:
        await self.inner.send(alerts)
        self.titles += [one.title for one in alerts]

    async def close(self) -> None:
        await self.inner.close()


async def test_one_alert_arrives(opened: Opened) -> None:
    await opened.channel.send([alert("a1")])
    assert "Title of a1" in opened.shown()
    await opened.channel.close()


async def test_several_alerts_arrive(opened: Opened) -> None:
    await opened.channel.send([alert(f"a{n}") for n in range(4)])
    assert all(f"Title of a{n}" in opened.shown() for n in range(4))
    await opened.channel.close()


async def test_sending_again_is_safe(opened: Opened) -> None:
    await opened.channel.send([alert("a1")])
    await opened.channel.send([alert("a1"), alert("a2")])
    assert "Title of a2" in opened.shown()
    await opened.channel.close()


async def test_what_is_not_taken_is_told(opened: Opened) -> None:
    await opened.channel.send([alert("a1")])
    opened.break_it()
    with pytest.raises(SendFailed) as caught:
        await opened.channel.send([alert("a2")])
    assert str(caught.value)
    assert "secret" not in str(caught.value)
    await opened.channel.close()


# -- the file


def ids(path: Path) -> list[str]:
    return [decode(Alert, line.encode()).id for line in path.read_text().splitlines()]


async def test_a_line_is_the_whole_alert(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    fired = alert("a1", title="Ñandú \u2028 \n two")
    await JsonLinesChannel(path).send([fired])
    assert [decode(Alert, line) for line in path.read_bytes().split(b"\n")[:-1]] == [fired]


async def test_an_alert_is_never_written_twice_not_even_by_another_process(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    await JsonLinesChannel(path).send([alert("a1"), alert("a2"), alert("a1")])
    again = JsonLinesChannel(path)
    await again.send([alert("a2"), alert("a3")])
    await again.send([alert("a3")])
    assert ids(path) == [alert(name).id for name in ("a1", "a2", "a3")]


@pytest.mark.parametrize("torn", [b'{"id":"half', b"\xff\xfe", b'{"id":"whole but for its end"}', b"x" * 200_000])
async def test_a_torn_last_line_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "alerts.jsonl"
    await JsonLinesChannel(path).send([alert("a1")])
    with path.open("ab") as file:
        file.write(torn)
    await JsonLinesChannel(path).send([alert("a1"), alert("a2")])
    assert ids(path) == [alert("a1").id, alert("a2").id]


async def test_a_file_that_is_only_torn(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b'{"id"')
    await JsonLinesChannel(path).send([alert("a1")])
    assert ids(path) == [alert("a1").id]


async def test_lines_of_other_people_stay(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_text('# mine\n[]\n{"id": 5}\n')
    await JsonLinesChannel(path).send([alert("a1")])
    assert path.read_text().startswith('# mine\n[]\n{"id": 5}\n{')


async def test_only_the_end_of_a_large_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "alerts.jsonl"
    await JsonLinesChannel(path).send([alert(f"a{n}") for n in range(50)])
    monkeypatch.setattr("pipeline.backends.channels.file.TAIL", 3000)
    await JsonLinesChannel(path).send([alert("a49"), alert("a0")])
    assert ids(path)[49:] == [alert("a49").id, alert("a0").id]


async def test_the_file_may_be_moved_away(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    channel = JsonLinesChannel(path)
    await channel.send([alert("a1")])
    path.rename(tmp_path / "alerts.jsonl.1")
    await channel.send([alert("a1"), alert("a2")])
    assert ids(path) == [alert("a2").id]
    await JsonLinesChannel(path).send([alert("a1")])  # its id is in the file moved away
    assert ids(path) == [alert("a2").id]


async def test_a_full_file_gives_way(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    channel = JsonLinesChannel(path, max_bytes=1500)
    for n in range(14):
        await channel.send([alert(f"a{n}")])
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["alerts.jsonl", *(f"alerts.jsonl.{n}" for n in range(1, 6))]
    assert all(file.stat().st_size <= 1500 for file in files)
    assert ids(path)[-1] == alert("a13").id


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    in_own_process(_fill_the_disk, tmp_path / "alerts.jsonl")


def _fill_the_disk(path: Path) -> None:
    with asyncio.Runner() as runner:
        channel = JsonLinesChannel(path)
        runner.run(channel.send([alert("a1")]))
        limit(resource.RLIMIT_FSIZE, path.stat().st_size + 100)
        with pytest.raises(SendFailed, match="too large"):
            runner.run(channel.send([alert("a2")]))
        limit(resource.RLIMIT_FSIZE, 1 << 20)
        assert ids(path) == [alert("a1").id]
        runner.run(channel.send([alert("a2")]))
        assert ids(path) == [alert("a1").id, alert("a2").id]


async def test_a_device_is_no_file_of_alerts(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.symlink_to("/dev/zero")
    with pytest.raises(SendFailed, match="not a regular file"):
        await JsonLinesChannel(path).send([alert("a1")])


# -- the terminal


async def screen(*alerts: Alert, **options: Any) -> str:
    file = io.StringIO()
    await TerminalChannel(Screen(file=file, **options)).send(alerts)
    return file.getvalue()


async def test_what_a_person_sees() -> None:
    published = Dated(value=datetime(2026, 3, 1, 9, 30, tzinfo=UTC), source="feed", raw="")
    fired = alert(
        "a1", published=published, countries=("PE", "US"), matched=(Span(field="title", start=0, end=5, text=""),)
    )
    assert await screen(fired) == (
        " HIGH  Troops: Title of a1\n"
        "    The Example (PE, US), 2026-03-01 09:30 UTC\n"
        "    https://news.example.org/a1\n"
        "    The troops came\n"
    )
    assert "UTC, version 2\n" in await screen(alert("a1", version=2))
    assert "UTC, a copy\n" in await screen(alert("a1", duplicate_of="a0"))
    coloured = await screen(fired, force_terminal=True, color_system="standard")
    assert "\x1b[1;4mTitle\x1b[0m" in coloured
    assert "\x1b[1;4mtroops\x1b[0m" in coloured


async def test_a_long_summary_is_short() -> None:
    shown = await screen(*(alert(f"a{n}", backlog=True) for n in range(30)))
    assert shown.startswith("Troops: 30 earlier articles\n")
    assert "… and 22 more" in shown
    assert shown.count("\n") < 40


HOSTILE = "\x1b]0;owned\x07[red]bold\x02 \u202eevil @everyone <!here> \r\n\x9b31m"


async def test_nothing_from_outside_controls_the_terminal() -> None:
    fired = alert("a1", title=HOSTILE, source=HOSTILE, url="https://x.example/\x1b[2J", snippet=HOSTILE, rule="r")
    shown = await screen(fired, force_terminal=True, color_system=None, width=300)
    assert not {char for char in shown if ord(char) < 32 or 127 <= ord(char) < 160 or char == "\u202e"} - {"\n"}
    assert "[red]bold" in shown


async def test_a_terminal_that_hangs_holds_up_nothing_else(tmp_path: Path) -> None:
    class Stopped(io.StringIO):
        going = threading.Event()

        def write(self, text: str) -> int:
            assert self.going.wait(10)
            return super().write(text)

    screen = Stopped()
    terminal, file = TerminalChannel(Screen(file=screen)), JsonLinesChannel(tmp_path / "alerts.jsonl")
    for _ in range(12):  # more than the event loop has threads
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(terminal.send([alert("a1")]), 0.01)
    await asyncio.wait_for(file.send([alert("a1")]), 5)
    screen.going.set()
    await terminal.send([alert("a2")])
    assert screen.getvalue().count("Title of a1") == 1
    await terminal.close()


# -- Apprise


async def test_what_a_message_says(hook: Hook) -> None:
    channel = AppriseChannel([hook.url])
    await channel.send([alert("a1", title="Congress <b>lets</b> *them* in & out", topics=("troops",), version=2)])
    await channel.send([alert(f"b{n}", backlog=True) for n in range(25)])
    one, many = hook.bodies
    assert one["title"] == "[high] Troops: Congress <b>lets</b> *them* in & out"
    for part in ("https://news.example.org/a1", "The Example, first seen 2026-03-02 12:00 UTC", "The troops came",
                 "Matched: troops", "Because: troops", "Update 2", alert("a1", version=2).id):  # fmt: skip
        assert part in one["message"]
    assert one["type"] == "warning"
    assert many["title"] == "Troops: 25 earlier articles"
    assert many["message"].count("https://") == 20
    assert "… and 5 more" in many["message"]
    await channel.close()


async def test_nobody_is_called_by_a_title(hook: Hook) -> None:
    channel = AppriseChannel([hook.url])
    await channel.send([alert("a1", title=HOSTILE, snippet=HOSTILE, url="https://medium.example/@someone/1")])
    text = hook.bodies[0]["title"] + hook.bodies[0]["message"]
    assert "@everyone" not in text
    assert "<!here" not in text
    assert "\x1b" not in text
    assert "https://medium.example/@someone/1" in text
    await channel.close()


async def test_a_url_that_took_an_alert_is_not_used_again(hook: Hook) -> None:
    other = Hook()
    other.status = 503
    channel = AppriseChannel([hook.url, other.url])
    with pytest.raises(SendFailed):
        await channel.send([alert("a1")])
    other.status = 200
    await channel.send([alert("a1")])
    assert (len(hook.bodies), len(other.bodies)) == (1, 1)
    await channel.close()
    other.close()


async def test_nothing_listens() -> None:
    hook = Hook()
    hook.close()
    channel = AppriseChannel([hook.url])
    with pytest.raises(SendFailed, match="JSON did not take it"):
        await channel.send([alert("a1")])
    await channel.close()


# -- Kibana

KIBANA = KibanaLink("https://kibana.example", "newsroom", "almenara-documents")


async def told(alerts: Sequence[Alert], hook: Hook, folder: Path, **environment: str) -> dict[str, Any]:
    """What the channels of a configuration say of the alerts: terminal, file and web hook."""
    (folder / "config" / "topics").mkdir(parents=True)
    (folder / "config" / "feeds.toml").write_text("")
    (folder / "config" / "alerts.toml").write_text(
        '[channels]\nscreen = {type = "terminal"}\nfile = {type = "file", path = "alerts.jsonl"}\n'
        f'hook = {{type = "apprise", url = "{hook.url}"}}\n'
    )
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        opened = configured_channels(load(folder / "config", environment))
    for channel in opened.values():
        await channel.send(alerts)
        await channel.close()
    lines = (folder / "data" / "alerts.jsonl").read_bytes().splitlines()
    return {"screen": shown.getvalue(), "file": lines, "hook": hook.bodies[-1]}


@pytest.mark.parametrize("count", [1, 3])
async def test_every_channel_links_to_kibana(hook: Hook, tmp_path: Path, count: int) -> None:
    alerts = [alert(f"a{n}") for n in range(count)]
    said = await told(alerts, hook, tmp_path, KIBANA_URL=f"{KIBANA.url}/", ALMENARA_KIBANA_SPACE=KIBANA.space)
    assert f"In Kibana: {KIBANA.link(alerts)}\n" in said["screen"]
    assert said["hook"]["message"].splitlines().count(f"In Kibana: {KIBANA.link(alerts)}") == 1
    assert said["hook"]["kibana"] == KIBANA.link(alerts)
    assert [json.loads(line)["kibana"] for line in said["file"]] == [KIBANA.link([one]) for one in alerts]
    assert [decode(Alert, line) for line in said["file"]] == alerts


@pytest.mark.parametrize("count", [1, 3])
async def test_without_kibana_nobody_speaks_of_it(hook: Hook, tmp_path: Path, count: int) -> None:
    said = await told([alert(f"a{n}") for n in range(count)], hook, tmp_path)
    assert "kibana" not in repr(said).lower()


async def test_a_web_hook_gets_the_link_of_each_message(hook: Hook) -> None:
    channel = AppriseChannel([hook.url], kibana_link=KIBANA)
    for name in ("a1", "a2"):
        await channel.send([alert(name)])
    assert [body["kibana"] for body in hook.bodies] == [KIBANA.link([alert(name)]) for name in ("a1", "a2")]
    await channel.close()


# -- from the configuration


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

"""The channel that shows alerts to a person."""

from __future__ import annotations

import asyncio
import io
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from pipeline.backends.channels.file import JsonLinesChannel
from pipeline.backends.channels.terminal import Screen, TerminalChannel
from pipeline.ports import SendFailed
from pipeline.records import Alert, Quote
from tests.builders import alert, message
from tests.contracts.channels.receivers import HOSTILE


async def screen(*alerts: Alert, **options: Any) -> str:
    file = io.StringIO()
    kind = "alert" if len(alerts) == 1 else "summary"
    await TerminalChannel(Screen(file=file, **options)).send(message(*alerts, kind=kind), "k")
    return file.getvalue()


async def test_what_a_person_sees() -> None:
    quotes = (Quote(field="text", text="The \x02troops\x03 came."),)
    shown = await screen(alert("a1", quotes=quotes))
    assert shown.splitlines()[0] == " HIGH  Title of a1"
    for line in ("    > The troops came.", "    Article: https://news.example.org/a1"):
        assert line in shown.splitlines()
    coloured = await screen(alert("a1", quotes=quotes), force_terminal=True, color_system="standard")
    assert "\x1b[1;4mtroops\x1b[0m" in coloured
    assert "\x1b[31m HIGH \x1b[0m" in coloured


async def test_a_long_summary_is_short() -> None:
    shown = await screen(*(alert(f"a{n}", story_id=f"s{n}", quotes=()) for n in range(400)))
    assert len(shown) < 12_000


async def test_nothing_from_outside_controls_the_terminal() -> None:
    fired = alert(
        "a1",
        title=HOSTILE,
        source=HOSTILE,
        url="https://x.example/\x1b[2J",
        quotes=(Quote(field="text", text=HOSTILE),),
        rule="r",
    )
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
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(terminal.send(message(alert("a1")), "k1"), 0.05)
    for _ in range(12):  # nothing piles up behind it, and it is known that nothing was sent
        with pytest.raises(SendFailed, match="an earlier attempt has not ended") as caught:
            await asyncio.wait_for(terminal.send(message(alert("a1")), "k1"), 5)
        assert caught.value.kind == "unreachable"
    await asyncio.wait_for(file.send(message(alert("a1")), "k1"), 5)
    screen.going.set()
    while "Title of a1" not in screen.getvalue():
        await asyncio.sleep(0.01)
    with suppress(SendFailed):  # the thread may still be at its end
        await terminal.send(message(alert("a2")), "k2")
    assert screen.getvalue().count("Title of a1") == 1
    await terminal.close()


@pytest.mark.parametrize("width", [60, 200])
async def test_long_lines_are_wrapped_below_their_beginning_and_addresses_stay_whole(width: int) -> None:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system=None, highlight=False)
    quotes = (Quote(field="text", text="The troops came to the harbour, said the minister, " * 4),
              Quote(field="text", text="国会は外国軍隊の入国を承認した" * 4),
              Quote(field="text", text="قال الوزير إن القوات ستصل إلى الميناء " * 4))  # fmt: skip
    url = "https://news.example.org/" + "a-long-way-to-go/" * 6
    await TerminalChannel(console).send(message(alert("a1", title="A long title " * 9, quotes=quotes, url=url)), "k")
    shown = out.getvalue().rstrip().split("\n")
    assert f"    Article: {url}" in shown
    assert all(cell_len(row) <= width for row in shown if "://" not in row)
    assert all(row.startswith("    ") for row in shown[1:] if row.strip())
    assert sum("    > " in row for row in shown) > (3 if width == 200 else 8)
    assert not any(row.strip() == ">" for row in shown)
    assert "\u2068" not in out.getvalue()

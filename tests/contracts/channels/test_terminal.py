"""The channel that shows alerts to a person."""

from __future__ import annotations

import asyncio
import io
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.backends.channels.file import JsonLinesChannel
from pipeline.backends.channels.terminal import Screen, TerminalChannel
from pipeline.records import Alert, Dated, Quote, Span
from tests.builders import alert
from tests.contracts.channels.receivers import HOSTILE


async def screen(*alerts: Alert, **options: Any) -> str:
    file = io.StringIO()
    await TerminalChannel(Screen(file=file, **options)).send_alerts(alerts)
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
    for _ in range(12):  # more than the event loop has threads
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(terminal.send_alerts([alert("a1")]), 0.01)
    await asyncio.wait_for(file.send_alerts([alert("a1")]), 5)
    screen.going.set()
    await terminal.send_alerts([alert("a2")])
    assert screen.getvalue().count("Title of a1") == 1
    await terminal.close()

"""Prints messages on the terminal, without the control characters that titles from outside may contain."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from pipeline.backends.channels.thread import ChannelThread
from pipeline.core.messages.foreign import END, ISOLATE
from pipeline.core.messages.form import Limit, Medium, Voice
from pipeline.core.messages.write import written
from pipeline.core.query.snippets import CLOSE, OPEN
from pipeline.core.text.tidy import CONTROL
from pipeline.ports import SendFailed
from pipeline.records import Message

COLOURS = {"info": "cyan", "low": "green", "medium": "yellow", "high": "red", "critical": "bold white on red"}
MOST = 8000  # characters of a message
_SIGN = re.compile("[ >-]*")  # what begins a quotation or an entry of a list
INDENT = "    "  # of all lines but the first
LEAST = 20  # columns that a line needs to be wrapped here


class Screen(Console):
    """rich's console, except that a closed terminal raises an error; rich would exit."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class TerminalChannel:
    """Prints each message with its severity; plain text if standard output is not a terminal."""

    def __init__(self, console: Console | None = None, voice: Voice | None = None) -> None:
        self._console = console or Screen(file=sys.stdout, highlight=False)
        self._voice = voice or Voice()
        self._thread = ChannelThread()

    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        try:
            await self._thread.run(self._print, message)
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise SendFailed(f"the terminal: {getattr(error, 'strerror', None) or type(error).__name__}") from error
        return "printed"

    def changed(self) -> bool:
        return False

    async def close(self) -> None:
        self._thread.close()

    def _print(self, message: Message) -> None:
        (part,) = written(message, Medium.TERMINAL, Limit(title=0, body=MOST, parts=1), self._voice)
        first, *lines = part.body.split("\n")
        badge = Text()
        badge.append(f" {clean(message.severity.upper())} ", style=COLOURS.get(message.severity, "bold")).append(" ")
        heading = first.removeprefix(f"[{message.severity}] ")
        rows = [badge + row if n == 0 else row for n, row in enumerate(self._rows(heading, "bold", ""))]
        for line in lines:
            rows += self._rows(line, "", INDENT)
        self._console.print(Text("\n").join(rows), soft_wrap=True)

    def _rows(self, line: str, style: str, indent: str) -> list[Text]:
        """The line on as many rows as it takes on a terminal; one with an address stays whole, so that it can be
        opened."""
        sign = _SIGN.match(line)[0] if indent else ""  # type: ignore[index]
        text = _marked(line[len(sign) :], style)
        width = self._console.width - 2 * len(INDENT) - len(sign)
        if not self._console.is_terminal or "://" in line or width < LEAST:
            return [Text(f"{indent}{sign}" if line else "") + text]
        first, *others = text.wrap(self._console, width) or [Text()]
        hanging = (indent or INDENT) + (sign if ">" in sign else " " * len(sign))
        return [Text(f"{indent}{sign}" if line else "") + first, *(Text(hanging) + row for row in others)]


def _marked(line: str, style: str) -> Text:
    text = Text()
    for n, part in enumerate(re.split(f"[{OPEN}{CLOSE}]", line)):
        text.append(clean(part), style="bold underline" if n % 2 else style)
    return text


def clean(text: str) -> str:
    """The text without control characters and direction marks, which can forge what a terminal shows."""
    return CONTROL.sub(" ", text.replace(ISOLATE, "").replace(END, ""))

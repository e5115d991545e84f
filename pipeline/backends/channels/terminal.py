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
from pipeline.core.messages.form import Limit, Medium, Voice
from pipeline.core.messages.write import written
from pipeline.core.query.snippets import CLOSE, OPEN
from pipeline.core.text.tidy import CONTROL
from pipeline.ports import SendFailed
from pipeline.records import Message

COLOURS = {"info": "cyan", "low": "green", "medium": "yellow", "high": "red", "critical": "bold white on red"}
MOST = 8000  # characters of a message


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
        label, *lines = part.body.split("\n")
        text = Text()
        text.append(f" {clean(message.severity.upper())} ", style=COLOURS.get(message.severity, "bold"))
        _append_marked(text, f" {label.removeprefix(f'[{message.severity}] ')}", "bold")
        for line in lines:
            text.append("\n")
            _append_marked(text, f"    {line}" if line else "", "")
        self._console.print(text, soft_wrap=True)


def _append_marked(text: Text, line: str, style: str) -> None:
    for n, part in enumerate(re.split(f"[{OPEN}{CLOSE}]", line)):
        text.append(clean(part), style="bold underline" if n % 2 else style)


def clean(text: str) -> str:
    """The text without control characters and direction marks, which can forge what a terminal shows."""
    return CONTROL.sub(" ", text)

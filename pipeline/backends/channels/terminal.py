"""Prints alerts on the terminal, without the control characters that titles from outside may contain."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from pipeline.backends.channels.thread import ChannelThread
from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.core.alerts.message import kibana, subject
from pipeline.core.query.snippets import CLOSE, OPEN, marked
from pipeline.core.text.tidy import CONTROL
from pipeline.ports import SendFailed
from pipeline.records import Alert, Message

COLOURS = {"info": "cyan", "low": "green", "medium": "yellow", "high": "red", "critical": "bold white on red"}
SUMMARY = 8  # alerts shown of a summary


class Screen(Console):
    """rich's console, except that a closed terminal raises an error; rich would exit."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class TerminalChannel:
    """Prints a few lines per alert; plain text if standard output is not a terminal."""

    def __init__(self, console: Console | None = None, kibana_link: KibanaLink | None = None) -> None:
        self._console = console or Screen(file=sys.stdout, highlight=False)
        self._kibana_link = kibana_link
        self._thread = ChannelThread()

    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        await self.send_alerts(message.alerts)
        return ""

    def changed(self) -> bool:
        return False

    async def send_alerts(self, alerts: Sequence[Alert]) -> None:
        try:
            await self._thread.run(self._print, alerts)
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise SendFailed(f"the terminal: {getattr(error, 'strerror', None) or type(error).__name__}") from error

    def _print(self, alerts: Sequence[Alert]) -> None:
        self._console.print(_screen(alerts, self._kibana_link), soft_wrap=True)

    async def close(self) -> None:
        self._thread.close()


def _screen(alerts: Sequence[Alert], kibana_link: KibanaLink | None) -> Text:
    """One alert in full, several as a list with a heading."""
    lines = [Text(f"{clean(subject(alerts))}", style="bold")] if len(alerts) > 1 else []
    lines += [_lines(alert) for alert in alerts[:SUMMARY]]
    if len(alerts) > SUMMARY:
        lines.append(Text(f"    … and {len(alerts) - SUMMARY} more", style="dim"))
    lines += [Text(f"    {line}", style="dim") for line in kibana(alerts, kibana_link)]
    return Text("\n").join(lines)


def _lines(alert: Alert) -> Text:
    """Severity, rule and title; where and when; the words that matched."""
    moment = alert.published.value if alert.published else alert.first_seen
    text = Text()
    text.append(f" {alert.severity.upper()} ", style=COLOURS.get(alert.severity, "bold"))
    text.append(f" {clean(alert.rule)}: ", style="bold")
    spans = [span for span in alert.matched if span.field == "title"]
    _append_marked(text, marked(alert.title, spans))
    places = f" ({', '.join(alert.countries[:4])})" if alert.countries else ""
    kind = f", version {alert.version}" if alert.version > 1 else ", a copy" if alert.duplicate_of else ""
    text.append(f"\n    {clean(alert.source)}{places}, {moment:%Y-%m-%d %H:%M} UTC{kind}", style="dim")
    for line in alert.fact_lines:
        text.append(f"\n    {clean(line)}")
    text.append(f"\n    {clean(alert.url)}", style="dim")
    for quote in alert.quotes:
        text.append("\n    ")
        _append_marked(text, quote.text)
    return text


def _append_marked(text: Text, snippet: str) -> None:
    for n, part in enumerate(re.split(f"[{OPEN}{CLOSE}]", snippet)):
        text.append(clean(part), style="bold underline" if n % 2 else "")


def clean(text: str) -> str:
    """The text without control characters and direction marks, which can forge what a terminal shows."""
    return CONTROL.sub(" ", text)

"""The channels alerts go out by: the terminal, a file of JSON lines, Apprise URLs. Decides nothing about what is sent.

Titles and snippets come from strangers: control characters never reach a terminal, mentions never a chat.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import msgspec
from rich.console import Console
from rich.text import Text

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.core.alerts.message import body, kibana, subject
from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.faults import Fault, Faults
from pipeline.core.query.snippets import CLOSE, OPEN, marked
from pipeline.ports import Notify, SendFailed
from pipeline.records import Alert, encode

if TYPE_CHECKING:
    from apprise import NotifyBase

P = ParamSpec("P")
T = TypeVar("T")

TAIL = 8 * 2**20  # bytes read back from a file of alerts at start; about 4,000 alerts
KEPT = 5  # older files of a channel with max_mb
COLOURS = {"info": "cyan", "low": "green", "medium": "yellow", "high": "red", "critical": "bold white on red"}
SUMMARY = 8  # alerts of a summary shown on the terminal

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def _thread() -> ThreadPoolExecutor:
    """One thread a channel: a terminal stopped with Ctrl-S, a file system or a service that hangs holds up nothing
    else, and what is sent after a time-out waits behind it instead of overtaking it."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="channel")


async def _run(thread: ThreadPoolExecutor, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return await asyncio.get_running_loop().run_in_executor(thread, partial(job, *args, **kwargs))


class Screen(Console):
    """rich's console, but one that is gone is an error like any other; rich would end the program."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class TerminalChannel:
    """A few lines an alert for a person at a screen, plain text where there is no screen."""

    def __init__(self, console: Console | None = None, discover: KibanaLink | None = None) -> None:
        self._console = console or Screen(file=sys.stdout, highlight=False)
        self._discover = discover
        self._thread = _thread()

    async def send(self, alerts: Sequence[Alert]) -> None:
        try:
            await _run(self._thread, self._print, alerts)
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise SendFailed(f"the terminal: {getattr(error, 'strerror', None) or type(error).__name__}") from error

    def _print(self, alerts: Sequence[Alert]) -> None:
        self._console.print(_screen(alerts, self._discover), soft_wrap=True)

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def _screen(alerts: Sequence[Alert], discover: KibanaLink | None) -> Text:
    """One alert whole, several as a list with a head line."""
    lines = [Text(f"{clean(subject(alerts))}", style="bold")] if len(alerts) > 1 else []
    lines += [_lines(alert) for alert in alerts[:SUMMARY]]
    if len(alerts) > SUMMARY:
        lines.append(Text(f"    … and {len(alerts) - SUMMARY} more", style="dim"))
    lines += [Text(f"    {line}", style="dim") for line in kibana(alerts, discover)]
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
    text.append(f"\n    {clean(alert.url)}\n    ", style="dim")
    _append_marked(text, alert.snippet)
    return text


def _append_marked(text: Text, snippet: str) -> None:
    for n, part in enumerate(re.split(f"[{OPEN}{CLOSE}]", snippet)):
        text.append(clean(part), style="bold underline" if n % 2 else "")


def clean(text: str) -> str:
    """Without control characters and marks that turn the direction of writing: they can forge what a screen shows."""
    return _CONTROL.sub(" ", text)


class JsonLinesChannel:
    """One alert a line, durable when `send` returns, never the same alert twice. With `discover`, a line has a key
    more than the record: `kibana`, the link.

    The ids already in the file are read from its end at start; a last line torn by a crash is cut off. The file may be
    moved away at any time. With `max_bytes` a full one becomes PATH.1, and so on up to PATH.5.
    """

    def __init__(self, path: Path, max_bytes: int | None = None, discover: KibanaLink | None = None) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self._discover = discover
        self._thread = _thread()
        self._known: dict[str, None] | None = None

    async def send(self, alerts: Sequence[Alert]) -> None:
        try:
            await _run(self._thread, self._append, alerts)
        except OSError as error:
            raise SendFailed(f"{self.path}: {error.strerror or type(error).__name__}") from error

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _append(self, alerts: Sequence[Alert]) -> None:
        if self.path.exists() and not self.path.is_file():
            raise OSError(errno.EINVAL, "no ordinary file")  # reading back a device may never end
        if self._known is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _mend(self.path)
            self._known = dict.fromkeys(_ids(_numbered(self.path, 1)) + _ids(self.path))
        new = {alert.id: self._line(alert) for alert in alerts if alert.id not in self._known}
        if not new:
            return
        self._rotate(sum(map(len, new.values())))
        with self.path.open("ab", buffering=0) as file:  # what a buffer holds back, closing would write after all
            before = file.seek(0, os.SEEK_END)
            try:
                left = memoryview(b"".join(new.values()))
                while left:
                    left = left[file.write(left) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(before)  # half a line would be taken for an alert; a full disk still lets us shorten
                raise
        self._known.update(dict.fromkeys(new))

    def _line(self, alert: Alert) -> bytes:
        if self._discover is None:
            return encode(alert) + b"\n"
        whole = {**msgspec.structs.asdict(alert), "kibana": self._discover.link([alert])}
        return msgspec.json.encode(whole) + b"\n"

    def _rotate(self, more: int) -> None:
        if self.max_bytes is None or not self.path.exists() or self.path.stat().st_size + more <= self.max_bytes:
            return
        for number in range(KEPT, 0, -1):
            older = _numbered(self.path, number - 1)
            if older.exists():
                older.replace(_numbered(self.path, number))


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}") if number else path


def _mend(path: Path) -> None:
    """Cut off a last line without its end: it was being written when the process died, and was not recorded as sent."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        end = size
        while end > 0:
            start = max(0, end - 65536)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                end = start + found + 1
                break
            end = start
        if end < size:
            file.truncate(end)


def _ids(path: Path) -> list[str]:
    """Ids of the alerts in the last TAIL bytes. Lines that are no alerts are passed over."""
    if not path.exists():
        return []
    found = []
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
        for line in file:
            try:
                found.append(msgspec.json.decode(line, type=_Id).id)
            except msgspec.MsgspecError:
                continue
    return found


class _Id(msgspec.Struct):
    id: str


class AppriseChannel:
    """One or more Apprise URLs. An alert counts as sent when every URL took it; those that did are not used again.
    With `discover`, a json:// web hook has a key `kibana` beside the message, the link to its alerts."""

    def __init__(self, urls: Sequence[str], timeout: float = 15, discover: KibanaLink | None = None) -> None:
        """`timeout` in seconds, to connect and to read. Raises ValueError for a URL that Apprise does not know;
        the message does not contain it."""
        self._services = [_service(url, timeout, n) for n, url in enumerate(urls, 1)]
        self._discover = discover
        self._thread = _thread()
        self._done: dict[str, set[int]] = {}  # alert -> services that took it, while others have not

    async def send(self, alerts: Sequence[Alert]) -> None:
        faults = []
        for number, service in enumerate(self._services):
            left = [alert for alert in alerts if number not in self._done.get(alert.id, ())]
            if not left:
                continue
            fault = await _run(self._thread, _notify, service, left, self._discover)
            if fault:
                faults.append(fault)
            else:
                for alert in left:
                    self._done.setdefault(alert.id, set()).add(number)
        if faults:
            raise SendFailed("; ".join(faults))
        for alert in alerts:
            self._done.pop(alert.id, None)

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def _service(url: str, timeout: float, number: int) -> NotifyBase:
    import logging

    from apprise import Apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # at lower levels it logs URLs and payloads
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the first use imports all plugins, one of them imghdr
        service = Apprise.instantiate(url, suppress_exceptions=True)
    if service is None:
        raise ValueError(f"URL {number} is none that Apprise can use")
    service.socket_connect_timeout = service.socket_read_timeout = timeout
    return service


def _notify(service: NotifyBase, alerts: Sequence[Alert], discover: KibanaLink | None) -> str | None:
    """Send one message; what went wrong, without the URL."""
    from apprise import NotifyFormat, NotifyType
    from apprise.plugins.custom_json import NotifyJSON

    urgent = any(alert.severity in ("high", "critical") for alert in alerts)
    if discover and isinstance(service, NotifyJSON):
        service.payload_extras["kibana"] = discover.link(alerts)  # for this message: the service is this channel's own
    try:
        taken = service.notify(
            title=subject(alerts),
            body=body(alerts, discover),
            notify_type=NotifyType.WARNING if urgent else NotifyType.INFO,
            body_format=NotifyFormat.TEXT,
        )
    except Exception as error:  # plugins raise what their libraries raise; the text may hold the URL
        return f"{service.service_name}: {type(error).__name__}"
    return None if taken else f"{service.service_name} did not take it"


# -- from the configuration ---------------------------------------------------------------------------------------


def open_channels(
    alerts: AlertSet,
    directory: Path,
    environment: Mapping[str, str] | None = None,
    file: str = "alerts.toml",
    discover: KibanaLink | None = None,
) -> dict[str, Notify]:
    """The channels by name. Relative paths begin at `directory`; alerts link to `discover`. Raises Faults, all at
    once."""
    channels: dict[str, Notify] = {}
    faults = []
    for name, spec in alerts.channels.items():
        try:
            channels[name] = open_channel(spec, directory, os.environ if environment is None else environment, discover)
        except (ValueError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            faults.append(Fault(file, f"channels.{name}", reason or type(error).__name__))
    if faults:
        raise Faults(tuple(faults))
    return channels


def open_channel(
    spec: ChannelSpec, directory: Path, environment: Mapping[str, str], discover: KibanaLink | None = None
) -> Notify:
    """Raises ValueError with a reason that names no secret, OSError."""
    if spec.type == "terminal":
        return TerminalChannel(discover=discover)
    if spec.type == "file":
        path = directory / (spec.path or "")
        if path.exists() and not path.is_file():
            raise ValueError(f"{path} is no ordinary file")
        return JsonLinesChannel(path, spec.max_mb * 2**20 if spec.max_mb else None, discover)
    return AppriseChannel(_urls(spec, directory, environment), discover=discover)


def _urls(spec: ChannelSpec, directory: Path, environment: Mapping[str, str]) -> list[str]:
    if spec.url_file is None:
        return [_filled(url, environment) for url in spec.urls]
    try:
        lines = (directory / spec.url_file).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ValueError(f"url_file {spec.url_file}: {error.strerror}") from None
    urls = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not urls:
        raise ValueError(f"url_file {spec.url_file} has no URL in it")
    return urls


def _filled(url: str, environment: Mapping[str, str]) -> str:
    """`url` with ${NAME} replaced. Raises ValueError for a name that is not set."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in environment:
            raise ValueError(f"the environment variable {found[1]} is not set")
        return environment[found[1]]

    return re.sub(r"\$\{(\w+)\}", value, url)

"""Every kind of channel, opened to a receiver of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline.backends.channels.apprise import AppriseChannel
from pipeline.backends.channels.atom import AtomChannel
from pipeline.backends.channels.file import JsonLinesChannel
from pipeline.backends.channels.mail import MailChannel, Server
from pipeline.backends.channels.mail_message import Letterhead
from pipeline.backends.channels.secrets import Secrets
from pipeline.backends.channels.terminal import Screen, TerminalChannel
from pipeline.backends.channels.webhook import Target, WebhookChannel
from pipeline.core.alerts.read_channels import parse_address
from pipeline.ports import Channel
from tests.contracts.channels.mail_server import MailServer
from tests.contracts.channels.receivers import Answering, Broken, Hook
from tests.fakes import MemoryChannel

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # that of the examples of Standard Webhooks
EVERY = ("terminal", "file", "atom", "apprise", "webhook", "mail", "memory")
REMOTE = ("apprise", "webhook", "mail")


def at() -> datetime:
    return AT


def given(*values: str) -> Secrets:
    return Secrets(values, None, {})


@dataclass
class Opened:
    """A channel and its receiver. `shown`: all that came, as text; `count`: how many messages came, repeats too."""

    channel: Channel
    shown: Callable[[], str]
    count: Callable[[], int]
    break_it: Callable[[], None]
    modes: dict[str, Callable[[], None]] = field(default_factory=dict)
    go: Callable[[], None] = lambda: None
    end: Callable[[], None] = lambda: None


def opened(kind: str, folder: Path, timeout: float = 5) -> Opened:
    """A channel of the kind, with a receiver that accepts."""
    match kind:
        case "terminal":
            screen = Broken()
            channel = TerminalChannel(Screen(file=screen, width=400))
            return Opened(
                channel,
                screen.getvalue,
                lambda: screen.getvalue().count(" HIGH "),
                lambda: setattr(screen, "broken", True),
            )
        case "file":
            path = folder / "out" / "alerts.jsonl"
            return Opened(JsonLinesChannel(path), path.read_text, lambda: path.read_text().count("\n"), folder_at(path))
        case "atom":
            path = folder / "feeds" / "all.xml"
            return Opened(
                AtomChannel(path.parent), path.read_text, lambda: path.read_text().count("<entry>"), folder_at(path)
            )
        case "memory":
            memory = MemoryChannel()
            return Opened(
                memory, lambda: repr(memory.sent), lambda: len(memory.sent), lambda: setattr(memory, "fails", 99)
            )
        case "mail":
            return mail(timeout)
        case _:
            return web(kind, timeout)


def folder_at(path: Path) -> Callable[[], None]:
    """Put a folder in the place of the file."""

    def put() -> None:
        path.unlink()
        path.mkdir()

    return put


def web(kind: str, timeout: float) -> Opened:
    hook = Hook()
    channel: Channel = (
        AppriseChannel(given(hook.url), at, timeout)
        if kind == "apprise"
        else WebhookChannel(Target(given(hook.web), given(SECRET), (("X-Key", "S3CRETheader"),)), at, timeout)
    )

    def set_next(answer: Answering) -> Callable[[], None]:
        return lambda: setattr(hook, "next", answer)

    echo = b'{"error": "S3CRETpass S3CRETpath S3CRETvalue S3CRETheader"}'
    modes = {
        "refused": set_next(Answering(400, body=echo)),
        "too_long": set_next(Answering(413, body=echo)),
        "broken": set_next(Answering(401, {"WWW-Authenticate": "S3CRETvalue"}, echo)),
        "busy": set_next(Answering(429, {"Retry-After": "7"}, echo)),
        "down": set_next(Answering(503, {"Retry-After": "7"}, echo)),
        "redirects": set_next(Answering(307, {"Location": f"http://127.0.0.1:{hook.port}/S3CRETelsewhere"}, echo)),
        "hangs": set_next(Answering(hang=True)),
        "closes": set_next(Answering(close=True)),
        "gone": hook.close,
    }
    return Opened(
        channel, lambda: repr([request.body.decode() for request in hook.taken]), lambda: len(hook.taken),
        modes["broken"], modes, hook.go.set, hook.close,
    )  # fmt: skip


def mail(timeout: float) -> Opened:
    server = MailServer(log_in=True)
    sender, desk = parse_address("Almenara <almenara@news.example>"), parse_address("desk@news.example")
    assert sender is not None
    assert desk is not None
    channel = MailChannel(
        Server("127.0.0.1", server.port, "none", "S3CRETuser", given("S3CRETpass")),
        Letterhead("desk", sender, (desk,), "desk.news.example"), at, timeout,
    )  # fmt: skip

    def reply(**replies: str) -> Callable[[], None]:
        return lambda: server.replies.update({"." if name == "end" else name: text for name, text in replies.items()})

    modes = {
        "refused": reply(end="554 5.7.1 S3CRETpass is spam"),
        "too_long": reply(end="552 5.3.4 too large S3CRETpass"),
        "broken": reply(AUTH="535 5.7.8 S3CRETuser S3CRETpass"),
        "busy": reply(RCPT="451 4.7.1 greylisted S3CRETpass"),
        "down": reply(connect="421 4.3.0 S3CRETpass"),
        "hangs": lambda: setattr(server, "hangs", "."),
        "closes": lambda: setattr(server, "closes", "."),
        "gone": server.close,
    }
    return Opened(
        channel, lambda: repr([one.text("plain") + one.text("html") for one in server.delivered]),
        lambda: len(server.delivered), modes["broken"], modes, server.go.set, server.close,
    )  # fmt: skip

"""What a channel asks for: the medium that it writes in, its limits, and what is configured about links and times."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.core.messages.templates import Template


class Medium(StrEnum):
    """How text is marked up. Every medium has its own way to escape what comes from outside."""

    PLAIN = "plain"  # SMS, ntfy, text of mail
    TERMINAL = "terminal"  # plain, the matched words between OPEN and CLOSE of core/query/snippets.py
    MARKDOWN = "markdown"  # CommonMark, as Mattermost, Zulip, Teams and Rocket.Chat read it
    DISCORD = "discord"  # Markdown; links without a preview
    SLACK = "slack"  # mrkdwn
    TELEGRAM = "telegram"  # the tags of its Bot API with parse_mode HTML
    HTML = "html"  # mail, Matrix, Atom


Unit = Literal["chars", "utf16", "bytes"]


@dataclass(frozen=True, slots=True)
class Limit:
    """What a service takes at most, after escaping, in `unit` (bytes of UTF-8). `title` 0: the service has no title, it
    is the first line of the body. `parts`: messages at most, the last of them says where the rest can be read."""

    title: int = 200
    body: int = 1_000_000
    unit: Unit = "chars"
    parts: int = 10


@dataclass(frozen=True, slots=True)
class Part:
    """A message as it is sent: several are numbered, "(2/3)". The title is plain text without line breaks, escaped for
    the medium if it is one in which titles have markup."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Voice:
    """What is configured: the reader's time zone (IANA), links, and the template of the channel. `secret`: signs the
    links to the console by which readers say what became of an alert; b"": messages have no such links."""

    zone: str = "UTC"
    kibana: KibanaLink | None = None
    console: str = ""  # URL of the console, "" without one
    secret: bytes = field(default=b"", repr=False)
    template: Template | None = None

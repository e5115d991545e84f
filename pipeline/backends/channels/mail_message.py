"""Builds the mail of a message: text and HTML, with headers that thread a story and name the list.

Python's policy for SMTP refuses line breaks in headers, and encodes what is not ASCII (RFC 2047).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256

from pipeline.core.messages.form import Limit, Medium, Voice
from pipeline.core.messages.write import page, written
from pipeline.core.text.tidy import CONTROL
from pipeline.records import Message

SUBJECT = 200  # characters
TEXT = 2_000_000  # characters of a part; servers take 10 MB and more
_URGENT = ("high", "critical")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes to whom. `name`: of the channel; `list_id`: RFC 2919."""

    name: str
    sender: Address
    to: tuple[Address, ...]
    list_id: str


def mail_of(message: Message, key: str, head: Letterhead, at: datetime, voice: Voice) -> EmailMessage:
    """The mail. Its Message-ID follows from `key`, so a mail program shows a repeat once. All mails about a story refer
    to the same id, which makes them one thread (RFC 5322 3.6.4)."""
    (text,) = written(message, Medium.PLAIN, Limit(SUBJECT, TEXT, "chars", 1), voice)
    (html,) = written(message, Medium.HTML, Limit(SUBJECT, TEXT, "chars", 1), voice)
    domain = ascii_domain(head.sender.domain)
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = head.sender
    mail["To"] = head.to
    mail["Subject"] = one_line(text.title)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{_local(key)}@{domain}>"
    if thread := _thread(message):
        mail["In-Reply-To"] = mail["References"] = f"<{thread}@{domain}>"
    mail["List-Id"] = f"{one_line(head.name, 60)} <{head.list_id}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
    if message.severity in _URGENT:
        mail["Importance"] = "high"
    mail.set_content(_lines(text.body), charset="utf-8")
    mail.add_alternative(_lines(page(html.body)), subtype="html", charset="utf-8")
    return mail


def one_line(text: str, most: int = SUBJECT) -> str:
    """The text for a header: no control characters, no half characters (surrogates)."""
    text = CONTROL.sub(" ", text).encode("utf-8", "replace").decode("utf-8")
    return " ".join(text.split())[:most]


def ascii_domain(domain: str) -> str:
    """The domain as it is written in ASCII. Raises ValueError."""
    return domain if domain.startswith("[") else domain.encode("idna").decode("ascii")


def recipients(addresses: Sequence[Address]) -> tuple[str, ...]:
    """The addresses as the server gets them. Raises ValueError."""
    return tuple(f"{address.username}@{ascii_domain(address.domain)}" for address in addresses)


def _thread(message: Message) -> str:
    """The id that all mails about a story share; "" if the message is not about one."""
    story = message.story.id if message.story else message.alerts[0].story_id if len(message.alerts) == 1 else ""
    return f"story.{_local(f'{message.rule}/{story}')}" if story else ""


def _local(key: str) -> str:
    """`key` as the left side of a Message-ID: unchanged if it is an atom, else its hash."""
    return key if re.fullmatch(r"[A-Za-z0-9_+-]{1,120}", key) else sha256(key.encode()).hexdigest()[:40]


def _lines(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")

"""Signed links in messages: whoever has the message may say once what became of its alert, without a login.

A link is made of the alert alone, so that a message that is sent again has the same one. Signature: HMAC over the
content, by itsdangerous.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from itsdangerous import BadData, URLSafeSerializer

from pipeline.records import Alert

VERBS = ("useful", "noise", "mute", "again")
LASTING = timedelta(days=14)  # from the article on: longer than messages wait for a channel
_LONGEST = 1_000  # characters of a link that is read


@dataclass(frozen=True, slots=True)
class Act:
    """What a link asks for. `id`: the same for each copy of the link, by which its use is remembered."""

    verb: str
    alert: str
    id: str


def signed(secret: bytes, verb: str, alert: Alert) -> str:
    """The part of a link that asks for `verb` (one of VERBS) of the alert: letters, digits, `-`, `_` and `.`."""
    until = int((alert.seen + LASTING).timestamp())
    return str(_serializer(secret).dumps([verb, alert.id, until]))


def read_signed(secret: bytes, text: str, now: datetime) -> Act | None:
    """What the link asks for; None if it was not made with this secret, or is too old."""
    try:
        verb, alert, until = _serializer(secret).loads(text[:_LONGEST])
        over = datetime.fromtimestamp(int(until), UTC) < now
    except (BadData, ValueError, TypeError, OverflowError):
        return None
    if over or verb not in VERBS or not isinstance(alert, str):
        return None
    return Act(verb, alert, sha256(text.encode()).hexdigest()[:32])


def _serializer(secret: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="almenara alert")

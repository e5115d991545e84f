"""Normalises text for storage: NFC, plain spaces, no invisible characters; letters, quotes and dashes stay."""

from __future__ import annotations

import re
from html import unescape
from unicodedata import normalize

#: Control characters, soft hyphen, zero-width space and no-break space, word joiner, direction marks and overrides,
#: lone surrogates (JSON allows them, UTF-8 does not), non-characters. The two zero-width joiners stay: words in Persian
#: and Indian scripts are spelt with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
#: What must not reach a terminal, a log or a chat: C0 and C1 controls, and marks that change the direction of writing.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")


def lines(text: str) -> str:
    """Paragraphs, one per line, with inner white space collapsed to one space; empty ones are dropped."""
    text = normalize("NFC", _INVISIBLE.sub("", text))
    return "\n".join(filter(None, (" ".join(part.split()) for part in text.splitlines())))


def line(text: str, limit: int = 2_000) -> str:
    """One line of plain text from a string of a feed or page head, which may contain markup and (double) escapes."""
    text = text[: limit * 8]
    for _ in range(2):
        if "&" not in text:
            break
        text = unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    return normalize("NFC", " ".join(_INVISIBLE.sub("", text).split()))[:limit].rstrip()

"""Text as it is stored: NFC, plain spaces, no invisible characters. Changes no letter, quote or dash."""

from __future__ import annotations

import re
from html import unescape
from unicodedata import normalize

#: Control characters, soft hyphen, zero-width space and no-break space, word joiner, direction marks and overrides,
#: lone surrogates (JSON allows them, UTF-8 does not), non-characters. The two zero-width joiners spell words in
#: Persian and Indian scripts and stay.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")


def lines(text: str) -> str:
    """Paragraphs, one to a line, white space inside folded to one space, empty ones left out."""
    text = normalize("NFC", _INVISIBLE.sub("", text))
    return "\n".join(filter(None, (" ".join(part.split()) for part in text.splitlines())))


def line(text: str, limit: int = 2_000) -> str:
    """One line from a string of a feed or page head, in which markup and escapes may stand, even escaped twice."""
    text = text[: limit * 8]
    for _ in range(2):
        if "&" not in text:
            break
        text = unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    return normalize("NFC", " ".join(_INVISIBLE.sub("", text).split()))[:limit].rstrip()

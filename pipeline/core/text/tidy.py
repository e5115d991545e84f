"""Normalises text for storage: NFC, plain spaces, no invisible characters; letters, quotes and dashes stay."""

from __future__ import annotations

import re
from html import unescape
from unicodedata import normalize

#: Control characters, soft hyphen, zero-width space, word joiner, fillers, direction marks and overrides, marks of
#: positions in other formats, tags (but in flags), placeholders, lone surrogates (JSON allows them, UTF-8 does not),
#: non-characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff9-\ufffc\ufffe\uffff\ud800-\udfff\U0001d173-\U0001d17a\U000e0001-\U000e001f]"
)
_INVISIBLE_ASCII = bytes(code for code in range(128) if _INVISIBLE.match(chr(code)))
#: Zero-width joiners stay where writing needs them: in words of Arabic, Indian and other scripts, and inside emoji.
#: Between letters of other scripts they only hinder a search.
_JOINERS = re.compile(
    "(?<![\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1900-\u1cff\ua840-\ua8ff\ua980-\uaaff\ufb50-\ufdff\ufe0f\ufe70-\ufefc"
    "\u2190-\u2bff\U00010a00-\U00011fff\U0001f000-\U0001faff\u200c\u200d])[\u200c\u200d]+"
)
#: A variation selector behind a letter or a space changes nothing; behind a symbol it makes an emoji of it.
_SELECTORS = re.compile("(?<=[\\s!-~\u00a0-\u024f\u0370-\u052f])[\ufe00-\ufe0f]+(?!\u20e3)")
_TAGS = re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0020-\U000e007f]+")
_ODD = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f]")
#: What must not reach a terminal, a log or a chat: C0 and C1 controls, and marks that change the direction of writing.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
_PARAGRAPH_ENDS = re.compile(r"[\n\r\x0c\x85\u2029]")
_EMPTY_LINES = re.compile(r"(?:\r\n?|\n)[ \t\u00a0]*(?:\r\n?|\n)\s*?(?=\S|$)")
_SENTENCE_END = re.compile(r"[.!?…:。！？।][\"'”»’)]*$")
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")


def visible(text: str) -> str:
    """`text` without invisible characters."""
    if text.isascii():
        return text.encode().translate(None, _INVISIBLE_ASCII).decode()
    text = _INVISIBLE.sub("", text)
    if _ODD.search(text):
        for odd in (_JOINERS, _SELECTORS, _TAGS):
            text = odd.sub("", text)
    return text


def lines(text: str) -> str:
    """Paragraphs, one per line, with inner white space collapsed to one space; empty ones are dropped.

    A line separator (U+2028) and a vertical tab are breaks inside a paragraph, so they become spaces.
    """
    text = normalize("NFC", visible(text))
    return "\n".join(filter(None, (" ".join(part.split()) for part in _PARAGRAPH_ENDS.split(text))))


def unwrapped(text: str) -> list[str]:
    """The paragraphs of plain text: its lines; or what empty lines separate, if lines were wrapped at a width."""
    found: list[str] = []
    for chunk in _EMPTY_LINES.split(text):
        rows = [row.rstrip() for row in _PARAGRAPH_ENDS.split(chunk) if row.strip()]
        if _is_wrapped(rows):
            found.append(" ".join(map(str.strip, rows)))
        else:
            found.extend(rows)
    return found


def _is_wrapped(rows: list[str]) -> bool:
    """Whether all rows but the last are about as long, and most end inside a sentence."""
    if len(rows) < 2:
        return False
    widths = [len(row) for row in rows[:-1]]
    widest = max(*widths, len(rows[-1]))
    inside = sum(not _SENTENCE_END.search(row) for row in rows[:-1])
    columns = sum("   " in row.strip() or "\t" in row.strip() for row in rows)
    return (
        40 <= widest <= 140
        and min(widths) >= 0.6 * widest
        and inside * 2 > len(widths) - 1
        and columns * 3 <= len(rows)
    )


def line(text: str, limit: int = 2_000) -> str:
    """One line of plain text from a string of a feed or page head, which may contain markup and (double) escapes."""
    text = text[: limit * 8]
    for _ in range(2):
        if "&" not in text:
            break
        text = unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    return normalize("NFC", " ".join(visible(text).split()))[:limit].rstrip()


def cut(text: str, length: int) -> str:
    """At most `length` characters of the text; the last is an ellipsis if some are left out."""
    return text if len(text) <= length else text[: length - 1] + "…"

"""Makes short extracts of a text, the matched words between \\x02 and \\x03. Callers escape them for their medium."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from pipeline.records import Span

OPEN, CLOSE = "\x02", "\x03"
WIDTH = 200  # characters
LEAD = 40  # of them before the first matched word, where there are as many
REACH = 24  # how far a cut moves to meet a space; scripts without spaces are cut where it falls

_BLANK = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]")


def marked(text: str, spans: Iterable[Span]) -> str:
    """All of `text` in one line with the spans marked; overlapping ones become one."""
    return _marked(text, [(span.start, span.end) for span in spans], 0, len(text))


def snippet(text: str, spans: Sequence[Span], width: int = WIDTH) -> str:
    """About `width` characters of `text` where most of `spans` are, cut between words; its beginning without any."""
    places = sorted((span.start, span.end) for span in spans)
    start, end = _window(text, places, width)
    start, end = _cut_left(text, start, places), _cut_right(text, end, places)
    return ("…" if start > 0 else "") + _marked(text, places, start, end).strip() + ("…" if end < len(text) else "")


def plain(text: str) -> str:
    """`text` without the marks."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def _window(text: str, places: list[tuple[int, int]], width: int) -> tuple[int, int]:
    """The first stretch that holds the most spans whole."""
    if not places:
        return 0, min(len(text), width)
    best, most, last = 0, 0, 0
    for first, (start, _) in enumerate(places):
        last = max(last, first)
        while last < len(places) and places[last][1] <= start + width - LEAD:
            last += 1
        if last - first > most:
            best, most = first, last - first
    start = max(0, min(places[best][0] - LEAD, len(text) - width))
    return start, min(len(text), max(start + width, places[best][1]))


def _cut_left(text: str, start: int, places: list[tuple[int, int]]) -> int:
    if start == 0:
        return 0
    stop = min((place[0] for place in places if place[0] >= start), default=len(text))
    blank = _BLANK.search(text, start, min(start + REACH, stop))
    start = blank.end() if blank else start
    while start < stop and unicodedata.category(text[start])[0] == "M":
        start += 1
    return start


def _cut_right(text: str, end: int, places: list[tuple[int, int]]) -> int:
    if end >= len(text):
        return len(text)
    stop = max((place[1] for place in places if place[1] <= end), default=0)
    for back in range(end, max(end - REACH, stop), -1):
        if _BLANK.match(text[back]):
            return back
    while end > stop and unicodedata.category(text[end])[0] == "M":
        end -= 1
    return end


def _marked(text: str, places: list[tuple[int, int]], start: int, end: int) -> str:
    parts, at = [], start
    for first, last in _merged(places):
        if last <= start or first >= end:
            continue
        first, last = max(first, start), min(last, end)
        parts += [_line(text[at:first]), OPEN, _line(text[first:last]), CLOSE]
        at = last
    parts.append(_line(text[at:end]))
    return "".join(parts)


def _line(text: str) -> str:
    """In one line and without control characters: the marks are control characters too."""
    return _BLANK.sub(" ", text)


def _merged(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged

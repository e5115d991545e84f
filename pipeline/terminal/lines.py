"""Formats log events as lines for people: the time, the event, and its fields as text.

One line per article, cut to the width of the terminal; failures and their reasons are wrapped, never cut.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from rich.cells import cell_len, set_cell_size

from pipeline.core.text.tidy import CONTROL

Fields = Mapping[str, Any]

LABEL = 12  # columns of the event's name
TITLE = 24  # if fewer columns are left for a title, the topics are left out
MIN_TITLE = 8  # columns that a title always gets
PLAIN_WIDTH = 120  # without a terminal, where only lists are wrapped
_COLOURS = {"warning": "33", "error": "1;31", "critical": "1;31"}
_DIM, _TOPIC = "2", "36"


class Lines:
    """A structlog renderer. `width` returns the columns of the terminal; with None nothing is cut."""

    def __init__(self, colours: bool, width: Callable[[], int | None] = lambda: None) -> None:
        self._colours, self._width = colours, width

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
        fields = dict(event)
        width = self._width()
        time, level, name = fields.pop("timestamp", ""), fields.pop("level", "info"), _plain(fields.pop("event"))
        trace = str(fields.pop("exception", ""))
        if width is not None:
            time = time.rpartition(" ")[2]  # people at a terminal know the date
        margin = len(time) + 1
        label = f"{name:<{LABEL}}"
        if name == "article":
            room = None if width is None else width - margin - len(label) - 1
            body = self._article(fields, room)
        else:
            words = _WORDS.get(name, _pairs)(fields)
            body = _wrapped(words, margin + 2, width or PLAIN_WIDTH)
        line = f"{self._paint(time, _DIM)} {self._paint(label, _COLOURS.get(level, ''))} {body}"
        return "\n".join([line, *(f"  | {_plain(one)}" for one in trace.split("\n"))]) if trace else line

    def _article(self, fields: Fields, room: int | None) -> str:
        kind = "" if fields["kind"] == "new" else f" ({fields['kind']})"
        head = f"{_plain(fields['source'])} [{fields['language'] or '?'}]{kind} "
        topics = fields.get("topics", "")
        title = _plain(fields["title"])
        if room is not None:
            first, *others = topics.split(",")
            topics = f"{first} +{len(others)}" if others else first
            left = room - cell_len(head) - (cell_len(topics) + 1 if topics else 0)
            if left < TITLE:
                topics, left = "", max(MIN_TITLE, room - cell_len(head))
            if cell_len(title) > left:
                title = set_cell_size(title, left - 1).rstrip() + "…"
        return self._paint(head, _DIM) + title + (" " + self._paint(topics, _TOPIC) if topics else "")

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colours and code and text else text


def _wrapped(words: str, margin: int, width: int) -> str:
    """The first line unchanged, the others indented and wrapped between words."""
    head, *rest = words.split("\n")
    indent = " " * margin
    lines = (
        textwrap.fill(line, max(width, margin + 20), initial_indent=indent, subsequent_indent=indent,
                      break_long_words=False, break_on_hyphens=False)
        for line in rest
    )  # fmt: skip
    return "\n".join((head, *lines))


def _plain(value: Any) -> str:
    return CONTROL.sub(" ", str(value))


def _pairs(fields: Fields) -> str:
    return _plain("  ".join(f"{name}={value}" for name, value in fields.items()))


# -- events with their own wording ------------------------------------------------------------------------


def _started(fields: Fields) -> str:
    worker = f"{fields.get('instance')}: stages {fields.get('stages')}"
    ours = worker if "stages" in fields else f"{fields['feeds']} feeds ({fields['due']} due now)"
    return (
        f"{ours}, {fields['topics']} topics, {fields['alerts']} alerts; "
        f"data in {fields['data']}; version {fields['version']}; pid {fields['pid']}; times are UTC"
    )


def _library(fields: Fields) -> str:
    repeated = f" ({fields['repeated']} more like this were left out)" if "repeated" in fields else ""
    return _plain(f"{fields['source']}: {fields['message']}{repeated}")


def _feeds(fields: Fields) -> str:
    return f"{fields['polled']} polled, {fields['new']} new items"


def _feed_failed(fields: Fields) -> str:
    detail = f" ({_plain(fields['detail'])})" if fields["detail"] else ""
    return f"{_plain(fields['feed'])}: {fields['why']}{detail}, next try {fields['next_try']}"


def _feeds_failed(fields: Fields) -> str:
    alone = "; is this machine online?" if fields["all"] else ""
    tries = ", ".join(f"{feed}\u00a0{moment}" for feed, moment in fields["feeds"].items())
    return f"{fields['count']} feeds{alone} {fields['why']}, as: {_plain(fields['detail'])}\nnext tries: {tries}"


def _totals(fields: Fields) -> str:
    failed = f" ({fields['polls_failed']} failed)" if fields["polls_failed"] else ""
    parts = [
        f"{fields[name]} {word}" for name, word in (("copies", "copies"), ("unlisted", "not listed")) if fields[name]
    ]
    among = f" ({', '.join(parts)})" if parts else ""
    dead = f", {fields['dead']} dead: see `almenara dead list`" if fields["dead"] else ""
    waiting = f"; {fields['waiting']} waiting" if fields.get("waiting") else ""
    soon = f"; next poll {fields['next_poll']}" if fields.get("next_poll") else ""
    return (
        f"{fields['polls']} polls{failed}, {fields['items']} items, {fields['documents']} articles{among}, "
        f"{fields['dropped']} dropped, {fields['alerts']} alerts{dead}{waiting}{soon}"
    )


def _rejected(fields: Fields) -> str:
    return "the previous one stays in force\n" + "\n".join(_plain(fault) for fault in fields["faults"])


_WORDS: dict[str, Callable[[Fields], str]] = {
    "started": _started,
    "feeds": _feeds,
    "library": _library,
    "feed failed": _feed_failed,
    "feeds failed": _feeds_failed,
    "so far": _totals,
    "done": _totals,
    "stopped": _totals,
    "new configuration rejected": _rejected,
}

"""Draws numbers as bars of characters, as wide as the terminal; also where the output is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.cells import cell_len

NARROWEST, WIDEST = 10, 60  # characters of the longest bar
_BLOCKS, _ASCII = ("█", "░", "→"), ("#", "-", "->")
_LEVELS = "▁▂▃▄▅▆▇█"


def bars(rows: Sequence[tuple[str, int, int]], width: int, encoding: str | None = None) -> list[str]:
    """A line for each label with two numbers: a bar as long as the greater, filled as far as the second.

    No line is wider than `width`, unless that is too little for label, numbers and a short bar. `encoding` of the
    output, which may lack blocks; None: that of standard output.
    """
    full, rest, arrow = _BLOCKS if _has("".join(_BLOCKS), encoding) else _ASCII
    counts = [f"{first:,} {arrow} {second:,}" for _, first, second in rows]
    labels = max((cell_len(label) for label, _, _ in rows), default=0)
    room = width - labels - max(map(len, counts), default=0) - 4
    longest = max(NARROWEST, min(WIDEST, room))
    most = max((max(first, second) for _, first, second in rows), default=0)
    lines = []
    for (label, first, second), count in zip(rows, counts, strict=True):
        filled = _length(second, most, longest)
        whole = max(filled, _length(first, most, longest))
        bar = (full * filled + rest * (whole - filled)).ljust(longest)
        lines.append(f"{label}{' ' * (labels - cell_len(label))}  {bar}  {count}".rstrip())
    return lines


def spark(values: Sequence[float], encoding: str | None = None) -> str:
    """The values as one character each, the highest as the highest block."""
    most = max(values, default=0)
    if not _has(_LEVELS, encoding):
        return ",".join(f"{value:g}" for value in values)
    top = len(_LEVELS) - 1
    return "".join(" " if not value else _LEVELS[round(value / most * top)] for value in values)


def _length(value: int, most: int, longest: int) -> int:
    """Characters of the bar; at least one for anything."""
    return 0 if not value else max(1, round(value / most * longest))


def _has(characters: str, encoding: str | None) -> bool:
    try:
        characters.encode(encoding or sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True

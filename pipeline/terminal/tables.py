"""Prints tables: one line per row, cut to the width of the terminal; complete if the output is not a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console

from pipeline.core.text.tidy import CONTROL

MIN_LAST = 24  # if the last column would have fewer characters, spare columns are left out


def screen() -> Console:
    """A console for standard output that does not interpret text as markup."""
    return Console(highlight=False, markup=False, emoji=False)


def print_table(names: Sequence[str], rows: Iterable[Sequence[str | None]], spare: Sequence[str] = ()) -> None:
    """Print rows under the names of their columns.

    The last column takes the remaining width; `spare` columns are left out, in this order, if that is too little.
    """
    lines = [list(names), *([shortened(cell or "", 500) for cell in row] for row in rows)]
    width = screen().width if sys.stdout.isatty() or "COLUMNS" in os.environ else None
    sizes = {name: max(cell_len(line[n]) for line in lines) for n, name in enumerate(names)}
    shown = list(names)
    for name in spare:
        if width is None or width - sum(sizes[other] + 2 for other in shown[:-1]) >= MIN_LAST:
            break
        shown.remove(name)
    for number, line in enumerate(lines):
        cells = [(line[names.index(name)], sizes[name]) for name in shown]
        text = "  ".join(set_cell_size(cell, size) for cell, size in cells[:-1]) + "  " + cells[-1][0]
        text = text.rstrip() if width is None or cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
        print(f"\x1b[1m{text}\x1b[0m" if number == 0 and sys.stdout.isatty() and "NO_COLOR" not in os.environ else text)


def shortened(text: str, limit: int) -> str:
    """The text on one line, without control characters, at most `limit` characters long."""
    line = " ".join(CONTROL.sub(" ", text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"

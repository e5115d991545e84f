"""Cuts a text into paragraphs and pieces, each with the marks on it, which may overlap and cross paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.core.query.snippets import CLOSE, OPEN
from pipeline.core.text.tidy import CONTROL


@dataclass(frozen=True, slots=True)
class Mark:
    """`text`[start:end] is marked as `kind`; `note` says why."""

    start: int
    end: int
    kind: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a paragraph. `kinds` and `notes`: of the marks on it; none of plain text."""

    text: str
    kinds: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def paragraphs(text: str, marks: Iterable[Mark]) -> list[list[Piece]]:
    """The paragraphs of a text (separated by newlines), without empty ones."""
    inside = sorted((mark for mark in marks if 0 <= mark.start < mark.end), key=lambda mark: (mark.start, mark.end))
    found, begin = [], 0
    for line in text.split("\n"):
        end = begin + len(line)
        if line.strip():
            found.append(_pieces(text, begin, end, [one for one in inside if one.start < end and one.end > begin]))
        begin = end + 1
    return found


def _pieces(text: str, begin: int, end: int, marks: Sequence[Mark]) -> list[Piece]:
    cuts = {begin, end}
    for mark in marks:
        cuts |= {max(begin, mark.start), min(end, mark.end)}
    pieces = []
    for start, stop in pairwise(sorted(cuts)):
        on = [mark for mark in marks if mark.start <= start and mark.end >= stop]
        kinds = tuple(dict.fromkeys(mark.kind for mark in on))
        notes = tuple(dict.fromkeys(mark.note for mark in on if mark.note))
        pieces.append(Piece(text[start:stop], kinds, notes))
    return pieces


def highlighted(text: str) -> list[tuple[str, bool]]:
    """The parts of a text in one line whose matched words stand between \\x02 and \\x03, and whether each matched."""
    found = []
    for piece in text.split(OPEN):
        word, closed, rest = piece.partition(CLOSE)
        found += [(word, bool(closed)), (rest, False)]
    return [(CONTROL.sub(" ", part), on) for part, on in found if part]

"""What a message says, as data that every medium can write: blocks of lines of runs and links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from pipeline.core.messages.foreign import Run, runs, tame


@dataclass(frozen=True, slots=True)
class Link:
    """One of our links. `name` says what it leads to, `host` is that of `url`, which is safe to write in every
    medium."""

    name: str
    url: str

    @property
    def label(self) -> str:
        """What people see instead of the URL: "Article on example.org", a host in another script in ASCII."""
        return f"{self.name} on {urlsplit(self.url).netloc.removeprefix('www.')}"


Piece = Run | Link
Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together. head: what the message is about; item: an entry of a list; quote: words of an
    article; text: anything else."""

    kind: Literal["head", "text", "item", "quote"]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """A whole message. `subject` is one line of plain text. `lead` is the start of it that the first line of the blocks
    lacks, where that line is otherwise the subject; "" if the blocks do not repeat the subject."""

    subject: str
    lead: str
    blocks: tuple[Block, ...]


def said(text: str) -> Run:
    """Our own words."""
    return Run(text)


def own_lines(text: str) -> list[Line]:
    """The lines of a text of ours, in which foreign names may stand."""
    return [(said(tame(line)),) for line in text.splitlines() if line.strip()]


def strong(text: str) -> tuple[Run, ...]:
    """A foreign text as a heading, its matched words as they are."""
    return tuple(Run(run.text, run.style or "strong") for run in runs(text))


def labelled(label: str, *pieces: Piece | str) -> Line:
    """A line such as "Facts: …"; texts are foreign."""
    return (said(f"{label}: "), *(said(tame(piece)) if isinstance(piece, str) else piece for piece in pieces))


def block(kind: Literal["head", "text", "item", "quote"], lines: Iterable[Line | None]) -> tuple[Block, ...]:
    """The block of these lines, without those that are None or empty; nothing if all are."""
    kept = tuple(line for line in lines if line)
    return (Block(kind, kept),) if kept else ()


def listed(names: Iterable[str], most: int = 6) -> str:
    """Foreign names in a row: "A, B, C and 3 more"."""
    every = [tame(name, 120) for name in names if name]
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more} more" if more > 0 else "")


def counted(number: int, one: str, several: str = "") -> str:
    """For example "1 report", "3 reports"."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"

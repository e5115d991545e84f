"""Finds variants of several chunks: numbers with spaces (3 500), spaced initials (EE. UU.), amounts (500 €), X & Y."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple
from unicodedata import category

from pipeline.core.text.chunks import AFTER, BEFORE, Chunk, chunks
from pipeline.core.text.folding import fold
from pipeline.core.text.symbols import amount
from pipeline.core.text.variants import Found, Kind, acronym


class Placed(NamedTuple):
    """A chunk and the position of its first word. `at`: its number among the chunks of its line."""

    at: int
    position: int
    chunk: Chunk

    @property
    def last(self) -> int:
        """The position of its last word."""
        return self.position + len(self.chunk.words) - 1


_TAIL = re.compile(r"(?<![\w.,'])([1-9]\d{0,2})$")  # the first digits of a number with spaces
_HEAD = re.compile(r"(\d{3})(?:[.,](\d+))?(?!\d|[.,']\d)")  # three more, and perhaps decimals
_INITIAL = re.compile(r"\W*(([^\W\d_])\2?)\.")


def numbers(line: Sequence[Placed]) -> Iterator[Found]:
    """Numbers whose thousands are parted by spaces, with the currency or % beside them. `line`: chunks with an edge."""
    n = 0
    while n < len(line):
        first = _TAIL.search(line[n].chunk.edge)
        heads = _heads(line, n) if first else []
        if first and heads:
            end = line[n + len(heads)]
            digits = first[1] + "".join(head[1] for head in heads) + (f".{heads[-1][2]}" if heads[-1][2] else "")
            number = Found(Kind.NUMBER, digits, line[n].last, end.position + bool(heads[-1][2]))
            yield number
            before, after = line[n].chunk.edge[: first.start()], end.chunk.edge[heads[-1].end() :]
            for tokens, _ in amount(number, f"{before}{digits}{after}", len(before) - 1, len(before) + len(digits)):
                yield from tokens
        n += 1 + len(heads)


def _heads(line: Sequence[Placed], n: int) -> list[re.Match[str]]:
    """The three digits at the start of each of the chunks that go on with the number that chunk `n` ends with."""
    heads: list[re.Match[str]] = []
    for one, other in pairwise(line[n:]):
        head = _HEAD.match(other.chunk.edge)
        if other.at != one.at + 1 or not head:
            break
        heads.append(head)
        if head.end() < len(other.chunk.edge) or head[2]:
            break
    return heads


def amounts(line: Sequence[Placed], known: dict[int, Found], opening: dict[int, Found]) -> Iterator[Found]:
    """Numbers with a lone currency sign or % beside them.

    `known`: numbers that are found already, by their last position; `opening`: by their first.
    """
    for one, other in pairwise(line):
        left, right = one.chunk.edge, other.chunk.edge
        if other.at != one.at + 1:
            continue
        if not other.chunk.words and one.chunk.words and left[-1].isalnum():
            number = known.get(one.last) or Found(Kind.NUMBER, one.chunk.words[-1], one.last, one.last)
            yield from _sum(number, right[0])
        elif not one.chunk.words and other.chunk.words and len(left) == 1 and left != "%" and right[0].isalnum():
            first = other.position
            yield from _sum(opening.get(first) or Found(Kind.NUMBER, other.chunk.words[0], first, first), left)


def _sum(number: Found, sign: str) -> Iterator[Found]:
    if number.token[:1].isdigit() and (sign == "%" or category(sign) == "Sc"):
        token = number.token + sign if sign == "%" else sign + number.token
        yield Found(Kind.SYMBOL, token, number.first, number.last)


def initials(line: Sequence[Placed]) -> Iterator[Found]:
    """Spaced acronyms: EE. UU., U. S., J. K. (Rowling)."""
    n = 0
    while n < len(line):
        run: list[Placed] = []
        kind = Kind.ACRONYM
        for one in line[n:]:
            match = _INITIAL.match(one.chunk.edge)
            if not match or not match[1].isupper() or (run and one.at != run[-1].at + 1) or len(one.chunk.words) != 1:
                break
            kind = Kind.PLURAL if len(match[1]) > 1 else kind
            run.append(one)
        if len(run) > 1:
            yield from acronym(kind, [one.chunk.words[0] for one in run], run[0].position)
        n += max(1, len(run))


_AFFIX = re.compile(r"\w+")


def joined(line: Sequence[Placed], parts: Sequence[str]) -> Iterator[Found]:
    """X & Y, and Persian words with an affix that is written apart. `parts`: all chunks of the line."""
    for one in line:
        edge, last = one.chunk.edge, one.position + len(one.chunk.words) - 1
        affix = _AFFIX.match(edge)
        if edge == "&" or edge in BEFORE:
            after = chunks[parts[one.at + 1]].words if one.at + 1 < len(parts) else ()
        if edge == "&" or (affix and affix[0] in AFTER):
            before = chunks[parts[one.at - 1]].words if one.at else ()
        if edge == "&" and before and after:
            yield Found(Kind.SYMBOL, f"{before[-1]}&{after[0]}", one.position - 1, one.position)
        elif edge in BEFORE and after:
            yield Found(Kind.JOINED, one.chunk.words[0] + after[0], one.position, last + 1)
        elif affix and affix[0] in AFTER and before:
            yield Found(Kind.JOINED, before[-1] + fold(affix[0]), one.position - 1, one.position)


def neighbours(line: Sequence[Placed], parts: Sequence[str], found: Sequence[Found]) -> list[Found]:
    """What the chunks of a line mean together.

    `line`: those with an edge; `parts`: all; `found`: what each means alone.
    """
    together = list(joined(line, parts))
    if not any(one.at + 1 == other.at for one, other in pairwise(line)):
        return together
    spaced = list(numbers(line))
    known = [one for one in chain(found, spaced) if one.kind is Kind.NUMBER and one.token.replace(".", "").isdigit()]
    ends, starts = {one.last: one for one in known}, {one.first: one for one in known}
    return [*together, *spaced, *amounts(line, ends, starts), *initials(line)]

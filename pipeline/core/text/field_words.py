"""Reads the words of a title or text as queries see them: the words by number, and what else some of them are.

Words are numbered from 0 through the whole field. A block is one line: a paragraph, heading, list item or table row.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from pipeline.core.text.chunks import chunks
from pipeline.core.text.neighbours import Placed, neighbours
from pipeline.core.text.sentences import LONGEST_SENTENCE, sentences
from pipeline.core.text.variants import Found, Kind
from pipeline.core.text.words import expression, spans, whole

REMEMBERED = 256  # texts
SHOUTED = 4  # words in capitals in a row, from which capitals mark no name


class Extra(NamedTuple):
    """A token that stands for the words `first` to `last`, inclusive."""

    token: str
    first: int
    last: int


class FieldWords:
    """The words of one field.

    `base`: in normal form, "" where nothing is to be found (too long, or part of a number such as 3,500).
    `extras`: in order of place. `blocks`: number of the first word of each block that has words.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.base: list[str] = []
        self.blocks: list[int] = []
        found: list[Found] = []
        for line in text.split("\n"):
            before = len(self.base)
            found += read_line(line, self.base)
            if len(self.base) > before:
                self.blocks.append(before)
        self.extras = sorted({Extra(one.token, one.first, one.last) for one in found}, key=_place)

    def block(self, word: int) -> int:
        """The number of the block that a word is in."""
        return bisect_right(self.blocks, word) - 1

    @cached_property
    def sentences(self) -> list[int]:
        """The number of the first word of each sentence that has words."""
        find, at, done, firsts = expression(self.text).findall, 0, 0, []
        for start, end in sentences(self.text):
            begin, stop = max(start, done), end
            if end - start == LONGEST_SENTENCE:  # perhaps cut in the middle of a word
                stop = done = max(done, whole(self.text, end))
            if count := len(find(self.text, begin, stop)):
                firsts.append(at)
                at += count
        return firsts

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Start and end of each word in the text."""
        return spans(self.text)


@lru_cache(maxsize=REMEMBERED)
def field_words(text: str) -> FieldWords:
    """The words of a text. Those of the last texts are remembered: index and alert read the same documents."""
    return FieldWords(text)


def _place(extra: Extra) -> tuple[int, int, str]:
    return extra.first, extra.last, extra.token


def read_line(line: str, base: list[str]) -> list[Found]:
    """Add the words of one line to `base`; returns what else they are, by their places in `base`."""
    parts, special = line.split(), list[Placed]()
    for number, chunk in enumerate(map(chunks.__getitem__, parts)):
        if chunk.special:
            special.append(Placed(number, len(base), chunk))
        base += chunk.words
    if not special:
        return []
    found = [
        Found(one.kind, one.token, one.first + at, one.last + at) for _, at, chunk in special for one in chunk.found
    ]
    edges = [one for one in special if one.chunk.edge]
    if edges and (together := neighbours(edges, parts, found)):
        found = _with_neighbours(found, together, base)
    capitals = [at + n for _, at, chunk in special for n in chunk.capitals]
    return found + [Found(Kind.CAPITALS, "=" + base[n], n, n) for n in in_capitals(line, parts, capitals, base)]


def _with_neighbours(found: list[Found], together: list[Found], base: list[str]) -> list[Found]:
    """All that was found; inside a number with spaces, its parts are nothing by themselves."""
    hidden = {n for one in together if one.kind is Kind.NUMBER for n in range(one.first, one.last + 1)}
    for n in hidden:
        base[n] = ""
    kept = [one for one in found if one.kind in _WHOLE or hidden.isdisjoint(range(one.first, one.last + 1))]
    return kept + together


_WHOLE = (Kind.ACRONYM, Kind.PLURAL, Kind.TAG)


def in_capitals(line: str, parts: Sequence[str], capitals: Sequence[int], base: Sequence[str]) -> Iterable[int]:
    """Those of the words in capitals whose capitals mean something.

    Not in a line of capitals only, nor among SHOUTED or more chunks in capitals without punctuation between them.
    """
    if not capitals or (line.isupper() and len(parts) > 1):
        return ()
    if len(capitals) < SHOUTED:
        return [n for n in capitals if base[n]]
    loud, run, at = set[int](), list[int](), len(base) - sum(len(chunks[part].words) for part in parts)
    for part in [*parts, ""]:
        words = chunks[part].words
        if not part.isupper():
            loud.update(run if len(run) >= SHOUTED else ())
            run = []
        elif part[-1:].isalnum():
            run.extend(range(at, at + len(words)))
        else:
            run.extend(range(at, at + len(words)))
            loud.update(run if len(run) >= SHOUTED else ())
            run = []
        at += len(words)
    return [n for n in capitals if base[n] and n not in loud]

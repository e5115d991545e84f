"""Observes the blocks of a page: what says that one is part of the article, or is not.

The signals are the page's prose, the headline and what stands below it, the lead, the feed's text, the body in JSON-LD,
what trafilatura chose, and whether blocks are foreign to that: links, other areas, names, ranks. A logistic regression
over them gives the likelihood of a block (judgement.py). Its weights were fitted by `scripts/extraction/fit.py` on
every second page of public sets; docs/quality.md names them, and shows the result on the other pages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.pages.blocks import Block, bare_of

#: What is observed of a block, and its weight in the logistic regression.
WEIGHTS = {
    "bias": -2.81,
    "length": -1.49,
    "short": 0.67,
    "long prose": 0.24,
    "linked": -1.28,
    "paragraph": 0.20,
    "heading": 0.20,
    "item": 0.63,
    "row": -0.12,
    "caption": -0.04,
    "sentence": 0.74,
    "foreign": -1.43,
    "beside": 0.46,
    "below headline": 0.65,
    "chosen": 1.13,
    "chosen before": 0.44,
    "chosen after": 0.47,
    "within": -0.04,
    "chosen of little": 0.71,
    "left by little": 0.71,
    "beside and chosen": -0.41,
    "foreign and chosen": 1.22,
    "linked and chosen": 0.01,
    "rank chosen": -0.14,
    "rank left": 0.36,
    "rank chosen and prose": 3.15,
    "before": 1.28,
    "after": 1.54,
    "above headline": -0.78,
    "under a link": -0.28,
    "headline words": 1.24,
    "in body": 1.57,
    "not in body": -0.65,
    "in lead": 0.83,
    "repeated": 0.36,
}

_ENDS = (".", "!", "?", "…", "。", "！", "？", '."', ".”", ".»", "।", "։", "؟", ":", "”", '"', "»")
_LONG = math.log(600)
SHORT = 15  # characters of a block that is found only as a whole line
PROBE = 30  # characters by which a block is found in a text that may differ in quotes or inner markup
_SEARCHED = 300_000  # characters of a text in which is searched; for longer ones only whole lines are compared
_RANK = 100  # characters that count as neither chosen nor left, where blocks of a rank are few
_LEAD = 20  # characters of a description that can be found again
_WORDY = 400  # characters of a block that has words of the headline by chance
_BODY = 300  # characters of a JSON-LD body or feed text that count as the whole article
_WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of an article beside the blocks of its page; "" for what is not known. `lead` is the description of
    the page, `body` its JSON-LD articleBody, `feed` the text that the feed has of it."""

    headline: str = ""
    lead: str = ""
    body: str = ""
    feed: str = ""


class Lookup:
    """Finds blocks of a page in a text."""

    def __init__(self, text: str) -> None:
        self.lines = [_unmarked(bare_of(line)) for line in text.split("\n")]
        self.bare = "".join(self.lines)
        self._lines = frozenset(self.lines)

    def has(self, bare: str) -> bool:
        if _unmarked(bare) in self._lines:
            return True
        if len(bare) < SHORT or len(self.bare) > _SEARCHED:
            return False
        if bare in self.bare:
            return True
        if len(bare) < 4 * PROBE:
            return False
        middle = len(bare) // 2
        probes = (bare[:PROBE], bare[middle : middle + PROBE], bare[-PROBE:])
        return sum(probe in self.bare for probe in probes) >= 2


def _unmarked(line: str) -> str:
    """`line` without the marks of a list item or a row."""
    return line.removeprefix("-").strip("|")


def share(part: str, whole: str) -> float:
    """The share of `part`, by length, whose lines are in `whole`."""
    there, lines = Lookup(whole), Lookup(part).lines
    return sum(len(line) for line in lines if there.has(line)) / max(1, sum(map(len, lines)))


def observe(blocks: Sequence[Block], chosen: str, evidence: Evidence) -> list[tuple[float, ...]]:
    """The observations of each block, in the order of WEIGHTS, from 0 to 1; `chosen` is the text to be judged."""
    seen: set[str] = set()
    there = Lookup(chosen)
    page = _Page(blocks, [there.has(block.bare) for block in blocks], evidence)
    rows = []
    for at, block in enumerate(blocks):
        rows.append((*_alone(block), *page.around(at), float(block.bare in seen)))
        if len(block.bare) >= SHORT:
            seen.add(block.bare)
    return rows


def _alone(block: Block) -> tuple[float, ...]:
    """What is observed of a block itself."""
    size = len(block.bare)
    long = min(1.0, max(0.0, math.log(size / 100) / math.log(20)))
    return (
        1.0, min(1.0, math.log(size) / _LONG), float(size < SHORT), long * (1 - block.linked), block.linked,
        float(block.kind in "pq"), float(block.kind in "h1"), float(block.kind == "l"), float(block.kind == "t"),
        float(block.kind == "c"), float(block.text.endswith(_ENDS)), float(block.foreign), float(block.beside),
        float(block.lead),
    )  # fmt: skip


class _Page:
    """What is observed of a block beside others, with the text that was chosen, and with other sources."""

    def __init__(self, blocks: Sequence[Block], inside: list[bool], evidence: Evidence) -> None:
        self._blocks, self._inside = blocks, inside
        given = max(evidence.body, evidence.feed, key=len)
        self._body = Lookup(given) if len(given) >= _BODY else None
        self._lead = bare_of(evidence.lead)[:PROBE]
        self._title = frozenset(_WORD.findall(evidence.headline.casefold()))
        self._headline = next((at for at, block in enumerate(blocks) if block.kind == "1"), -1)
        places = [at for at, taken in enumerate(inside) if taken]
        self._first, self._last = (places[0], places[-1]) if places else (len(blocks), -1)
        self._prose = [0.0, *map(_prose, blocks), 0.0]
        self._near = [False, *inside, False]
        self._ranks: dict[str, list[int]] = {}
        for block, taken in zip(blocks, inside, strict=True):
            self._ranks.setdefault(block.rank, [0, 0])[taken] += len(block.bare)
        plain = [len(block.bare) * (1 - block.linked) for block in blocks]
        taken_size = sum(size for size, taken in zip(plain, inside, strict=True) if taken)
        whole = sum(size for size, block in zip(plain, blocks, strict=True) if not block.foreign)
        self._little = max(0.0, 1 - taken_size / (1 + whole))
        self._linked_place = -1

    def around(self, at: int) -> tuple[float, ...]:
        block, chosen, prose = self._blocks[at], self._inside[at], self._prose[at + 1]
        left, taken = self._ranks[block.rank]
        share = taken / (left + taken + _RANK)
        known = self._body is not None and self._body.has(block.bare)
        return (
            float(chosen), float(self._near[at]), float(self._near[at + 2]), float(self._first < at < self._last),
            chosen * self._little, (1 - chosen) * self._little, float(block.beside and chosen),
            float(block.foreign and chosen), block.linked * chosen, share, left / (left + taken + _RANK), prose * share,
            self._prose[at], self._prose[at + 2], float(at <= self._headline), self._under_link(block),
            self._words(block), float(known), float(self._body is not None and not known),
            float(len(self._lead) >= _LEAD and self._lead in block.bare),
        )  # fmt: skip

    def _under_link(self, block: Block) -> float:
        """1.0 below a headline, in the same element, that is a link."""
        if block.kind in "1h":
            self._linked_place = block.place if block.linked > 0.8 else -1
            return 0.0
        return float(block.place == self._linked_place)

    def _words(self, block: Block) -> float:
        """The share of the headline's words that a block has."""
        if not self._title or len(block.bare) > _WORDY:
            return 0.0
        text = block.text.casefold()
        return sum(word in text for word in self._title) / len(self._title)


def _prose(block: Block) -> float:
    return min(1.0, math.log(len(block.bare)) / _LONG) * (1 - block.linked)

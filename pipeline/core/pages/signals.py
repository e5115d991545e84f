"""Judges what was extracted of a page: how likely every block of the page is part of the article, and what follows.

Each block has a likelihood from a logistic regression over a few observations (WEIGHTS). From these follows the F1 that
a text can be expected to have: `expected` weighs blocks by their length, as word F1 does. It is low for a text that is
small beside the page's prose, that repeats itself, or that has blocks foreign to the article.

The weights were fitted by `scripts/extraction/fit.py` on every second page of public sets; docs/quality.md has the sets
and the result on the other pages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.pages.blocks import Block, bare_of

#: What is observed of a block, in the order of WEIGHTS.
OBSERVED = ("bias", "length", "linked", "foreign", "paragraph", "heading", "item", "cell", "caption", "sentence",
            "before", "after", "chosen", "chosen before", "chosen after", "within", "above headline", "repeated",
            "headline words", "short", "in body", "not in body", "in lead",
            "rank chosen", "rank left", "rank chosen and prose",
            "long prose", "chosen of little", "left by little")  # fmt: skip
WEIGHTS: tuple[float, ...] = (0.0,) * len(OBSERVED)

_ENDS = (".", "!", "?", "…", "。", "！", "？", '."', ".”", ".»", "।", "։", "؟", ":", "”", '"', "»")
_LONG = math.log(600)
SHORT = 15  # characters of a block that is found only as a whole line
_PROBE = 30  # characters by which a block is found in a text that may differ in quotes or inner markup
_BODY = 300  # characters of a JSON-LD body or feed text that count as the whole article
_WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of an article beside the blocks of its page; "" for what is not known. `body` is the longest of the
    JSON-LD articleBody and the feed's text, `lead` the description of the page or the summary of the feed."""

    headline: str = ""
    lead: str = ""
    body: str = ""


class Lookup:
    """Finds blocks of a page in a text."""

    def __init__(self, text: str) -> None:
        self.lines = [bare_of(line) for line in text.split("\n")]
        self.bare = "".join(self.lines)
        self._lines = frozenset(self.lines)

    def has(self, bare: str) -> bool:
        if len(bare) < SHORT:
            return bare in self._lines
        if bare in self.bare:
            return True
        if len(bare) < 4 * _PROBE:
            return False
        middle = len(bare) // 2
        probes = (bare[:_PROBE], bare[middle : middle + _PROBE], bare[-_PROBE:])
        return sum(probe in self.bare for probe in probes) >= 2


def observe(blocks: Sequence[Block], chosen: Lookup, evidence: Evidence) -> list[tuple[float, ...]]:
    """The observations of each block, each between 0 and 1; `chosen` is the text to be judged."""
    inside = [chosen.has(block.bare) for block in blocks]
    body = Lookup(evidence.body) if len(evidence.body) >= _BODY else None
    lead = bare_of(evidence.lead)[:_PROBE]
    title = frozenset(_WORD.findall(evidence.headline.casefold()))
    headline = next((at for at, block in enumerate(blocks) if block.kind == "1"), -1)
    first = inside.index(True) if True in inside else len(blocks)
    last = len(blocks) - 1 - inside[::-1].index(True) if True in inside else -1
    prose = [0.0, *(_prose(block) for block in blocks), 0.0]
    near = [False, *inside, False]
    seen: set[str] = set()
    ranks: dict[str, list[float]] = {}
    for block, taken in zip(blocks, inside, strict=True):
        ranks.setdefault(block.rank, [0.0, 0.0])[taken] += len(block.bare)
    taken = sum(len(block.bare) * (1 - block.linked) for block, is_in in zip(blocks, inside, strict=True) if is_in)
    little = 1 - taken / (1 + sum(len(block.bare) * (1 - block.linked) for block in blocks if not block.foreign))
    little = max(0.0, little)
    rows = []
    for at, block in enumerate(blocks):
        size = len(block.bare)
        words = title and size < 400 and _WORD.findall(block.text.casefold())
        known = body is not None and body.has(block.bare)
        rows.append((
            1.0, min(1.0, math.log(size) / _LONG), block.linked, float(block.foreign), float(block.kind in "pq"),
            float(block.kind in "h1"), float(block.kind == "l"), float(block.kind == "t"), float(block.kind == "c"),
            float(block.text.endswith(_ENDS)), prose[at], prose[at + 2], float(inside[at]), float(near[at]),
            float(near[at + 2]), float(first < at < last), float(at <= headline), float(block.bare in seen),
            len(title.intersection(words)) / len(title) if words else 0.0, float(size < SHORT), float(known),
            float(body is not None and not known), float(len(lead) >= 20 and lead in block.bare),
            *_shares(ranks[block.rank], prose[at + 1]),
            min(1.0, max(0.0, math.log(size / 100) / math.log(20))) * (1 - block.linked), inside[at] * little,
            (1 - inside[at]) * little,
        ))  # fmt: skip
        if size >= SHORT:
            seen.add(block.bare)
    return rows


def _shares(rank: list[float], prose: float) -> tuple[float, float, float]:
    """How much of the text of blocks of one rank is chosen, and how much is left; 100 characters count half."""
    left, taken = rank
    return taken / (left + taken + 100), left / (left + taken + 100), prose * taken / (left + taken + 100)


def _prose(block: Block) -> float:
    return min(1.0, math.log(len(block.bare)) / _LONG) * (1 - block.linked)


def likelihoods(rows: Sequence[tuple[float, ...]]) -> list[float]:
    """The likelihood of each block to be part of the article."""
    sums = (sum(map(float.__mul__, row, WEIGHTS)) for row in rows)
    return [1 / (1 + math.exp(-max(-30.0, min(30.0, total)))) for total in sums]


def expected(text: Lookup, blocks: Sequence[Block], likely: Sequence[float]) -> float:
    """The F1 that `text` can be expected to have, by characters; 0 for an empty one."""
    whole = sum(len(block.bare) * chance for block, chance in zip(blocks, likely, strict=True))
    found = sum(
        len(block.bare) * chance for block, chance in zip(blocks, likely, strict=True) if text.has(block.bare)
    )
    size = len(text.bare)
    return 2 * min(found, size) / (size + whole) if size and whole else 0.0


def best(blocks: Sequence[Block], likely: Sequence[float], headline: str = "") -> str:
    """The text with the highest expected F1: all blocks above a threshold, each once, without the headline.

    The threshold follows from the likelihoods: it is half of the F1 that can be reached (Lipton, Elkan and Naryanaswamy
    2014, Optimal Thresholding of Classifiers to Maximize F1 Measure).
    """
    whole = sum(len(block.bare) * chance for block, chance in zip(blocks, likely, strict=True))
    size = found = reached = 0.0
    for chance, length in sorted(((c, len(block.bare)) for c, block in zip(likely, blocks, strict=True)), reverse=True):
        if chance <= reached / 2:
            break
        size += length
        found += length * chance
        reached = 2 * found / (size + whole)
    kept: list[str] = []
    places: dict[str, int] = {}
    for block, chance in zip(blocks, likely, strict=True):
        if chance <= reached / 2 or (block.kind == "1" and block.bare == bare_of(headline)):
            continue
        if len(block.bare) >= 2 * _PROBE and places.setdefault(block.bare, block.place) != block.place:
            continue  # a second body, for other screens; authors repeat a paragraph in its own place, if at all
        kept.append(block.text)
    return "\n".join(kept)

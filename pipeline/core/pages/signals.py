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
OBSERVED = ("bias", "length", "linked", "foreign", "paragraph", "heading", "item", "row", "caption", "sentence",
            "before", "after", "chosen", "chosen before", "chosen after", "within", "above headline", "repeated",
            "headline words", "short", "in body", "not in body", "in lead",
            "rank chosen", "rank left", "rank chosen and prose",
            "long prose", "chosen of little", "left by little", "under a link",
            "beside", "beside and chosen", "foreign and chosen", "linked and chosen",
            "below headline")  # fmt: skip
WEIGHTS = (-2.85, -1.53, -1.44, -1.52, 0.38, 0.02, 0.7, 0.19, -0.02, 0.74, 0.98, 1.43, 1.5, 0.87, 0.77, -0.35, -0.6, 0.4, 0.39, 1.02, 1.66, -0.59, 0.6, -0.09, 0.5, 2.87, -0.21, 0.48, 0.43, -0.79, 0.62, 0.14, 1.21, 0.04, 0.58)  # fmt: skip

_ENDS = (".", "!", "?", "…", "。", "！", "？", '."', ".”", ".»", "।", "։", "؟", ":", "”", '"', "»")
#: List items and rows are marked as trafilatura does.
_SHOWN = {"l": "- {}", "t": "| {} |"}
_OPEN = ("…", "...", "[…]", "[...]")
_LONG = math.log(600)
SHORT = 15  # characters of a block that is found only as a whole line
_PROBE = 30  # characters by which a block is found in a text that may differ in quotes or inner markup
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
        self.lines = [bare_of(line).removeprefix("-").strip("|") for line in text.split("\n")]
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


def share(part: str, whole: str) -> float:
    """The share of `part`, by length, whose lines are in `whole`."""
    there, lines = Lookup(whole), Lookup(part).lines
    return sum(len(line) for line in lines if there.has(line)) / max(1, sum(map(len, lines)))


def observe(blocks: Sequence[Block], chosen: Lookup, evidence: Evidence) -> list[tuple[float, ...]]:
    """The observations of each block, each between 0 and 1; `chosen` is the text to be judged."""
    inside = [chosen.has(block.bare) for block in blocks]
    given = max(evidence.body, evidence.feed, key=len)
    body = Lookup(given) if len(given) >= _BODY else None
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
    linked_place = -1
    rows = []
    for at, block in enumerate(blocks):
        size = len(block.bare)
        if block.kind in "1h":
            linked_place = block.place if block.linked > 0.8 else -1
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
            (1 - inside[at]) * little, float(block.place == linked_place and block.kind not in "1h"),
            float(block.beside), float(block.beside and inside[at]), float(block.foreign and inside[at]),
            block.linked * inside[at], float(block.lead),
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


@dataclass(frozen=True, slots=True)
class Judgement:
    """`text` is the best that can be made of the blocks of a page, `f1` the F1 that it can be expected to have."""

    text: str
    f1: float


def judge(blocks: Sequence[Block], chosen: str, evidence: Evidence) -> Judgement:
    """Correct `chosen`, the text that an extraction chose of `blocks`, by what is observed of every block."""
    likely = likelihoods(observe(blocks, Lookup(chosen), evidence))
    text = best(blocks, likely, evidence.headline) or chosen
    return Judgement(text, expected(Lookup(text), blocks, likely))


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
    openings = {block.bare[:_PROBE] for block in blocks if not block.bare.endswith(_OPEN)}
    places: dict[str, int] = {}
    for block, chance in zip(blocks, likely, strict=True):
        if chance <= reached / 2 or (block.kind == "1" and block.bare == bare_of(headline)):
            continue
        if len(block.bare) >= 2 * _PROBE and places.setdefault(block.bare, block.place) != block.place:
            continue  # a second body, for other screens; authors repeat a paragraph in its own place, if at all
        if block.bare.endswith(_OPEN) and len(block.bare) > _PROBE and block.bare[:_PROBE] in openings:
            continue  # a teaser of a paragraph that the page has whole
        kept.append(block.text if "\n" in block.text else _SHOWN.get(block.kind, "{}").format(block.text))
    return "\n".join(kept)

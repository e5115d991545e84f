"""Judges what was extracted of a page: which blocks are part of the article, and how good the text probably is.

Each block has a likelihood. From these follows the F1 that a text can be expected to have. It is low for a text that is
small beside the page's prose, that repeats itself, or that has blocks foreign to the article.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from pipeline.core.pages.blocks import Block, bare_of
from pipeline.core.pages.signals import PROBE, WEIGHTS, Evidence, Lookup, observe

_WEIGHTS = tuple(WEIGHTS.values())
#: List items and rows are marked as trafilatura does.
_SHOWN = {"l": "- {}", "t": "| {} |"}
_OPEN = ("…", "...", "[…]", "[...]")
_LIKELIER = 0.5  # the least likelihood of a short block: its words are few, but read as a sentence out of place


def likelihoods(rows: Sequence[tuple[float, ...]]) -> list[float]:
    """The likelihood of each block to be part of the article."""
    sums = (sum(map(mul, row, _WEIGHTS)) for row in rows)
    return [1 / (1 + math.exp(-max(-30.0, min(30.0, total)))) for total in sums]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`text` is the best that can be made of the blocks of a page, `f1` the F1 that it can be expected to have."""

    text: str
    f1: float


def judge(blocks: Sequence[Block], chosen: str, evidence: Evidence) -> Judgement:
    """Correct `chosen`, the text that an extraction chose of `blocks`, by what is observed of every block."""
    likely = likelihoods(observe(blocks, chosen, evidence))
    text = best(blocks, likely, evidence.headline) or chosen
    return Judgement(text, expected(Lookup(text), blocks, likely))


def expected(text: Lookup, blocks: Sequence[Block], likely: Sequence[float]) -> float:
    """The F1 that `text` can be expected to have, by characters; 0 for an empty one."""
    whole = sum(len(block.bare) * chance for block, chance in zip(blocks, likely, strict=True))
    found = sum(len(block.bare) * chance for block, chance in zip(blocks, likely, strict=True) if text.has(block.bare))
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
    openings = {block.bare[:PROBE] for block in blocks if not block.bare.endswith(_OPEN)}
    title = bare_of(headline)  # in an <h1>, also behind a line above it
    places: dict[str, int] = {}
    kept: list[str] = []
    for block, chance in zip(blocks, _lists_whole(blocks, likely, reached), strict=True):
        size = len(block.bare)
        if chance <= _least(block, reached) or (block.kind == "1" and title and block.bare.endswith(title)):
            continue
        if size >= 2 * PROBE and places.setdefault(block.bare, block.place) != block.place:
            continue  # a second body, for other screens; authors repeat a paragraph in its own place, if at all
        if size > PROBE and block.bare.endswith(_OPEN) and block.bare[:PROBE] in openings:
            continue  # a teaser of a paragraph that the page has whole
        kept.append(block.text if "\n" in block.text else _SHOWN.get(block.kind, "{}").format(block.text))
    return "\n".join(kept)


def _least(block: Block, reached: float) -> float:
    """The likelihood that a block must exceed, where `reached` is the expected F1."""
    return max(reached / 2, _LIKELIER) if len(block.bare) < 2 * PROBE else reached / 2


def _lists_whole(blocks: Sequence[Block], likely: Sequence[float], reached: float) -> list[float]:
    """The likelihoods; items without links are as likely as what stands before and behind them, if that is taken and
    of one element: other items of their list, or paragraphs beside it."""
    whole = list(likely)
    taken = [chance > _least(block, reached) for block, chance in zip(blocks, likely, strict=True)]
    at = 1
    while at < len(blocks) - 1:
        end = at
        while end < len(blocks) and blocks[end].kind == "l" and not (taken[end] or blocks[end].linked):
            end += 1
        if at < end < len(blocks) and taken[at - 1] and taken[end] and blocks[at - 1].place == blocks[end].place:
            for item in range(at, end):
                whole[item] = max(whole[item], min(likely[at - 1], likely[end]))
        at = end + 1
    return whole

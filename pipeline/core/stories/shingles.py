"""Samples the runs of words of a text, so that two texts of any lengths can be compared by what they share.

The sample of a text is the lowest hashes of its runs (bottom-k sampling: Broder 1997; Cohen and Kaplan 2007). Those of
two texts below the lower of the two limits are a fair sample of both, so that the share of one text that is in the
other is estimated for any order of paragraphs and any difference in length.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from pipeline.core.text import words

SAMPLE = 64  # hashes kept of a text: 256 bytes; eight more for each kind of mark
RUN = 4  # words of a run
RUN_SINGLE = 6  # characters, in scripts where each character is a word
QUOTED = 5  # words; a shorter quotation is a title or a phrase
LONGEST_QUOTATION = 1500  # characters

U32 = NDArray[np.uint32]
Marks = NDArray[np.bool_]

_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio
_HALF = np.uint64(32)

# A quotation stays within a paragraph. A straight quote opens before a word and closes behind one.
_QUOTATION = re.compile(
    "|".join(
        f"{opening}[^{opening}{closing}\n]{{1,{LONGEST_QUOTATION}}}(?:{closing}|(?=\n)|$)"
        for opening, closing in ("“”", "«»", "„“", "„”", "»«", "「」", "『』")
    )
    + rf'|(?<![\w.,;!?)"])"(?=\S)[^"\n]{{1,{LONGEST_QUOTATION}}}(?:"(?!\w)|(?=\n)|$)'
)
_BETWEEN = re.compile(r"[.!?…:;»”\"“„«¿¡(\[—–•*\n]\s*$")  # before the first word of a sentence


class Runs(NamedTuple):
    """The lowest runs of words of a text, in ascending order of their hashes, and what each of them is."""

    total: int  # distinct ones in the text
    keys: U32
    open: Marks  # not wholly within a quotation
    telling: Marks  # has a number or a name
    titled: Marks  # has a telling word of the title


def runs(prose: str, folded: Sequence[str], wanted: Container[str] = (), most: int = SAMPLE) -> Runs:
    """The lowest runs of `prose`. `folded`: its words. `wanted`: beginnings of the telling words of the title."""
    size = RUN_SINGLE if 2 * sum(map((1).__eq__, map(len, folded))) > len(folded) else RUN
    if len(folded) < size:
        none = np.empty(0, np.bool_)
        return Runs(0, np.empty(0, np.uint32), none, none, none)
    hashed = _hashed(folded, size)
    order = np.argsort(hashed, kind="stable")
    ascending = hashed[order]
    first = np.flatnonzero(np.concatenate(([True], ascending[1:] != ascending[:-1])))
    end = int(first[most]) if len(first) > most else len(order)
    places = order[:end, None] + np.arange(size)  # of the words of these runs
    needed, where = np.unique(places, return_inverse=True)
    marks = (
        np.logical_or.reduceat(mark[where.reshape(places.shape)].any(axis=1), first[:most])
        for mark in (*_shown(prose, needed), _titled(folded, needed, wanted))
    )
    return Runs(len(first), ascending[first[:most]], *marks)


def _hashed(folded: Sequence[str], size: int) -> U32:
    """A hash of each run of `size` words. rensa hashes the words (FxHash, unseeded); the hash of a run mixes those."""
    count = len(folded) - size + 1
    hashes = np.array(RMinHash.hash_token_sets([list(folded)])[0], np.uint64)
    mixed = hashes[:count].copy()
    for place in range(1, size):
        mixed *= _ODD  # wraps; the order of words matters
        mixed ^= mixed >> _HALF
        mixed += hashes[place : place + count]
    mixed *= _ODD
    return (mixed >> _HALF).astype(np.uint32)


def _shown(prose: str, needed: NDArray[np.int64]) -> tuple[Marks, Marks]:
    """For each of the `needed` words of `prose`, whether it is outside of a quotation, and whether it is a number or
    begins a name."""
    spans = words.spans(prose)
    starts = np.fromiter((start for start, _ in spans), np.int64, len(spans))
    open_ = np.ones(len(spans), np.bool_)
    for quotation in _QUOTATION.finditer(prose):
        first, end = np.searchsorted(starts, quotation.span())
        if end - first >= QUOTED:
            open_[first:end] = False
    telling = np.fromiter((_tells(prose, *spans[at]) for at in needed.tolist()), np.bool_, len(needed))
    return open_[needed], telling


def _tells(prose: str, start: int, end: int) -> bool:
    """Whether a word is a number or begins a name: it has a capital, not only as the first of a sentence."""
    if not prose[start].isupper():
        return any(map(str.isdigit, prose[start:end]))
    acronym = end - start > 1 and prose[start:end].isupper()
    return acronym or (start > 0 and not _BETWEEN.search(prose[max(0, start - 4) : start]))


def _titled(folded: Sequence[str], needed: NDArray[np.int64], wanted: Container[str]) -> Marks:
    """For each of the `needed` words, whether it is a telling word of the title; in scripts where each character is a
    word, whether it is one of a telling pair."""
    pairs = ((folded[max(0, at - 1) : at + 1], folded[at : at + 2], folded[at]) for at in needed.tolist())
    return np.fromiter(
        (word[:4] in wanted or "".join(left) in wanted or "".join(right) in wanted for left, right, word in pairs),
        np.bool_, len(needed),
    )  # fmt: skip

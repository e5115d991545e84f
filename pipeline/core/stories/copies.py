"""Decides whether an article is a copy of another: its text, whole, shortened, reordered, or with something added.

The shared share of two texts is estimated from samples of their runs of words (shingles.py). It is not enough:
bulletins share all but names and numbers, independent reports share a statement that both quote, and pages share what
their site says of itself. So what is quoted counts little, and numbers and names have to agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.shingles import SAMPLE, U32, runs
from pipeline.core.stories.traits import NOTICE, telling
from pipeline.core.text.folding import fold
from pipeline.core.text.prose import Body
from pipeline.core.urls import registrable
from pipeline.records import Article, Traits

NUMBERS, NAMES, HEADING, AGENCIES = 28, 16, 8, 2

#: What is kept of the text of an article: 413 bytes, little-endian, the same on every machine. Lists end with zeros.
TEXT = np.dtype([
    ("sample", "<u4", (SAMPLE,)),  # the lowest runs (shingles.py), filled up with EMPTY
    ("open", "<u8"),  # a bit for each of them, from the lowest: the marks of Runs
    ("telling", "<u8"),
    ("titled", "<u8"),
    ("runs", "<u4"),  # distinct ones in the text
    ("words", "<u8"),  # hash of all words
    ("numbers", "<u2", (NUMBERS,)),
    ("names", "<u2", (NAMES,)),
    ("heading", "<u2", (HEADING,)),  # telling words of the title, if the text is short
    ("agency", "<u2", (AGENCIES,)),
    ("site", "<u4"),  # registrable domain
    ("source", "<u4"),  # outlet
    ("about", "u1"),  # 0: the text is short and has nothing in common with its title
])  # fmt: skip
EMPTY = 0xFFFFFFFF

Text = np.void  # a row of TEXT


@dataclass(frozen=True, slots=True)
class Options:
    """Thresholds; docs/decisions/0048-copies.md explains how they were found."""

    shared: float = 0.25  # share of the shorter text in the other from which the newcomer is a copy
    credited: float = 0.2  # the same where one of the two credits an agency
    own: float = 0.3  # share of a newcomer that is the other's, if it is more than twice as long as the other
    quoted: float = 0.15  # weight of a run within a quotation
    quotes: float = 0.65  # share from which a text that is nearly all quotation, as of an interview, is a copy
    least: float = 12.0  # runs that two texts must share, by estimate
    sampled: int = 3  # runs of the samples that are shared
    notice: int = 200  # runs of the longest notice of a site
    sure: float = 0.8  # share of three numbers or more that agree from which names need not
    full: float = 0.4  # share of the runs with numbers and names, from which these need not agree elsewhere
    agreeing: float = 0.5  # share of the numbers that agree, of the text with fewer
    named: float = 0.3  # share of the names
    much: float = 0.5  # share from which it does not matter whether numbers and names are in what is shared
    titled: float = 3.0  # shared runs with a word of the titles
    telling_runs: float = 8.0  # runs with a number or a name that are shared, by estimate, if less than `much` is
    template: float = 0.35  # runs with numbers or names are shared less than this, compared with the others: a template
    twin: float = 0.9  # Jaccard similarity of two texts of one outlet; a share that no template reaches
    shortest: int = 20  # runs of a text whose likeness is evidence
    exact: int = 12  # runs of a text whose identity is evidence


DEFAULTS = Options()


def text_row(article: Article, agency: Iterable[str], prose: Body, traits: Traits) -> bytes:
    """The row of an article as bytes. `prose` and `traits` are its own. About 1 ms for 500 words."""
    row = np.zeros(1, TEXT)
    wanted = telling(traits.title)
    found = runs(prose.text, prose.words, wanted)
    row["sample"] = EMPTY
    row["sample"][0, : len(found.keys)] = found.keys
    for mark in ("open", "telling", "titled"):
        row[mark] = sum(1 << int(at) for at in np.flatnonzero(getattr(found, mark)))
    row["runs"] = found.total
    row["words"] = int(traits.words[:16] or "0", 16)
    row["site"] = _key(registrable(article.url)) if "://" in article.url else 0
    row["source"] = _key(article.source)
    row["about"] = traits.about
    heading = wanted if traits.length <= NOTICE else ()
    listed = (("numbers", traits.numbers), ("names", map(fold, traits.names)), ("heading", sorted(heading)),
              ("agency", agency))  # fmt: skip
    for name, values in listed:
        room = row[name][0]
        kept = list(dict.fromkeys(_key(value) & 0xFFFF or 1 for value in values))[: len(room)]
        room[: len(kept)] = kept
    return row.tobytes()


def _key(text: str) -> int:
    return crc32(text.encode()) or 1


def texts_of(packed: Iterable[bytes]) -> NDArray[np.void]:
    """Rows from their bytes. Raises ValueError if one has another size."""
    rows = list(packed)
    if any(len(one) != TEXT.itemsize for one in rows):
        raise ValueError(f"a row of a text has {TEXT.itemsize} bytes")
    return np.frombuffer(b"".join(rows), TEXT)


def likely(new: Text, rows: NDArray[np.void], options: Options = DEFAULTS) -> NDArray[np.bool_]:
    """Which of `rows` share enough runs with `new` to be compared with it."""
    limits = np.minimum(_limits(rows), _limit(new))[:, None]
    common = np.isin(rows["sample"], new["sample"]) & (rows["sample"] <= limits)
    enough: NDArray[np.bool_] = (common.sum(axis=1) >= options.sampled) | (rows["words"] == new["words"])
    return enough


# -- what two texts share ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shared:
    """What two texts share, from 0 to 1, of the shorter one's runs unless stated otherwise."""

    sampled: int  # common runs of the samples
    weighed: float  # quoted runs count less
    all: float
    telling: float  # of the runs with a number or a name
    telling_runs: float  # how many of these, by estimate, in the whole text
    titled: float  # how many of the shared runs have a word of one of the titles, by estimate
    plain: float  # of the others
    own: float  # of the newcomer's, quoted ones counting less
    jaccard: float


def shared(new: Text, old: Text, options: Options = DEFAULTS) -> Shared:
    """What two texts share, estimated from their samples, which are compared up to the lower of their limits."""
    limit = min(_limit(new), _limit(old))
    one, other = _Part(new, limit), _Part(old, limit)
    in_other, in_one = np.isin(one.keys, other.keys), np.isin(other.keys, one.keys)
    shorter, longer, common, reverse = (one, other, in_other, in_one)
    if len(one.keys) > len(other.keys):
        shorter, longer, common, reverse = (other, one, in_one, in_other)
    titled = (common & shorter.titled).sum() + (reverse & longer.titled).sum()
    count = int(common.sum())
    return Shared(
        sampled=count,
        weighed=_share(common, shorter.weights(options.quoted)),
        all=_share(common, np.ones(len(common))),
        telling=_share(common, shorter.telling.astype(float)),
        telling_runs=float((common & shorter.telling).sum()) * shorter.scale,
        titled=float(titled) * shorter.scale,
        plain=_share(common, (~shorter.telling).astype(float)),
        own=_share(in_other, one.weights(options.quoted)),
        jaccard=count / max(1, len(one.keys) + len(other.keys) - count),
    )


class _Part:
    """The runs of a sample up to a limit."""

    def __init__(self, text: Text, limit: int) -> None:
        count = int((text["sample"] <= limit).sum())
        self.keys: U32 = text["sample"][:count]
        self.open, self.telling, self.titled = (_bits(text[mark], count) for mark in ("open", "telling", "titled"))
        self.scale = int(text["runs"]) / max(1, count)

    def weights(self, quoted: float) -> NDArray[np.float64]:
        return np.where(self.open, 1.0, quoted)


def _bits(plane: np.uint64, count: int) -> NDArray[np.bool_]:
    return np.unpackbits(np.array([plane], "<u8").view(np.uint8), bitorder="little")[:count].astype(np.bool_)


def _limit(text: Text) -> int:
    """The highest run up to which the sample has all; no limit if the text has no more runs than the sample."""
    return int(text["sample"][-1]) if text["runs"] > SAMPLE else EMPTY - 1


def _limits(rows: NDArray[np.void]) -> NDArray[np.int64]:
    return np.where(rows["runs"] > SAMPLE, rows["sample"][:, -1].astype(np.int64), EMPTY - 1)


def _share(common: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    total = float(weights.sum())
    return float(weights[common].sum()) / total if total else math.nan


# -- the decision -----------------------------------------------------------------------------------------------------


def is_copy(new: Text, old: Text, options: Options = DEFAULTS) -> bool:
    """Whether `new` has the text of `old`, whole or in part, or both have one text."""
    if new["words"] == old["words"] and new["runs"] >= options.exact and _same_matter(new, old):
        return True
    if min(new["runs"], old["runs"]) < options.shortest:
        return False
    found = shared(new, old, options)
    if new["source"] == old["source"] or (new["site"] and new["site"] == old["site"]):
        return found.jaccard >= options.twin and _equal(new["numbers"], old["numbers"]) and _same_matter(new, old)
    return (
        _own_matter(new, old, found, options) and _enough(new, old, found, options) and _agree(new, old, found, options)
    )


def _own_matter(new: Text, old: Text, found: Shared, options: Options) -> bool:
    """Whether what is shared is about one of the titles, or has names and numbers: a notice of the site has not, but is
    never long."""
    unseen = _caseless(new) and _credited(new, old)
    long = min(new["runs"], old["runs"]) > options.notice
    return long or found.titled >= options.titled or found.telling_runs >= 1.25 * options.telling_runs or unseen


def _credited(new: Text, old: Text) -> bool:
    return bool(new["agency"].any() or old["agency"].any())


def _enough(new: Text, old: Text, found: Shared, options: Options) -> bool:
    """Whether so much is shared that it was not written twice."""
    credited = _credited(new, old)
    wanted = options.credited if credited else options.shared
    return (
        found.sampled >= options.sampled
        and (found.weighed >= wanted or found.all >= options.quotes)
        and found.own >= (wanted if credited or new["runs"] <= 2 * old["runs"] else options.own)
        and (credited or _caseless(new) or found.weighed >= options.much or _tells(found, options))
        and found.all * min(new["runs"], old["runs"]) >= options.least
    )


def _tells(found: Shared, options: Options) -> bool:
    """Whether what is shared is about something: no general advice, as of a horoscope."""
    return found.telling_runs >= options.telling_runs or found.titled >= 2 * options.telling_runs


def _caseless(text: Text) -> bool:
    """Whether the text is in a script without capitals, in which names are not seen."""
    return not text["names"].any()


def _agree(new: Text, old: Text, found: Shared, options: Options) -> bool:
    """Whether names and numbers agree: two bulletins of one template differ in little else."""
    numbers, counted = _agreement(new["numbers"], old["numbers"], 2)
    names, _ = _agreement(new["names"], old["names"], 3)
    # Names and numbers are in what is shared.
    full = found.telling_runs >= 1.5 * options.telling_runs and found.telling >= options.full
    if numbers >= options.sure and counted >= 3:
        return True
    if names < options.named and not full:
        return False
    same = math.isnan(found.telling) or math.isnan(found.plain) or found.telling >= options.template * found.plain
    if numbers < options.agreeing:  # rounded ones differ, but stand beside the same names
        return full or (same and names >= 0.6 and found.telling >= 0.3)
    return same or found.plain < 0.5 or found.weighed >= options.twin


def _agreement(one: NDArray[Any], other: NDArray[Any], least: int) -> tuple[float, int]:
    """The share of the values of the one with fewer that the other has too, and how many the former has; the share is 1
    if there are fewer than `least`."""
    first, second = (values[values > 0] for values in (one, other))
    fewer = min(len(first), len(second))
    return (len(np.intersect1d(first, second)) / fewer if fewer >= least else 1.0), fewer


def _equal(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return bool(np.array_equal(np.sort(one), np.sort(other)))


def _same_matter(new: Text, old: Text) -> bool:
    """Whether a common text is the articles' own: about both titles, or the titles have half of their words.

    Pages that show nothing but the same promotion, or the same notice about cookies or an app, are not copies.
    """
    if new["about"] and old["about"]:
        return True
    one, other = (text["heading"][text["heading"] > 0] for text in (new, old))
    return 2 * len(np.intersect1d(one, other)) >= max(1, min(len(one), len(other)))

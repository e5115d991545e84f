"""Keeps the fingerprints of the last days in memory, and finds the articles near a new one and their stories.

relate.py decides on what is found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.fingerprint import PERMUTATIONS
from pipeline.core.stories.traits import NOTICE, telling
from pipeline.core.text.encoder import DIMENSIONS
from pipeline.core.text.folding import fold
from pipeline.records import Fingerprint

WINDOW = 72 * 3600.0  # seconds before the newest `seen`
NEAREST = 16  # neighbours by vector that are considered
COSINE = 0.5  # below it two articles are never one story, so they are not neighbours either
LEADING = 16  # names and numbers that identify a story: the first ones of an article
SAMPLE = 8  # articles of a story that are compared: the first and the last ones
JACCARD = 0.1  # below it, the estimate from 128 values is not reliable

_VECTOR_WORDS, _SIGNATURE_WORDS = 3, 2  # 64-bit words of the two sketches; sums of bits stay below 256
# Bits that may differ. Signs of vectors with cosine 0.5 differ in a third (Charikar 2002: angle / pi); measured on
# tests/data/stories: within 66 of 192 lie 99 % of pairs above cosine 0.55, 1 % of those below 0.4. Of 128 lowest bits
# of signatures those with Jaccard 0.4 differ in (1 - J) / 2, 38 +- 5, unrelated ones in 64 +- 6.
_VECTOR_BITS, _SIGNATURE_BITS = 66, 48
_FIRST_ROWS, _BLOCK = 1024, 16384
_COMMON = re.compile(r"-?\d|1[0-2]|19\d\d|20\d\d")  # numbers that any two articles may share: small ones and years

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Features:
    """The features of an article that are compared besides signature and vector."""

    source: str
    shingles: int
    words: str  # hash of the prose
    numbers: frozenset[str]
    names: frozenset[str] = frozenset()  # folded, of the opening
    figures: frozenset[str] = frozenset()  # telling numbers of the opening
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # most mentioned first
    about: bool = True  # see Traits
    heading: frozenset[str] = frozenset()  # telling words of the title, if the text is short


def features(source: str, fingerprint: Fingerprint, topics: Sequence[str], countries: Sequence[str]) -> Features:
    traits = fingerprint.traits
    return Features(
        source=source,
        shingles=fingerprint.shingles,
        words=traits.words,
        numbers=frozenset(traits.numbers),
        names=frozenset(intern(fold(name)) for name in traits.names[:LEADING]),
        figures=frozenset(intern(number) for number in traits.numbers[:LEADING] if not _COMMON.fullmatch(number)),
        topics=tuple(topics),
        countries=tuple(countries),
        about=traits.about,
        heading=frozenset(map(intern, telling(traits.title))) if traits.length <= NOTICE else frozenset(),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in the window, in its newest version. `seen` is in seconds since 1970."""

    article: str
    seen: float
    seq: int
    story_id: str
    duplicate_of: str | None
    features: Features


@dataclass(frozen=True, slots=True)
class Near:
    """A neighbour: estimated Jaccard similarity of the texts, cosine of the story vectors."""

    entry: Entry
    jaccard: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Story:
    """A story among the neighbours: cosine with its first article here, mean cosine with the first and last few."""

    first: float
    mean: float
    size: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Near articles, nearest vector first, and the stories they belong to."""

    near: tuple[Near, ...] = ()
    stories: Mapping[str, Story] = field(default_factory=dict)


class Window:
    """The articles seen in the last `seconds`, and a search for neighbours among them.

    The search has two steps: a scan over bit sketches of all rows (0.3 ms for 50,000), then an exact comparison of the
    few that pass. Results depend on what was added, never on rows or evictions."""

    def __init__(self, seconds: float = WINDOW) -> None:
        self._seconds = seconds
        self._newest = float("-inf")  # end of the window: highest `seen` so far
        self._rows: dict[str, int] = {}
        self._stories: dict[str, dict[str, None]] = {}
        self._entries: list[Entry | None] = []
        self._free: list[int] = []
        self._vectors = np.zeros((0, DIMENSIONS), np.int8)
        self._signatures = np.zeros((0, PERMUTATIONS), np.uint16)
        self._sketches = np.zeros((_VECTOR_WORDS + _SIGNATURE_WORDS, 0), np.uint64)
        self._seen = np.zeros(0)
        self._shingles = np.zeros(0, np.uint32)
        self._xor = np.empty((_VECTOR_WORDS + _SIGNATURE_WORDS, _BLOCK), np.uint64)
        self._counts = np.empty((_VECTOR_WORDS + _SIGNATURE_WORDS, _BLOCK), np.uint8)
        self._top = 0  # rows from here on were never used
        self._grow(_FIRST_ROWS)

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, entry: Entry, fingerprint: Fingerprint) -> None:
        """Add an article; a newer version replaces an older one. Raises ValueError for a damaged fingerprint."""
        vector, signature = np.frombuffer(fingerprint.vector, np.int8), _signature(fingerprint)
        if vector.shape != (DIMENSIONS,) or signature.shape != (PERMUTATIONS,):
            raise ValueError(f"a fingerprint with {vector.size} dimensions and {signature.size} permutations")
        self.see(entry.seen)
        self.forget(entry.article)
        if not self._free:
            self._evict()
        if not self._free:
            self._grow(2 * len(self._entries))
        row = self._free.pop()
        self._top = max(self._top, row + 1)
        self._rows[entry.article] = row
        self._stories.setdefault(entry.story_id, {})[entry.article] = None
        self._entries[row] = entry
        self._seen[row] = entry.seen
        self._shingles[row] = fingerprint.shingles
        self._vectors[row] = vector
        self._signatures[row] = signature
        self._sketches[:, row] = _sketch(self._vectors[row], signature)

    def see(self, seen: float) -> None:
        """Advance time, also for articles that are not added."""
        self._newest = max(self._newest, seen)

    def forget(self, article: str) -> None:
        row = self._rows.pop(article, None)
        if row is None:
            return
        entry = self._entries[row]
        assert entry
        members = self._stories[entry.story_id]
        del members[article]
        if not members:
            del self._stories[entry.story_id]
        self._entries[row] = None
        self._seen[row] = -np.inf
        self._free.append(row)

    @property
    def begin(self) -> float:
        """Start of the window: articles seen earlier are outside."""
        return self._newest - self._seconds

    def neighbours(self, fingerprint: Fingerprint, seen: float) -> Neighbours:
        """The neighbours of an article with this fingerprint, which is not in the window itself."""
        vector, signature = np.frombuffer(fingerprint.vector, np.int8), _signature(fingerprint)
        rows = self._alive(self._scan(_sketch(vector, signature)), seen)
        if not rows.size:
            return Neighbours()
        cosines = self._cosines(rows, vector)
        jaccards = np.add.reduce(self._signatures[rows] == signature, axis=1, dtype=np.uint8) / PERMUTATIONS
        jaccards *= (self._shingles[rows] > 0) & (fingerprint.shingles > 0)
        near = np.flatnonzero((jaccards >= JACCARD) | (cosines >= COSINE))
        found = []
        for row, jaccard, cosine in zip(rows[near], jaccards[near].tolist(), cosines[near].tolist(), strict=True):
            entry = self._entries[row]
            assert entry
            found.append(Near(entry, jaccard, cosine))
        found.sort(key=lambda near: (-near.cosine, near.entry.seq))
        kept = [near for place, near in enumerate(found) if place < NEAREST or near.jaccard >= JACCARD]
        stories = dict.fromkeys(near.entry.story_id for near in kept[:NEAREST] if near.cosine >= COSINE)
        return Neighbours(tuple(kept), {story: self._story(story, vector, seen) for story in stories})

    def _story(self, story: str, vector: NDArray[np.int8], seen: float) -> Story:
        members = [self._rows[member] for member in self._stories[story]]
        rows = self._alive(np.array(members), seen)
        if len(rows) > SAMPLE:
            rows = np.concatenate((rows[: SAMPLE // 2], rows[-SAMPLE // 2 :]))
        cosines = self._cosines(rows, vector)
        return Story(float(cosines[0]), float(cosines.mean()), len(members))

    def _scan(self, sketch: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Rows with a near sketch, scanned in blocks that fit into the processor's cache."""
        found = []
        for first in range(0, self._top, _BLOCK):
            block = self._sketches[:, first : min(first + _BLOCK, self._top)]
            size = block.shape[1]
            differing = np.bitwise_xor(block, sketch[:, None], out=self._xor[:, :size])
            counts = np.bitwise_count(differing, out=self._counts[:, :size])
            near = np.add.reduce(counts[:_VECTOR_WORDS], axis=0, dtype=np.uint8) <= _VECTOR_BITS
            near |= np.add.reduce(counts[_VECTOR_WORDS:], axis=0, dtype=np.uint8) <= _SIGNATURE_BITS
            found.append(np.flatnonzero(near) + first)
        return np.concatenate(found) if found else np.empty(0, np.int64)

    def _alive(self, rows: NDArray[np.int64], seen: float) -> NDArray[np.int64]:
        times = self._seen[rows]
        return rows[(times >= self.begin) & (np.abs(times - seen) <= self._seconds)]

    def _cosines(self, rows: NDArray[np.int64], vector: NDArray[np.int8]) -> Floats:
        """Cosines, the same on every processor: sums of products of small integers are exact in float32."""
        theirs, ours = self._vectors[rows].astype(np.float32), vector.astype(np.float32)
        norms = np.sqrt(np.einsum("ij,ij->i", theirs, theirs) * (ours @ ours))
        cosines: Floats = (theirs @ ours) / np.maximum(norms, 1)
        return cosines

    def _evict(self) -> None:
        for row in np.flatnonzero(self._seen < self.begin).tolist():
            entry = self._entries[row]
            if entry:
                self.forget(entry.article)

    def _grow(self, rows: int) -> None:
        more = rows - len(self._entries)
        self._vectors = np.pad(self._vectors, ((0, more), (0, 0)))
        self._signatures = np.pad(self._signatures, ((0, more), (0, 0)))
        self._sketches = np.pad(self._sketches, ((0, 0), (0, more)))
        self._seen = np.pad(self._seen, (0, more), constant_values=-np.inf)
        self._shingles = np.pad(self._shingles, (0, more))
        self._free += range(rows - 1, len(self._entries) - 1, -1)
        self._entries += [None] * more


def _signature(fingerprint: Fingerprint) -> NDArray[np.uint16]:
    return np.frombuffer(fingerprint.signature, "<u2") if fingerprint.signature else np.zeros(PERMUTATIONS, np.uint16)


def _sketch(vector: NDArray[np.int8], signature: NDArray[np.uint16]) -> NDArray[np.uint64]:
    """Signs of half of the vector's components, then the lowest bit of each signature value (1-bit MinHash)."""
    signs = np.packbits(vector[: 64 * _VECTOR_WORDS] > 0).view(np.uint64)
    lowest = np.packbits((signature & 1).astype(np.uint8)).view(np.uint64)
    return np.concatenate((signs, lowest))

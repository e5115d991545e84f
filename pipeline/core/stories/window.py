"""The articles of the last days, and look-ups among them whose cost hardly grows with their number.

What is found depends only on what is in the window and on the order in which it was decided; never on what left it, on
restarts, or on where things lie in memory.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.cells import Cells
from pipeline.core.stories.chains import Chains, Keys
from pipeline.core.stories.columns import Columns, Numbers, Texts
from pipeline.core.stories.features import Rows
from pipeline.core.stories.id_table import IdTable, id_key
from pipeline.core.stories.membership import Membership
from pipeline.core.stories.rarity import BITS, Rarity
from pipeline.core.text.encoder import DIMENSIONS

SPAN = 600  # seconds; articles leave the window together with all seen in the same ten minutes
NAMES, NUMBERS = 16, 8  # keys of a row that it can be found by
RARE = 40  # articles that may share a name or number that is still a reason to compare them
TEXTS, COPIES = 32, 256  # hashes of a sample that a text can be found by; texts found for each of those looked up
FACTS, FACTUAL = 4, 64  # keys of facts of a row that it can be found by; rows found for each
VISITED = 24  # cells
COSINE = 0.4  # of vectors; below it they are no reason to compare


@dataclass(frozen=True, slots=True)
class Entry:
    """An article to add, in its newest version. `seen` is in seconds since 1970."""

    article: str
    story: str
    seq: int
    seen: float
    original: str | None = None  # the article that it copies


class Window:
    """The articles seen in the last `seconds`, the stories that they belong to, and how common names and words are."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._newest = float("-inf")  # highest `seen` so far
        self.columns = columns = Columns()
        self.stories = Membership(columns)
        self.rarity = Rarity()
        self._articles = IdTable()
        self._spans: dict[int, array[int]] = {}  # by ten minutes, the rows seen in them
        self._first_spans: list[int] = []  # a heap of the same
        self._cells = Cells(points(), VISITED, columns.alive)
        # Chosen as in the counts: the chain of a rare key is short.
        self._keys = Chains(NAMES + NUMBERS, columns.capacity, self._keys_of, BITS)
        self._facts = Chains(FACTS, columns.capacity, self._facts_of)
        self._texts = Chains(TEXTS, columns.capacity, self._texts_of)
        self._central: dict[int, Numbers] = {}  # by story, its representatives

    def __len__(self) -> int:
        return len(self._articles)

    # -- what comes and goes ------------------------------------------------------------------------------

    def cells_of(self, features: Rows) -> list[int]:
        """The cells of several rows of features: together, they take a fraction of the time."""
        cells: list[int] = self._cells.nearest(features["vector"]).tolist()
        return cells

    def add(self, entry: Entry, features: Rows, text: Texts, cell: int | None = None) -> None:
        """Add an article; a newer version takes the place of an older one. `features`, `text`: one row each. `cell`: of
        `cells_of`."""
        self.see(entry.seen)
        self.forget(entry.article)
        if entry.seen < self.begin:
            return
        columns = self.columns
        if columns.full:
            rows = columns.grow()
            for chains in (self._keys, self._facts, self._texts):
                chains.resize(columns.capacity, rows)
        row, place = columns.end, columns.end % columns.capacity
        columns.end += 1
        columns["features"][place], columns["text"][place] = features[0], text[0]
        columns["article"][place], columns["seq"][place] = entry.article.encode(), entry.seq
        columns["original"][place] = id_key(entry.original) if entry.original else 0
        columns["seen"][place], columns["alive"][place] = entry.seen, True
        self._articles.set(id_key(entry.article), row)
        self._note_time(row, int(entry.seen // SPAN))
        self._central.pop(self.stories.add(row, entry.story), None)
        self._keys.add(row, _keys(features["names"], features["numbers"])[0])
        if features["host"][0].any():
            self._facts.add(row, _facts(features["host"], features["senders"])[0])
        self._texts.add(row, _hashes(text["sample"][0, :TEXTS]))
        self.rarity.add(_counted(features[0]))
        if features["vector"][0].any():
            self._cells.add(row, features["vector"][0], cell)

    def _keys_of(self, rows: Numbers) -> Keys:
        return _keys(self.columns.of("features", rows, "names"), self.columns.of("features", rows, "numbers"))

    def _facts_of(self, rows: Numbers) -> Keys:
        return _facts(self.columns.of("features", rows, "host"), self.columns.of("features", rows, "senders"))

    def _texts_of(self, rows: Numbers) -> Keys:
        return _hashes(self.columns.of("text", rows, "sample")[:, :TEXTS])

    def see(self, seen: float) -> None:
        """Advance time, also for articles that are not added. Those that are older than the window leave it."""
        if seen <= self._newest:
            return
        self._newest = seen
        while self._first_spans and self._first_spans[0] < self.begin // SPAN:
            rows = np.frombuffer(self._spans.pop(heapq.heappop(self._first_spans)), np.int64)
            for row in rows[self.columns.alive(rows)].tolist():
                self._remove(row)

    def _note_time(self, row: int, span: int) -> None:
        if span not in self._spans:
            self._spans[span] = array("q")
            heapq.heappush(self._first_spans, span)
        self._spans[span].append(row)

    @property
    def begin(self) -> float:
        """Start of the window, in whole spans: articles seen earlier are outside."""
        return (self._newest - self._seconds) // SPAN * SPAN

    def forget(self, article: str) -> None:
        row = self._articles.get(id_key(article))
        if row >= 0:
            self._remove(row)

    def _remove(self, row: int) -> None:
        place = row % self.columns.capacity
        self.columns["alive"][place] = False
        self._articles.remove(id_key(self.article(row)))
        self._central.pop(self.stories.gone(row), None)
        self.rarity.remove(_counted(self.columns["features"][place]))

    def move(self, articles: Sequence[str], story: str) -> None:
        """Put those of the articles that are here into another story."""
        rows = [row for article in articles if (row := self._articles.get(id_key(article))) >= 0]
        if rows:
            for number in self.stories.move(rows, story):
                self._central.pop(number, None)

    def merge(self, story: str, into: str) -> None:
        """Put all articles of a story into another one."""
        if (number := self.stories.number(story)) >= 0:
            for changed in self.stories.move(self.stories.members(number).tolist(), into):
                self._central.pop(changed, None)

    # -- what is here ------------------------------------------------------------------------------

    def article(self, row: int) -> str:
        """The id of the article in a row."""
        id: str = self.columns["article"][row % self.columns.capacity].decode()
        return id

    def story_of(self, article: str) -> str | None:
        """The story of an article, if it is here."""
        row = self._articles.get(id_key(article))
        return self.stories.id(self.story_number(row)) if row >= 0 else None

    def story_number(self, row: int) -> int:
        """The number of the story of a row."""
        return int(self.columns["story"][row % self.columns.capacity])

    def around(self, rows: Numbers, seen: float) -> Numbers:
        """Those of the rows that are less than a window away from `seen`."""
        return rows[np.abs(self.columns.of("seen", rows) - seen) <= self._seconds]

    def representatives(self, number: int) -> Numbers:
        """At most eight rows of a story: the first, and those nearest to the middle of the first and newest ones. No
        copies, unless there is nothing else."""
        if number not in self._central:
            if len(self._central) > KEPT:
                self._central.clear()
            self._central[number] = _central(self.columns, self.stories.ends(number, FIRST, NEWEST))
        return self._central[number]

    # -- look-ups ------------------------------------------------------------------------------

    def same_text(self, sample: Keys) -> tuple[Numbers, Numbers]:
        """Rows of which one of the lowest hashes is in a sample, ascending, and how many of them."""
        keys = _hashes(sample)
        rows, _ = self._find(self._texts, keys[keys > 0], COPIES)
        found, shared = np.unique(rows, return_counts=True)
        return found, shared

    def same_names(self, features: Rows) -> tuple[Numbers, NDArray[np.float64]]:
        """Rows that share rare names or numbers, ascending, and the rarity of all that each shares."""
        keys = np.unique(_keys(features["names"], features["numbers"])[0])
        keys = keys[(keys > 0) & (self.rarity.counts(keys) <= RARE)]
        rows, places = self._find(self._keys, keys, RARE)
        found, inverse = np.unique(rows, return_inverse=True)
        weights = np.bincount(inverse, self.rarity(keys)[places], len(found))
        return found, weights.astype(np.float64)

    def _find(self, chains: Chains, keys: Keys, most: int) -> tuple[Numbers, Numbers]:
        return chains.find(keys, self.columns.first, self.columns.end, self.columns.alive, most)

    def same_facts(self, features: Rows) -> Numbers:
        """The newest rows with the same host and a sender in common."""
        keys = np.unique(_facts(features["host"], features["senders"])[0])
        return np.unique(self._find(self._facts, keys[keys > 0], FACTUAL)[0])

    def same_subject(self, features: Rows, most: int) -> tuple[Numbers, NDArray[np.float32]]:
        """Rows with near vectors, and their cosines; the nearest first, of equal ones the newest."""
        vector = features["vector"][0]
        rows, bits = self._cells.near(vector) if vector.any() else (np.empty(0, np.int64), np.empty(0, np.uint8))
        order = np.lexsort((-rows, bits))[: 4 * most]
        rows = rows[order]
        cosines = cosines_of(self.columns.of("features", rows, "vector"), vector)
        order = np.lexsort((-rows, -cosines))[:most]
        order = order[cosines[order] >= COSINE]
        return rows[order], cosines[order]


KEPT = 50_000  # stories whose representatives are kept in memory
CENTRAL, CONSIDERED = 8, 64  # representatives of a story, and members from which they are chosen
FIRST, NEWEST = 16, 128  # members of a story that are looked at; copies among them are left out


def _central(columns: Columns, members: Numbers) -> Numbers:
    own = members[columns.of("original", members) == 0]
    members = own if own.size else members
    if len(members) <= CENTRAL:
        return members
    considered = np.concatenate((members[:1], members[1:][-CONSIDERED:]))
    vectors = columns.of("features", considered, "vector").astype(np.int64)
    near = cosines_of(vectors, vectors.sum(axis=0))
    order = 1 + np.argsort(-near[1:], kind="stable")[: CENTRAL - 1]
    return np.sort(considered[np.concatenate(([0], order))])


def cosines_of(vectors: NDArray[np.integer], vector: NDArray[np.integer]) -> NDArray[np.float32]:
    """Cosines, the same on every processor: sums of products of integers are exact."""
    theirs, ours = vectors.astype(np.int64), vector.astype(np.int64)
    norms = np.sqrt(np.einsum("ij,ij->i", theirs, theirs).astype(np.float64) * float(ours @ ours))
    cosines: NDArray[np.float32] = ((theirs @ ours) / np.maximum(norms, 1)).astype(np.float32)
    return cosines


def _keys(names: Keys, numbers: Keys) -> Keys:
    return np.concatenate((names[:, :NAMES], numbers[:, :NUMBERS]), axis=1)


def _counted(row: np.void) -> Keys:
    return np.concatenate((row["names"], row["words"], row["numbers"]))


def _facts(hosts: NDArray[np.uint16], senders: NDArray[np.uint16]) -> Keys:
    """A key for the host with each sender; 0 for none."""
    host, sender = hosts.astype(np.uint32).reshape(-1, 1), senders.astype(np.uint32)
    return np.where((host > 0) & (sender > 0), host << np.uint32(16) | sender, np.uint32(0))


def _hashes(sample: Keys) -> Keys:
    """The hashes of samples as keys, which are never 0; 0 for EMPTY."""
    return sample + np.uint32(1)


@cache
def points() -> NDArray[np.int8]:
    """The points around which cells lie (scripts/train_cells.py)."""
    found: NDArray[np.int8] = np.load(Path(__file__).with_name("cells.npy"))
    return found.reshape(-1, DIMENSIONS)

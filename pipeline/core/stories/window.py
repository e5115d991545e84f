"""The articles of the last days, and look-ups among them whose cost does not grow with their number.

What is found depends only on what is in the window and on the order in which it was decided; never on what left it, on
restarts, or on where things lie in memory.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.cells import Cells
from pipeline.core.stories.chains import Chains, Keys
from pipeline.core.stories.columns import Columns, Numbers, Texts, together
from pipeline.core.stories.copies import EMPTY
from pipeline.core.stories.features import Rows, keys_of
from pipeline.core.stories.id_table import IdTable, bytes_key, bytes_keys, id_bytes, id_key
from pipeline.core.stories.keys import BITS
from pipeline.core.stories.membership import Membership
from pipeline.core.stories.rarity import Rarity
from pipeline.core.stories.vectors import components, cosines

SPAN = 600  # seconds; articles leave the window together with all seen in the same ten minutes
NAMES, NUMBERS = 16, 8  # keys of a row that it can be found by
RARE = 40  # articles that may share a name or number that is still a reason to compare them
TEXTS = 32  # hashes of a sample that a text can be found by
COPIES = 32  # texts found for each hash that is looked up, the newest
FACTS, FACTUAL = 4, 64  # keys of facts of a row that it can be found by; rows found for each
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
        self._articles = IdTable(self._key_of, lambda rows: bytes_keys(columns.of("article", rows)))
        self._spans: dict[int, array[int]] = {}  # by ten minutes, the rows seen in them
        self._first_spans: list[int] = []  # a heap of the same
        self._cells = Cells(columns.alive)
        self._keys = Chains(NAMES + NUMBERS, columns.capacity)
        self._facts = Chains(FACTS, columns.capacity)
        self._texts = Chains(TEXTS, columns.capacity)
        self._central: dict[int, Numbers] = {}  # by story, its representatives

    def __len__(self) -> int:
        return len(self._articles)

    # -- what comes and goes ------------------------------------------------------------------------------

    def add(self, entry: Entry, features: Rows, text: Texts) -> None:
        """Add an article; a newer version takes the place of an older one. `features`, `text`: one row each."""
        self.add_all([(entry, features, text)])

    def add_all(self, added: Sequence[tuple[Entry, Rows, Texts]]) -> None:
        """Add articles in the order of decisions: many at once take a fraction of the time."""
        self.see(max((entry.seen for entry, _, _ in added), default=self._newest))
        last = {entry.article: number for number, (entry, _, _) in enumerate(added)}
        for article in last:
            self.forget(article)
        kept = [
            one for number, one in enumerate(added) if last[one[0].article] == number and one[0].seen >= self.begin
        ]  # fmt: skip
        if kept:
            self._add(*zip(*kept, strict=True))

    def _add(self, entries: Sequence[Entry], features: Sequence[Rows], texts: Sequence[Texts]) -> None:
        columns, count = self.columns, len(entries)
        if not columns.room(count):
            columns.grow(count)
            for chains in (self._keys, self._facts, self._texts):
                chains.resize(columns.capacity, columns.first, columns.end)
        rows = np.arange(columns.end, columns.end + count)
        places, contents, sampled = rows % columns.capacity, together(*features), together(*texts)
        columns.put(rows, contents, sampled)
        columns.end += count
        columns["article"][places] = np.frombuffer(b"".join(id_bytes(entry.article) for entry in entries), "V16")
        columns["seq"][places] = [entry.seq for entry in entries]
        columns["original"][places] = [id_key(entry.original) if entry.original else 0 for entry in entries]
        columns["seen"][places], columns["alive"][places] = [entry.seen for entry in entries], True
        for row, entry in zip(rows.tolist(), entries, strict=True):
            self._articles.set(id_key(entry.article), row)
            self._note_time(row, int(entry.seen // SPAN))
        for story in self.stories.add(rows, [entry.story for entry in entries]).tolist():
            self._central.pop(story, None)
        self._keys.add(int(rows[0]), _keys(contents["names"], contents["numbers"]))
        if contents["host"].any():
            self._facts.add(int(rows[0]), _facts(contents["host"], contents["senders"]))
        self._texts.add(int(rows[0]), _hashes(sampled["sample"][:, :TEXTS]))
        self.rarity.add(keys_of(contents))
        self._cells.add(rows, contents["cell"], contents["vector"])

    def _key_of(self, row: int) -> int:
        return bytes_key(self.columns["article"][row % self.columns.capacity].tobytes())

    def see(self, seen: float) -> None:
        """Advance time, also for articles that are not added. Those that are older than the window leave it."""
        if seen <= self._newest:
            return
        self._newest = seen
        while self._first_spans and self._first_spans[0] < self.begin // SPAN:
            rows = np.frombuffer(self._spans.pop(heapq.heappop(self._first_spans)), np.int64)
            self._remove(rows[self.columns.alive(rows)])

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
            self._remove(np.array([row]))

    def _remove(self, rows: Numbers) -> None:
        self.columns["alive"][rows % self.columns.capacity] = False
        for row in rows.tolist():
            self._articles.remove(self._key_of(row))
            self._central.pop(self.stories.gone(row), None)
        self.rarity.remove(self.columns.keys(rows))
        self._cells.gone(self.columns.cells(rows))

    def move(self, articles: Sequence[str], story: str) -> None:
        """Put those of the articles that are here into another story."""
        rows = [row for article in articles if (row := self._articles.get(id_key(article))) >= 0]
        if rows:
            for number in self.stories.move(rows, story):
                self._central.pop(number, None)

    def merge(self, story: str, into: str) -> None:
        """Put all articles of a story into another one."""
        if (number := self.stories.number(story)) >= 0 and story != into:
            for changed in self.stories.merge(number, into):
                self._central.pop(changed, None)

    # -- what is here ------------------------------------------------------------------------------

    def article(self, row: int) -> str:
        """The id of the article in a row."""
        id: bytes = self.columns["article"][row % self.columns.capacity].tobytes()
        return id.hex()

    def keys(self, rows: Numbers) -> NDArray[np.uint64]:
        """The keys (id_table.py) of the articles in rows."""
        return bytes_keys(self.columns.of("article", rows))

    def originals(self, rows: Numbers) -> Numbers:
        """The rows of the articles that those in `rows` copy, if they are here."""
        copied = self.columns.of("original", rows)
        found = [self._articles.get(key) for key in dict.fromkeys(copied[copied > 0].tolist())]
        return np.array([row for row in found if row >= 0], np.int64)

    def story_of(self, article: str) -> str | None:
        """The story of an article, if it is here."""
        row = self._articles.get(id_key(article))
        return self.stories.id(self.story_number(row)) if row >= 0 else None

    def story_number(self, row: int) -> int:
        """The number of the story of a row."""
        return int(self.columns["story"][row % self.columns.capacity])

    def around(self, rows: Numbers, seen: float) -> NDArray[np.bool_]:
        """Which of the rows are less than a window away from `seen`."""
        near: NDArray[np.bool_] = np.abs(self.columns.of("seen", rows) - seen) <= self._seconds
        return near

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
        keys = np.unique(_hashes(sample))
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
        if not features["cell"][0]:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        rows, bits = self._cells.near(features["vector"][0], self.columns.end)
        rows = rows[np.lexsort((-rows, bits))[: 4 * most]]
        found = cosines(components(features["vector"])[0], self.columns.vectors(rows))
        order = np.lexsort((-rows, -found))[:most]
        order = order[found[order] >= COSINE]
        return rows[order], found[order]


KEPT = 50_000  # stories whose representatives are kept in memory
CENTRAL, CONSIDERED = 8, 64  # representatives of a story, and members from which they are chosen
FIRST, NEWEST = 16, 128  # members of a story that are looked at; copies among them are left out


def _central(columns: Columns, members: Numbers) -> Numbers:
    own = members[columns.of("original", members) == 0]
    members = own if own.size else members
    if len(members) <= CENTRAL:
        return members
    considered = np.concatenate((members[:1], members[1:][-CONSIDERED:]))
    vectors = columns.vectors(considered)
    near = cosines(vectors.sum(axis=0), vectors)
    order = 1 + np.argsort(-near[1:], kind="stable")[: CENTRAL - 1]
    return np.sort(considered[np.concatenate(([0], order))])


def _keys(names: Keys, numbers: Keys) -> Keys:
    return np.concatenate((names[:, :NAMES], numbers[:, :NUMBERS]), axis=1)


def _facts(hosts: NDArray[np.uint16], senders: NDArray[np.uint16]) -> Keys:
    """A key for the host with each sender; 0 for none."""
    host, sender = hosts.astype(np.uint32).reshape(-1, 1), senders.astype(np.uint32)
    mixed = (host * np.uint32(2654435769) + sender * np.uint32(40503)) >> np.uint32(32 - BITS)
    return np.where((host > 0) & (sender > 0), np.maximum(mixed, 1), np.uint32(0))


def _hashes(sample: Keys) -> Keys:
    """The lowest bits of the hashes of samples, as keys, which are never 0; 0 for EMPTY. Of millions of texts, several
    have one key by chance, but share no others."""
    lowest: Keys = np.maximum(sample & np.uint32((1 << BITS) - 1), np.uint32(1))
    return np.where(sample == EMPTY, np.uint32(0), lowest)

"""Measures relate's window: memory, look-ups, adding, and reading state back, beside a scan of all articles.

    OPENBLAS_NUM_THREADS=1 ./test python -m scripts.bench_stories [--sizes 100000,300000]

The scan is that of earlier versions: bit sketches of all articles, then an exact comparison of the few that are near.
Both get the same articles (scripts/load/made_articles.py) in the same process, so their ratio holds on any machine.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from pipeline.backends.state_sqlite import ArchiveSqlite, StateSqlite
from pipeline.core.stories.cells import DIFFERENT, sketch
from pipeline.core.stories.columns import Texts
from pipeline.core.stories.features import Rows
from pipeline.core.stories.pairs import pair_score
from pipeline.core.stories.story import Kept, Noted, Stories
from pipeline.core.stories.window import Entry, Window, cosines_of
from pipeline.records import Decided, Fingerprint, Known, Record, Relation, Story, decode, encode
from pipeline.stage import Apply, Message, Position
from pipeline.stages.relate import Relate
from scripts.load.made_articles import MadeArticles
from scripts.load.memory import WINDOW, resident

Made = tuple[Entry, Rows, Texts]
LOOKS = 200
GROUP = 1000  # articles added at once, as when state is read back
RESTORED = 20_000  # fingerprints read back
START = datetime(2026, 3, 1, tzinfo=UTC)
BLOCK = 16_384


class Scan:
    """The sketches of all articles, in blocks that fit into the processor's cache, and their signatures."""

    def __init__(self, window: Window, size: int) -> None:
        self._window = window
        self._sketches = np.zeros((5, size), np.uint64)  # of a vector 3, of a signature 2
        self._signatures = np.random.default_rng(2).integers(0, 1 << 16, (LOOKS, 128), dtype=np.uint16)
        self._count = 0

    def add(self, vector: Any) -> None:
        self._sketches[:3, self._count] = sketch(vector)
        self._sketches[3:, self._count] = self._signature(self._count)
        self._count += 1

    def _signature(self, number: int) -> Any:
        return np.random.default_rng(number).integers(0, 1 << 63, 2, dtype=np.uint64)

    def near(self, vector: Any, number: int) -> int:
        """How many articles are near in the end."""
        own, found = np.concatenate((sketch(vector), self._signature(-1 - number & 0xFFFF)))[:, None], []
        for first in range(0, self._count, BLOCK):
            counts = np.bitwise_count(self._sketches[:, first : min(first + BLOCK, self._count)] ^ own)
            near = np.add.reduce(counts[:3], axis=0, dtype=np.uint8) <= DIFFERENT
            near |= np.add.reduce(counts[3:], axis=0, dtype=np.uint8) <= 48
            found.append(np.flatnonzero(near) + first)
        rows = np.concatenate(found)
        likeness = (self._signatures[rows % LOOKS] == self._signatures[number]).sum(axis=1)
        cosines = cosines_of(self._window.columns.of("features", rows, "vector"), vector)
        return int(np.count_nonzero((cosines >= 0.5) | (likeness >= 13)))


def timed(times: int, action: Callable[[int], object]) -> float:
    """Milliseconds of processor time per call."""
    started = time.process_time()
    for number in range(times):
        action(number)
    return 1000 * (time.process_time() - started) / times


def measured(sizes: list[int]) -> Iterator[list[str]]:
    """Fill one window up to each size, and measure there."""
    made, window = MadeArticles(), Window(WINDOW)
    scan = Scan(window, sizes[-1])
    stories = Stories(window, pair_score(), lambda ids: {})
    before, filled, adding = resident(), 0, 0.0
    for size in sizes:
        while filled < size:
            group = [
                made.article(filled + n, WINDOW * (filled + n) / sizes[-1]) for n in range(min(GROUP, size - filled))
            ]
            for _, features, _ in group:
                scan.add(features["vector"][0])
            noted = [Noted(entry.seen, (), Kept(entry, features, text)) for entry, features, text in group]
            adding += timed(1, lambda _, noted=noted: stories.note_all(noted))  # type: ignore[misc]
            filled += len(group)
        now = window.columns["seen"].max()
        asked = [made.article(size + n, float(now)) for n in range(LOOKS)]
        texts = timed(LOOKS, lambda n, asked=asked: stories.near_texts(asked[n][2], asked[n][0].seen))  # type: ignore[misc]
        places = timed(LOOKS, lambda n, asked=asked: stories.place(asked[n][0].article, asked[n][1], asked[n][0].seen))  # type: ignore[misc]
        looked = timed(20, lambda n, asked=asked: scan.near(asked[n][1]["vector"][0], n))  # type: ignore[misc]
        bytes_each = (resident() - before - 5 * 8 * sizes[-1]) / size
        yield [
            f"{size:,}", f"{len(window.stories):,}", f"{bytes_each:,.0f}", f"{1000 * adding / filled:.0f}",
            f"{texts:.2f}", f"{places:.2f}", f"{looked:.2f}", f"{looked / (texts + places):.1f}",
        ]  # fmt: skip


def decisions(count: int) -> list[bytes]:
    made, found = MadeArticles(), []
    for number in range(count):
        entry, features, text = made.article(number, 0)
        relation = Relation(
            kind="copy" if entry.original else "new", first_seen=START, seq=number + 1, version=1, story_id=entry.story,
            duplicate_of=entry.original,
        )  # fmt: skip
        found.append(encode(Decided(
            article=entry.article, seen=START + timedelta(seconds=number), stream="tagged", partition=0, offset=number,
            content_hash=f"{number:064x}", relation=relation, aliases=(f"text:{number:024x}",),
            fingerprint=Fingerprint(features=features.tobytes(), text=text.tobytes()),
        )))  # fmt: skip
    return found


class Stored:
    """A log with nothing but `fingerprints`."""

    def __init__(self, values: list[bytes]) -> None:
        self._values = values

    async def __call__(self, stream: str, apply: Apply, since: int = 0) -> int:
        if stream == "fingerprints":
            for number, value in enumerate(self._values):
                apply(Message(Position(stream, 0, number), "", value, START), decode(Decided, value))
        return len(self._values) if stream == "fingerprints" else since

    async def peek(self, at: Position, limit: int) -> list[Record]:
        return []


async def restored(values: list[bytes]) -> float:
    """Fingerprints per second of processor time that relate reads back."""
    stories = StateSqlite(Story, ":memory:")
    relate = Relate(StateSqlite(Known, ":memory:"), ArchiveSqlite(":memory:"), stories, WINDOW)
    started = time.process_time()
    await relate.restore(Stored(values))
    return len(values) / (time.process_time() - started)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--sizes", default="100000,300000")
    sizes = [int(size) for size in given.parse_args().sizes.split(",")]
    columns = ["articles", "stories", "bytes each", "add µs", "copies ms", "story ms", "scan ms", "ratio"]
    print("| " + " | ".join(columns) + " |", "|" + "--:|" * len(columns), sep="\n")
    for row in measured(sizes):
        print("| " + " | ".join(row) + " |", flush=True)
    values = decisions(RESTORED)
    size = sum(map(len, values)) / len(values)
    print(f"\nread back: {asyncio.run(restored(values)):,.0f} fingerprints/s of {size:,.0f} bytes")


if __name__ == "__main__":
    main()

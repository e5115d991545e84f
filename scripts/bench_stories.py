"""Measures relate: memory, look-ups, whole steps with re-visits, and reading state back, beside a scan of all articles.

    OPENBLAS_NUM_THREADS=1 ./test python -m scripts.bench_stories [--sizes 100000,300000,1000000,3000000]
    ./test python -m scripts.bench_stories --floods

The scan is that of earlier versions: bit sketches of all articles, then an exact comparison of the few that are near.
Both get the same articles (scripts/load/made_articles.py) in the same process, so their ratio holds on any machine. A
step is a new article with three re-visits, read from bytes and written to bytes. All times are of the processor.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.backends.state_sqlite import ArchiveSqlite, StateSqlite
from pipeline.core.stories.cells import DIFFERENT, WORDS
from pipeline.core.stories.story import Kept, Noted, Stories
from pipeline.core.stories.vectors import components, cosines, signs
from pipeline.core.stories.window import Window
from pipeline.records import (
    Article,
    Decided,
    Fingerprint,
    Known,
    Record,
    Relation,
    Sourced,
    Story,
    Tagged,
    Tags,
    Traits,
    decode,
    encode,
)
from pipeline.stage import Apply, Drop, Emit, Message, Position
from pipeline.stages.relate import Relate
from scripts.load.floods import worst_steps
from scripts.load.made_articles import Made, MadeArticles
from scripts.load.memory import WINDOW, resident

LOOKS = 300
VISITS = 4  # of an article: one that is new, three that find nothing new
GROUP = 1000  # articles added at once, as when state is read back
RESTORED = 20_000  # fingerprints read back
START = datetime(2026, 3, 1, tzinfo=UTC)
BLOCK = 16_384
TEXT = "A report of usual length says something. " * 60


class Scan:
    """Sketches of as many vectors as the window has articles, in blocks that fit into the processor's cache."""

    def __init__(self, window: Window, size: int) -> None:
        self._window, self._size = window, size
        rows = np.arange(window.columns.end - min(size, 100_000), window.columns.end)
        packed = window.columns["fixed"]["features"]["vector"][rows % window.columns.capacity]
        self._sketches: NDArray[np.uint64] = np.resize(signs(packed, WORDS), (size, WORDS)).T.copy()
        self._rows = np.resize(rows, size)

    def near(self, vector: Any) -> int:
        """How many articles are near in the end."""
        own, found = signs(vector[None], WORDS)[0][:, None], []
        for first in range(0, self._size, BLOCK):
            counts = np.bitwise_count(self._sketches[:, first : first + BLOCK] ^ own)
            found.append(np.flatnonzero(np.add.reduce(counts, axis=0, dtype=np.uint8) <= DIFFERENT) + first)
        rows = self._rows[np.concatenate(found)]
        near = cosines(components(vector[None])[0], self._window.columns.vectors(rows))
        return int(np.count_nonzero(near >= 0.5))


def timed(times: int, action: Callable[[int], object]) -> float:
    """Milliseconds of processor time per call."""
    started = time.process_time()
    for number in range(times):
        action(number)
    return 1000 * (time.process_time() - started) / times


def new_relate() -> Relate:
    known, archive = StateSqlite(Known, ":memory:"), ArchiveSqlite(":memory:")
    return Relate(known, archive, StateSqlite(Story, ":memory:"), WINDOW)


async def measured(sizes: list[int]) -> None:
    """Fill one window up to each size, and measure there."""
    made = MadeArticles()
    relate = new_relate()
    await relate.restore(Stored([]))
    stories = relate._stories
    before, filled, adding = resident(), 0, 0.0
    for size in sizes:
        while filled < size:
            seen = START.timestamp() + WINDOW * (np.arange(filled, min(filled + GROUP, size)) / sizes[-1])
            noted = [Noted(made_one[0].seen, (), Kept(*made_one)) for made_one in made.articles(filled, seen.tolist())]
            adding += timed(1, lambda _, noted=noted: stories.note_all(noted))  # type: ignore[misc]
            filled += len(noted)
        bytes_each = (resident() - before) / size
        print(
            "| " + " | ".join(await line(relate, stories, made, size, [bytes_each, 1000 * adding / filled])) + " |",
            flush=True,
        )


async def line(relate: Relate, stories: Stories, made: MadeArticles, size: int, first: list[float]) -> list[str]:
    now = float(stories.window.columns["seen"].max())
    asked = made.articles(size, [now] * LOOKS)
    texts = timed(LOOKS, lambda n: stories.near_texts(asked[n][2], now))
    places = timed(LOOKS, lambda n: stories.place(asked[n][0].article, asked[n][1], now))
    scan = Scan(stories.window, size)
    looked = timed(10, lambda n: scan.near(asked[n][1]["vector"][0]))
    steps = await stepped(relate, made.articles(size + LOOKS, [now] * LOOKS))
    return [
        f"{size:,}", f"{len(stories.window.stories):,}", f"{first[0]:,.0f}", f"{first[1]:.0f}", f"{texts:.2f}",
        f"{places:.2f}", f"{looked:.2f}", f"{looked / (texts + places):.1f}", f"{1000 / steps:.0f}",
    ]  # fmt: skip


async def stepped(relate: Relate, asked: list[Made]) -> float:
    """Milliseconds of processor time for a new article and its re-visits."""
    inputs = []
    for entry, features, text in asked:
        fingerprint = Fingerprint(features=features.tobytes(), text=text.tobytes(), traits=Traits(words="0" * 24))
        article = Article(
            id=entry.article, url=f"https://a.example/{entry.article}", feed="f", source=f"outlet {entry.seq % 5000}",
            title=Sourced(value="A headline of usual length for a report", source="feed"), text=TEXT, language="en",
            content_hash=entry.article * 2, seen=datetime.fromtimestamp(entry.seen, UTC),
        )  # fmt: skip
        inputs += [encode(Tagged(article=article, tags=Tags(rules="r"), fingerprint=fingerprint))] * VISITS
    started = time.process_time()
    for offset, value in enumerate(inputs):
        outcome = await relate.step(decode(Tagged, value), Position("tagged", 0, offset))
        assert isinstance(outcome, Emit | Drop)
        for out in outcome.outs:
            if out.record:
                encode(out.record)
        await relate.settled(outcome.outs)
    return 1000 * (time.process_time() - started) / len(asked)


def decisions(count: int) -> list[bytes]:
    """Fingerprints as they are on the log."""
    found = []
    for number, (entry, features, text) in enumerate(MadeArticles().articles(0, [0.0] * count)):
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
    relate = new_relate()
    started = time.process_time()
    await relate.restore(Stored(values))
    return len(values) / (time.process_time() - started)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--sizes", default="100000,300000")
    given.add_argument("--floods", action="store_true", help="measure stories that grow, and floods of one template")
    options = given.parse_args()
    if options.floods:
        for cells in worst_steps():
            print("| " + " | ".join(cells) + " |", flush=True)
        return
    columns = ["articles", "stories", "bytes each", "add µs", "copies ms", "story ms", "scan ms", "ratio", "articles/s"]
    print("| " + " | ".join(columns) + " |", "|" + "--:|" * len(columns), sep="\n", flush=True)
    asyncio.run(measured([int(size) for size in options.sizes.split(",")]))
    values = decisions(RESTORED)
    size = sum(map(len, values)) / len(values)
    print(f"\nread back: {asyncio.run(restored(values)):,.0f} fingerprints/s of {size:,.0f} bytes")


if __name__ == "__main__":
    main()

"""Measures the cost of state: memory per article in relate's window, time per look-up, size of a feed's state.

Needs no servers. Each size is measured in a fresh process.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

from pipeline.core.stories.pairs import pair_score
from pipeline.core.stories.story import Stories
from pipeline.core.stories.window import Window
from pipeline.records import FeedState, encode
from scripts.load.made_articles import MadeArticles

SIZES = (20_000, 100_000, 500_000)  # articles in the window
LOOKS = 100
WINDOW = 14 * 86400.0  # seconds


async def measure(sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    rows = []
    for size in sizes:
        command = [sys.executable, "-c", f"from scripts.load.memory import window; window({size})"]
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        out, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"a window of {size} could not be measured")
        rows.append(json.loads(out))
    return {"window": rows, "feed_state": len(encode(state_of("example-world")))}


def state_of(feed: str, entries: int = 50) -> FeedState:
    """The state of a feed that lists `entries` entries, each with a date of change, and remembers 200 earlier ones."""
    now = datetime(2026, 3, 2, 12, 0, 0, 123456, UTC)
    keys = tuple(f"{random.Random(n).getrandbits(64):016x}" for n in range(entries + 200))
    return FeedState(
        feed=feed, polled_at=now, next_at=now, interval=900, url="https://news.example.org/feeds/world.xml",
        first_polled_at=now, etag='"5f3-61a2b3c4d5e6f"', last_modified="Mon, 02 Mar 2026 11:58:03 GMT",
        body_hash="0" * 64, listed=keys, updated=dict.fromkeys(keys[:entries], now),
    )  # fmt: skip


def window(size: int) -> None:
    """Fill a window, search it and print JSON; runs in its own process."""
    made = MadeArticles()
    before = resident()
    held = Window(WINDOW)
    filled = 0.0
    for number in range(size):
        article = made.article(number, WINDOW * number / size)
        started = time.process_time()
        held.add(*article)
        filled += time.process_time() - started
    taken = resident() - before
    stories = Stories(held, pair_score(), lambda ids: {})
    found, look = 0, 0.0
    for number in range(LOOKS):
        entry, features, text = made.article(size + number, WINDOW)
        started = time.process_time()
        found += len(stories.near_texts(text, entry.seen))
        found += stories.place(entry.article, features, entry.seen).story != entry.article
        look += time.process_time() - started
    json.dump(
        {"articles": size, "bytes": round(taken / size), "look_ms": round(1000 * look / LOOKS, 2),
         "near": round(found / LOOKS, 1), "fill_ms": round(1000 * filled / size, 3)},
        sys.stdout,
    )  # fmt: skip


def resident() -> int:
    """Bytes in memory now, or the maximum so far if the system does not report the current value."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024

"""What state costs: bytes an article in relate's window, milliseconds of a look by its size, bytes of a feed's state.

Needs no servers. Memory is that of a fresh process for each size.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.records import FeedState, encode

SIZES = (20_000, 100_000, 300_000)  # articles in the window
LOOKS = 100
PRINTS = 300  # fingerprints of made-up articles that the others are mixed from


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
    """Of a feed that lists so many entries, each with a date of change, and whose 200 last ones are remembered."""
    now = datetime(2026, 3, 2, 12, 0, 0, 123456, UTC)
    keys = tuple(f"{random.Random(n).getrandbits(128):032x}" for n in range(entries + 200))
    return FeedState(
        feed=feed, polled_at=now, next_at=now, interval=900, url="https://news.example.org/feeds/world.xml",
        first_polled_at=now, etag='"5f3-61a2b3c4d5e6f"', last_modified="Mon, 02 Mar 2026 11:58:03 GMT",
        body_hash="0" * 64, listed=keys, updated=dict.fromkeys(keys[:entries], now),
    )  # fmt: skip


def window(size: int) -> None:
    """Fill a window and look into it; prints JSON. In a process of its own."""
    import numpy as np

    from pipeline.core.fingerprint import fingerprint
    from pipeline.core.window import Entry, Window, features
    from pipeline.records import Article, Print, Sourced
    from scripts.load.articles import article

    seen = datetime(2026, 3, 2, tzinfo=UTC)
    real: list[Print] = []
    for number in range(PRINTS):
        title, text = article(number)
        shown = Article(
            id="", url="", feed="", source="", title=Sourced(title, "feed"), text=text, content_hash="", seen=seen,
            language="en",
        )  # fmt: skip
        real.append(fingerprint(shown))
    vectors = np.array([np.frombuffer(one.vector, np.int8) for one in real], np.float32)
    pick = np.random.default_rng(1)

    def print_(number: int) -> Print:
        """The traits of one, the vector of two, as unlike others as they are; a signature of its own."""
        a, b = pick.integers(0, PRINTS, 2)
        mixed = np.clip(np.rint((vectors[a] + vectors[b]) / 2**0.5), -127, 127).astype(np.int8)
        signature = pick.integers(0, 2**16, 128, dtype=np.uint16)
        traits = real[a].traits
        # Each of a real window has strings of its own, too.
        names = tuple(f"{name} {number % 50_000}" for name in traits.names[:16])
        kept = type(traits)(words=f"{number:032x}", numbers=traits.numbers, names=names)
        return Print(signature=signature.tobytes(), vector=mixed.tobytes(), shingles=real[a].shingles, traits=kept)

    before = _resident()
    held = Window()
    begun = time.process_time()
    for number in range(size):
        print_of = print_(number)
        name = f"{number:032x}"
        at = (seen + timedelta(seconds=72 * 3600 * number / size)).timestamp()
        topics: tuple[str, ...] = ("elections",) if number % 5 == 0 else ()
        held.add(
            Entry(name, at, number, name, None, features(f"Site {number % 500}", print_of, topics, ("PE", "US"))),
            print_of,
        )
    filled = time.process_time() - begun
    bytes_each = (_resident() - before) / size
    questions = [print_(size + number) for number in range(LOOKS)]
    last = (seen + timedelta(hours=72)).timestamp()
    begun, found = time.process_time(), 0
    for question in questions:
        found += len(held.neighbours(question, last).near)
    look = 1000 * (time.process_time() - begun) / LOOKS
    json.dump(
        {"articles": size, "bytes": round(bytes_each), "look_ms": round(look, 2), "near": round(found / LOOKS, 1),
         "fill_ms": round(1000 * filled / size, 3)},
        sys.stdout,
    )  # fmt: skip


def _resident() -> int:
    """Bytes in memory now, or at most so far where that is not told."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024

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

import numpy as np

from pipeline.core.stories.window import Entry, Window, features
from pipeline.core.text.encoder import SCALE
from pipeline.records import FeedState, Fingerprint, Traits, encode

SIZES = (20_000, 100_000, 500_000)  # articles in the window
LOOKS = 100
FREE = 173  # dimensions that vectors of real pages appear to span
THEMES = 2000


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
    before = _resident()
    held = Window()
    made = _Made()
    started = time.process_time()
    for number in range(size):
        held.add(*made.article(number, 72 * 3600 * number / size))
    filled = time.process_time() - started
    resident = _resident() - before
    questions = [made.article(size + number, 72 * 3600) for number in range(LOOKS)]
    started, found = time.process_time(), 0
    for entry, fingerprint in questions:
        found += len(held.neighbours(fingerprint, entry.seen).near)
    look = 1000 * (time.process_time() - started) / LOOKS
    json.dump(
        {"articles": size, "bytes": round(resident / size), "look_ms": round(look, 2),
         "near": round(found / LOOKS, 1), "fill_ms": round(1000 * filled / size, 3)},
        sys.stdout,
    )  # fmt: skip


class _Made:
    """Fingerprints with vectors like those of 108 real pages of two public corpora: any two have a cosine of 0.08 with
    a standard deviation of 0.076, and one pair in 2,000 shares a theme and is above 0.5. 8 numbers, 16 names."""

    def __init__(self) -> None:
        self._pick = np.random.default_rng(1)
        self._space = np.linalg.qr(self._pick.standard_normal((512, FREE + 1)))[0].T
        self._themes = self._unit(self._pick.standard_normal((THEMES, FREE)))
        self._names = [f"Name {n}" for n in range(50_000)]

    @staticmethod
    def _unit(rows: Any) -> Any:
        return rows / np.linalg.norm(rows, axis=-1, keepdims=True)

    def _vector(self) -> bytes:
        theme = self._themes[self._pick.integers(THEMES)]
        own = self._unit(self._pick.standard_normal(FREE))
        mixed = 0.92**0.5 * self._unit(0.6**0.5 * theme + 0.4**0.5 * own)
        vector = 0.08**0.5 * self._space[0] + mixed @ self._space[1:]
        return bytes(np.clip(np.rint(vector * SCALE), -127, 127).astype(np.int8).tobytes())

    def article(self, number: int, seen: float) -> tuple[Entry, Fingerprint]:
        names = [self._names[n] for n in self._pick.integers(0, len(self._names), 16)]
        numbers = tuple(str(n) for n in self._pick.integers(0, 10**5, 8))
        traits = Traits(words=f"{number:032x}", numbers=numbers, names=tuple(names))
        signature = self._pick.integers(0, 2**16, 128, dtype=np.uint16).tobytes()
        fingerprint = Fingerprint(signature=signature, vector=self._vector(), shingles=500, traits=traits)
        topics = ("elections",) if number % 5 == 0 else ()
        compared = features(f"Site {number % 500}", fingerprint, topics, ("PE", "US"))
        return Entry(f"{number:032x}", seen, number, f"{number:032x}", None, compared), fingerprint


def _resident() -> int:
    """Bytes in memory now, or the maximum so far if the system does not report the current value."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024

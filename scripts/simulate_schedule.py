"""Compares the schedule of the poll stage with fixed intervals, for made-up feeds in a month of virtual time.

    ./test python -m scripts.simulate_schedule                    # 100,000 feeds; some minutes on one core
    ./test python -m scripts.simulate_schedule --feeds 5000 --every 20m

The decisions are those of pipeline/core/timing, which take many feeds at once. Feeds publish in their time zones, with
nights, weekends, bursts and pauses; lists are short or long; some servers fail for hours, some for ever. A delay is the
time from an entry's publication to the poll that reads it. An entry is missed if it falls off the list before. Writes
no files.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import Annotated

import numpy as np
import typer
from pydantic import TypeAdapter

from pipeline.config.settings import Settings
from pipeline.config.values import Duration
from pipeline.core.timing.rhythm import Floats, Ints
from pipeline.flow import poll_options
from scripts.schedule.feeds import KINDS, make
from scripts.schedule.polls import STEP, Adaptive, Tally, at_intervals

FIXED = (5.0, 15.0, 60.0)  # minutes
SHARD = 50_000  # feeds simulated at once: as many as fit into the caches
DAYS = 30
PERCENTILES = (50, 90, 99)


def simulate(
    count: int, seed: int, every: float | None = None, days: int = DAYS, *, quiet: bool = True
) -> dict[str, Tally]:
    """The tallies of the adaptive schedule and of fixed intervals, for the same feeds."""
    pacing = poll_options(Settings()).pacing
    pacing = replace(pacing, every=every) if every else pacing
    tallies = {"adaptive": Tally()} | {f"every {minutes:.0f} min": Tally() for minutes in FIXED}
    for first in range(0, count, SHARD):
        feeds = make(min(SHARD, count - first), seed + first)
        feeds = replace(feeds, end=feeds.first_poll + 24 * days)

        def progress(share: float, first: int = first, n: int = len(feeds)) -> None:
            if not quiet:
                print(f"\r{(first + share * n) / count:4.0%}", end="", file=sys.stderr, flush=True)

        tallies["adaptive"].add(Adaptive(feeds, pacing, seed + first).run(progress))
        for minutes in FIXED:
            tallies[f"every {minutes:.0f} min"].add(at_intervals(feeds, minutes, seed + first))
    return tallies


def percentiles(delays: Ints) -> Floats:
    """Minutes; `delays` are counts as in Tally."""
    ranks = np.cumsum(delays) / max(int(delays.sum()), 1)
    return np.array([(np.searchsorted(ranks, p / 100) + 0.5) * STEP / 60 for p in PERCENTILES])


def mean(delays: Ints) -> float:
    """Minutes."""
    return float(delays @ (np.arange(len(delays)) + 0.5)) * STEP / 60 / max(int(delays.sum()), 1)


def line(name: str, tally: Tally, rows: Ints | slice) -> str:
    """A row of a table, of these kinds of feeds."""
    delays = tally.delays[rows].sum(axis=0)
    requests, missed = int(tally.requests[rows].sum()), int(tally.missed[rows].sum())
    entries = int(delays.sum()) + missed
    per_day = requests / DAYS / max(int(tally.feeds[rows].sum()), 1)
    late = " | ".join(f"{minutes:,.1f}" for minutes in (mean(delays), *percentiles(delays)))
    news = int(tally.news[rows].sum()) / max(requests, 1)
    return f"| {name} | {requests:,} | {per_day:.1f} | {news:.1%} | {late} | {missed / max(entries, 1):.3%} |"


def report(tallies: dict[str, Tally]) -> str:
    """All tables, in Markdown."""
    head = "| requests | per feed and day | with news | mean, min | p50 | p90 | p99 | missed |\n|---|" + 8 * "--:|"
    lines = [f"| schedule {head}"] + [line(name, tally, slice(None)) for name, tally in tallies.items()]
    lines += ["", f"| kind of feed, schedule {head}"]
    for number, kind in enumerate(KINDS):
        if tallies["adaptive"].delays[number].any() or tallies["adaptive"].requests[number]:
            lines += [
                line(f"{kind.name}, {name}", tallies[name], np.array([number])) for name in ("adaptive", "every 15 min")
            ]
    return "\n".join(lines)


def main(
    feeds: Annotated[int, typer.Option(help="How many feeds.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Another one makes other feeds.")] = 1,
    every: Annotated[str | None, typer.Option(help="[poll] every, such as 20m. Default: that of the settings.")] = None,
) -> None:
    """Print delays, requests and missed entries of all schedules."""
    began, worked = time.monotonic(), time.process_time()
    tallies = simulate(
        feeds, seed, TypeAdapter(Duration).validate_python(every) if every else None, quiet=not sys.stderr.isatty()
    )
    print(report(tallies))
    entries = int(tallies["adaptive"].delays.sum())
    took = f"{time.monotonic() - began:.0f} s, {time.process_time() - worked:.0f} s of CPU"
    print(f"\n{feeds:,} feeds, {entries:,} entries read in {DAYS} days; simulated in {took}")


if __name__ == "__main__":
    typer.run(main)

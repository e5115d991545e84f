"""Computes rates, lags, quantiles and tables from measured times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from statistics import median

WARM = 0.1  # share of records before a rate is measured: caches, code and connections are still cold

Batch = tuple[float, int]  # (time in seconds, number of records that finished then)
Sample = tuple[float, float]  # (time in seconds, CPU seconds until then)


def steady(batches: Iterable[Batch]) -> tuple[float, float, int]:
    """The interval for measuring a rate: start, end, records that finished in it. Raises ValueError for fewer than two
    times."""
    ordered = sorted(batches)
    total, done = sum(count for _, count in ordered), 0
    for moment, count in ordered:
        done += count
        if done >= WARM * total:
            if moment == ordered[-1][0]:
                raise ValueError(f"all {total} records finished at once: use more")
            return moment, ordered[-1][0], total - done
    raise ValueError("no record finished")


def rate(batches: Iterable[Batch]) -> float:
    """Records per second, once warm."""
    begin, end, count = steady(batches)
    return count / (end - begin)


def spent(samples: Sequence[Sample], begin: float, end: float) -> float:
    """CPU seconds between two times, interpolated linearly between samples."""
    return _at(samples, end) - _at(samples, begin)


def _at(samples: Sequence[Sample], moment: float) -> float:
    place = bisect_right(samples, (moment, float("inf")))
    if place == 0:
        return samples[0][1]
    if place == len(samples):
        return samples[-1][1]
    (before, low), (after, high) = samples[place - 1], samples[place]
    return low + (high - low) * (moment - before) / (after - before)


def lags(came: Iterable[float], went: Iterable[float], step: float) -> list[tuple[float, int]]:
    """(seconds since the first arrival, records that arrived but did not leave), every `step` seconds until the last
    record has left."""
    came, went = sorted(came), sorted(went)
    if not came:
        return []
    found, n = list[tuple[float, int]](), 0
    last = max(came[-1], went[-1] if went else came[-1])
    while True:
        moment = came[0] + n * step
        found.append((n * step, bisect_right(came, moment) - bisect_right(went, moment)))
        if moment >= last:
            return found
        n += 1


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of the values do not exceed. Raises ValueError without values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 1).__int__() - 1)]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The ratio of the medians of rounds that took turns."""
    return median(ours) / median(theirs)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; numbers to three digits."""
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(cell: object) -> str:
    if not isinstance(cell, float):
        return "" if cell is None else str(cell)
    return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"

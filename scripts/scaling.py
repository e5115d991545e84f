"""Computes the plan in docs/scaling.md from the figures in scripts/scaling.toml; it measures nothing.

    ./test python scripts/scaling.py [FILE]   # a copy of scaling.toml with your own figures

Prints the tables as Markdown.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).with_suffix(".toml")
DAY = 86400.0
POLLS = 32  # feeds that a worker polls concurrently (CONCURRENT in agents/poller.py)

Row = tuple[str, str]


@dataclass(frozen=True)
class Plan:
    """Everything that follows from the figures. Rates are per second, averages unless they say peak."""

    given: Mapping[str, Any]
    measured: Mapping[str, Any]
    keep: Mapping[str, float]
    prices: Mapping[str, float]

    # -- what comes in

    @property
    def new(self) -> float:
        return float(self.given["articles_per_day"] / DAY)

    @property
    def fetched(self) -> float:
        """Pages: new articles and revisits."""
        return float(self.new * (1 + self.given["revisits"]))

    @property
    def peak(self) -> float:
        return float(self.given["peak"])

    @property
    def window(self) -> float:
        """Articles that relate compares a new one with."""
        return float(self.given["articles_per_day"] * self.given["window_days"])

    # -- feeds

    @property
    def polls(self) -> float:
        return float(self.given["feeds"] * sum(share / seconds for seconds, share in self.given["polled"]))

    @property
    def poll_workers(self) -> int:
        """Workers, each polling 32 feeds concurrently."""
        return ceil(self.polls * float(self.given["poll_seconds"] / POLLS / self.given["busy"]))

    @property
    def parse_cores(self) -> float:
        return float(self.polls * self.given["changed"] * self.measured["parse_core_ms"] / 1000)

    @property
    def rebalance(self) -> float:
        """Seconds until another worker has read back the feeds of one, which are not polled meanwhile."""
        return float(self.given["feeds"] / self.poll_workers * self.measured["feed_restore_ms"] / 1000)

    # -- stages

    def cores(self, rate: float, milliseconds: float) -> float:
        """Cores needed at the peak, with the headroom assumed."""
        return rate * self.peak * milliseconds / 1000 / float(self.given["busy"])

    @property
    def extraction(self) -> float:
        ms = self.measured["clean_core_ms"] + self.measured["tag_core_ms"] + 2 * self.measured["event_core_ms"]
        return self.cores(self.fetched, ms)

    @property
    def writing(self) -> float:
        """Cores of workers with index and alert."""
        return self.cores(self.new, self.measured["index_core_ms"] + self.measured["alert_core_ms"])

    def decision(self, window: float) -> float:
        """Milliseconds that relate takes for a new article and its share of revisits."""
        new = self.measured["relate_core_ms"] + self.measured["relate_look_ms"] * window / 1000
        return float(new + self.given["revisits"] * self.measured["relate_revisit_ms"])

    def related(self, window: float) -> float:
        """New articles per second that relate can handle with its one core."""
        return 1000 / self.decision(window)

    @property
    def widest(self) -> float:
        """Articles in the window at which relate just keeps up at the peak."""
        left = 1000 / (self.new * self.peak) - self.decision(0)
        return float(max(0.0, left / self.measured["relate_look_ms"] * 1000))

    @property
    def memory(self) -> float:
        """GB of relate's window."""
        return float(self.window * self.measured["window_bytes"] / 1e9)

    @property
    def takeover(self) -> float:
        """Seconds to read the fingerprints back, without a standby."""
        kept = self.given["articles_per_day"] * (1 + self.given["revisits"]) * self.keep["fingerprints"]
        return float(kept * self.measured["restore_ms"] / 1000)

    @property
    def cache(self) -> float:
        """GB of relate's caches of `known`, `stories` and `archive` after a year."""
        return float(self.given["articles_per_day"] * self.cached / 1e9)

    @property
    def cached(self) -> float:
        """Bytes of the same, for each article of a day."""
        recent = sum(self.keep[stream] * self.measured[f"{stream}_bytes"] for stream in ("known", "stories"))
        return float(recent + 365 * self.measured["archive_bytes"])

    # -- servers

    def on_log(self) -> dict[str, float]:
        """GB per stream, with replicas."""
        found = {}
        for topic, size in self.measured["log_bytes"].items():
            times = 1 + self.given["revisits"] if topic in ("items", "articles", "tagged", "outcomes") else 1
            size_day = size * times * self.given["articles_per_day"] * self.given["log_replication"]
            found[topic] = size_day * self.keep[topic] / 1e9
        feeds = self.given["feeds"] * self.measured["feed_state_bytes"] * self.given["log_replication"] / 1e9
        return {**found, "feed-state": 2 * feeds}  # compacted; about half of it is old

    @property
    def month(self) -> float:
        """GB of one month's index, one copy."""
        return float(self.given["articles_per_day"] * 30 * self.measured["index_bytes"] / 1e9)

    @property
    def shards(self) -> int:
        return ceil(self.month * 1e9 / float(self.given["shard_bytes"]))

    @property
    def index(self) -> float:
        """GB of all months with their replicas."""
        return float(self.month * self.given["index_months"] * (1 + self.given["index_replicas"]))

    @property
    def data_nodes(self) -> int:
        return max(3, ceil(self.index * 1e9 / float(self.given["node_disk"] * self.given["disk_used"])))

    @property
    def elastic_cores(self) -> float:
        copies = 1 + self.given["index_replicas"]
        return self.cores(self.new, self.measured["elastic_core_ms"] * copies)

    # -- results

    @property
    def partitions(self) -> int:
        """Of streams that scale: twice as many as workers of the stage that needs most, as a power of two."""
        need = 2 * max(self.poll_workers, ceil(self.extraction / 4))
        return int(2 ** ceil(need - 1).bit_length())

    def costs(self) -> dict[str, float]:
        price = self.prices
        brokers = 3 * (4 * price["core"]) + sum(self.on_log().values()) * price["disk_gigabyte"]
        relate = 2 * (2 * price["core"] + max(0.0, self.memory * 1.3 - 8) * price["gigabyte"])
        relate += 2 * self.cache * price["disk_gigabyte"]
        nodes = self.data_nodes * (8 * price["core"] + 32 * price["gigabyte"])
        return {
            "extraction": ceil(self.extraction) * price["core"],
            "polling": ceil(self.parse_cores / self.given["busy"] + self.poll_workers) * price["core"],
            "relate, twice": relate,
            "index, alert, notify": max(2, ceil(self.writing)) * price["core"],
            "brokers": brokers,
            "Elasticsearch": nodes + self.index * price["disk_gigabyte"],
        }


def read(file: Path = FIGURES) -> Plan:
    found = tomllib.loads(file.read_text(encoding="utf-8"))
    return Plan(found["assumed"], found["measured"], found["keep"], found["prices"])


def text(plan: Plan) -> str:
    """The tables of docs/scaling.md."""
    parts = [("what comes in", _incoming(plan)), ("feeds", _feeds(plan)), ("stages", _stages(plan)),
             ("relate", _relate(plan)), ("Kafka", _kafka(plan)), ("Elasticsearch", _elastic(plan)),
             ("monthly costs, in dollars", _costs(plan)), ("limits", _limits(plan))]  # fmt: skip
    return "\n\n".join(_table(title, rows) for title, rows in parts)


def _incoming(p: Plan) -> Iterator[Row]:
    yield "new articles", f"{p.new:.1f}/s, {p.new * p.peak:.0f}/s at the peak"
    yield "pages fetched, including revisits", f"{p.fetched:.0f}/s, {p.fetched * p.peak:.0f}/s at the peak"
    pages = p.fetched * p.given["page_bytes"] * 8 / 1e6
    yield "bandwidth for pages", f"{pages:.0f} Mbit/s, {pages * p.peak:.0f} at the peak"


def _feeds(p: Plan) -> Iterator[Row]:
    yield "polls", f"{p.polls:.0f}/s"
    size = p.given["not_modified"] * p.given["small_bytes"] + (1 - p.given["not_modified"]) * p.given["feed_bytes"]
    yield "bandwidth for feeds", f"{p.polls * size * 8 / 1e6:.1f} Mbit/s"
    yield "cores for parsing", f"{p.parse_cores:.1f}"
    yield "workers that poll", f"{p.poll_workers}, with {p.given['feeds'] / p.poll_workers:,.0f} feeds each"
    yield (
        "memory per worker for its feeds",
        f"{p.given['feeds'] / p.poll_workers * p.measured['feed_memory_bytes'] / 1e9:.1f} GB",
    )
    yield "pause of feeds after a rebalance", f"{p.rebalance:.0f} s (10 s more if a worker died)"
    yield "written to feed-state", f"{p.polls * p.measured['feed_state_bytes'] / 1e6:.2f} MB/s before compression"


def _stages(p: Plan) -> Iterator[Row]:
    yield "clean and tag", f"{p.extraction:.0f} cores"
    yield "index and alert", f"{p.writing:.1f} cores"
    alerts = p.new * p.peak * p.given["alerted"]
    yield "notify", f"{alerts:.1f} alerts/s at the peak; one partition takes {1000 / p.measured['notify_ms']:.0f}/s"
    yield "partitions of streams that scale", f"{p.partitions}"


def _relate(p: Plan) -> Iterator[Row]:
    yield "articles in the window", f"{p.window / 1e6:.1f} million"
    yield "memory for it", f"{p.memory:.0f} GB, in the owner and in the standby"
    yield "needed at the peak", f"{p.new * p.peak:.0f} new articles/s"
    yield "capacity of one core, full window", f"{p.related(p.window):.0f} new articles/s with their revisits"
    day = p.window / p.given["window_days"]
    yield "same, with a window of one day", f"{p.related(day):.0f} new articles/s"
    yield "same, with 100,000 articles in the window", f"{p.related(100_000):.0f} new articles/s"
    behind = max(0.0, p.new * p.peak - p.related(day))
    yield (
        "left over from the busiest hour, window of one day",
        f"{behind * 3600:,.0f} articles, {behind * 60 / p.related(day):.0f} min late",
    )
    yield "largest window that keeps up at the peak", f"{p.widest / 1e6:.2f} million articles"
    yield "takeover by a standby", "seconds (it is at most 2 s behind)"
    yield "takeover without a standby", f"{p.takeover / 60:.0f} min"
    yield "caches of `known`, `stories` and `archive` after a year", f"{p.cache:.0f} GB on disk, in each of the two"


def _kafka(p: Plan) -> Iterator[Row]:
    found = p.on_log()
    for topic, size in sorted(found.items(), key=lambda one: -one[1]):
        yield topic, f"{size:,.0f} GB"
    yield "total, with replicas", f"{sum(found.values()):,.0f} GB"
    daily = sum(size / p.keep[topic] for topic, size in found.items() if topic in p.keep)
    yield "written", f"{daily / DAY * 1000:.1f} MB/s, {daily / DAY * 1000 * p.peak:.0f} at the peak"


def _elastic(p: Plan) -> Iterator[Row]:
    yield "a month's index", f"{p.month:.0f} GB, {p.shards} shards and as many replicas"
    yield "all months, with replicas", f"{p.index / 1000:.1f} TB"
    shards = p.shards * p.given["index_months"] * (1 + p.given["index_replicas"])
    yield "shards", f"{shards:.0f}; they need {shards / p.given['heap_per_shards']:.0f} GB of heap in total"
    yield "data nodes", f"{p.data_nodes} with {p.given['node_disk'] / 1e12:.0f} TB each"
    yield "cores for writing", f"{p.elastic_cores:.1f}"


def _costs(p: Plan) -> Iterator[Row]:
    costs = p.costs()
    for name, cost in costs.items():
        yield name, f"{cost:,.0f}"
    yield "total", f"{sum(costs.values()):,.0f}"


def limits(p: Plan) -> dict[str, float]:
    """Articles per day at which each part that cannot run in parallel is at its limit."""
    share = 1 / p.peak * DAY
    # The window grows with the rate: rate * (fixed + look * rate * days) = one core. A quadratic equation.
    fixed = p.decision(0) / 1000
    look = p.measured["relate_look_ms"] / 1e6 * p.given["window_days"] * DAY / p.peak
    rate = (-fixed + (fixed**2 + 4 * look) ** 0.5) / (2 * look)
    return {
        "relate: one core": rate * share,
        "relate: 64 GB of memory": 64e9 / p.measured["window_bytes"] / p.given["window_days"],
        "notify: one after the other": 1000 / p.measured["notify_ms"] / p.given["alerted"] * share,
        "relate: 1 TB of cache in a year": 1e12 / p.cached,
    }


def _limits(p: Plan) -> Iterator[Row]:
    for name, most in sorted(limits(p).items(), key=lambda one: one[1]):
        yield name, f"{most / 1e6:.2f} million articles a day"


def _table(title: str, rows: Iterator[Row]) -> str:
    return "\n".join([f"| {title} | |", "|---|--:|", *(f"| {name} | {value} |" for name, value in rows)])


if __name__ == "__main__":
    print(text(read(Path(sys.argv[1]) if len(sys.argv) > 1 else FIGURES)))

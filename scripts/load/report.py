"""Formats the figures as Markdown, for docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

from scripts.load.burst import STEP
from scripts.load.figures import ratio, table


def as_text(figures: dict[str, Any]) -> str:
    load = figures["load"]
    head = (
        f"{figures['started']}, {figures['cores']} cores, load average {load['before']} before, {load['after']} after"
    )
    return "\n\n".join([head, *_parts(figures)])


def _parts(figures: dict[str, Any]) -> Iterator[str]:
    if hops := figures.get("hops"):
        yield table(
            ["stage", "records", "worker/s", "bare/s", "embedded/s", "worker : bare", "worker : embedded",
             "core ms, worker", "bare", "embedded"],
            [_hop(hop) for hop in hops.values()],
        )  # fmt: skip
    if bulk := figures.get("bulk"):
        yield table(
            ["documents", "bytes of a source", "put/s", "async_bulk/s", "put : async_bulk", "bytes stored"],
            [[bulk["documents"], bulk["bytes"], median(bulk["put"]), median(bulk["async_bulk"]),
              ratio(bulk["put"], bulk["async_bulk"]), bulk["stored"]]],
        )  # fmt: skip
    for name, title in (("burst_tagged", "without extraction"), ("burst", "whole pipeline")):
        if burst := figures.get(name):
            yield f"Burst, {title}: {_burst(burst)}"
    if replay := figures.get("replay"):
        yield (
            f"Replay, ms (CPU, elapsed): {replay['article'][0]:.2f}, {replay['article'][1]:.2f} per article of relate, "
            f"{replay['feed'][0]:.2f}, {replay['feed'][1]:.2f} per feed; relate's cache takes "
            f"{replay['known']:,.0f} bytes per article"
        )
    if memory := figures.get("memory"):
        yield table(
            ["articles in the window", "bytes each", "ms per look-up", "near ones found"],
            [[row["articles"], row["bytes"], row["look_ms"], row["near"]] for row in memory["window"]],
        )
        yield f"State of a feed with 50 entries: {memory['feed_state']} bytes"
    inputs = "\n".join(f"{name} = {value:.3g}" for name, value in measured(figures).items())
    yield f"For scripts/scaling.toml, [measured]:\n\n{inputs}"


def _hop(hop: dict[str, Any]) -> list[object]:
    worker, bare, embedded = hop["worker"], hop["bare"], hop["embedded"]
    return [
        hop["stage"], hop["records"], *(median(way["rates"]) for way in (worker, bare, embedded)),
        ratio(worker["rates"], bare["rates"]), ratio(worker["rates"], embedded["rates"]),
        *(median(way["core"]) for way in (worker, bare, embedded)),
    ]  # fmt: skip


def _burst(burst: dict[str, Any]) -> str:
    late = burst["late"]
    moments = max(len(over) for over in burst["over"].values())
    every = max(1, moments // 12)
    kept = ", ".join(f"{stream} {size / burst['articles']:,.0f}" for stream, size in sorted(burst["kept"].items()))
    return (
        f"{burst['indexed']} of {burst['articles']} articles indexed, at {burst['rate']:g}/s "
        f"for {burst['seconds']:g} s; lag zero {burst['drained']:.1f} s after the last; "
        f"durable after p50 {late['p50']:.1f}, p95 {late['p95']:.1f}, "
        f"max {late['most']:.1f} s; "
        f"{burst['core']:.1f} ms of a core per article in the worker\n\n"
        + table(
            ["lag of", "max", *(f"{n * STEP:g} s" for n in range(0, moments, every))],
            [[stage, max(over), *over[::every]] for stage, over in burst["over"].items()],
        )
        + f"\n\nbytes per article on the broker's disk: {kept or 'unknown'}; in the index "
        f"{burst['stored'] / burst['articles']:,.0f}"
    )


def measured(figures: dict[str, Any]) -> dict[str, float]:
    """The figures for [measured] in scripts/scaling.toml, by their names there."""
    found: dict[str, float] = {}
    if hops := figures.get("hops"):
        core = {stage: median(hop["worker"]["core"]) for stage, hop in hops.items()}
        # The index stage itself does almost nothing in our process: what remains is the driver.
        names = {
            "event_core_ms": "index",
            "index_core_ms": "index",
            "relate_core_ms": "relate",
            "alert_core_ms": "alert",
        }
        found |= {name: core[stage] for name, stage in names.items() if stage in core}
        if "notify" in hops:
            found["notify_ms"] = 1000 / median(hops["notify"]["worker"]["rates"])
    if bulk := figures.get("bulk"):
        found["index_bytes"] = bulk["stored"]
    if replay := figures.get("replay"):
        found |= {"known_bytes": replay["known"], "restore_ms": replay["article"][1]}
        found["feed_restore_ms"] = replay["feed"][1]
    if memory := figures.get("memory"):
        most = memory["window"][-1]
        found |= {"window_bytes": most["bytes"], "relate_look_ms": 1000 * most["look_ms"] / most["articles"]}
        found["feed_state_bytes"] = memory["feed_state"]
    if burst := figures.get("burst"):
        found |= {f"log_bytes.{stream}": size / burst["articles"] for stream, size in burst["kept"].items() if size}
    return found

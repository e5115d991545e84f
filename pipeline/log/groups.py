"""Names the consumer groups in which a stage reads its streams on a broker."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.log.streams import backfill_name, is_backfill, is_delayed

LATER = "later"  # the group that takes delayed items back when they are due

#: The streams that each stage reads, as its class declares them. The index reads `alerts` too if it keeps them.
READS: dict[str, tuple[str, ...]] = {
    "poll": ("feeds", "documents", "alerts", "revisits-wanted"),
    "clean": ("items", "items-later", "items-backfill"),
    "tag": ("articles", "articles-backfill"),
    "relate": ("tagged", "story-requests"),
    "index": ("documents", "stories"),
    "alert": ("documents",),
    "notify": ("alerts", "alert-requests"),
}


def groups_of(stage: str, reads: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The groups of a stage with the streams of each. A stage has its own, so that one that waits blocks no other;
    backfill streams and delayed items have their own too."""
    streams = tuple(reads)
    new = tuple(stream for stream in streams if not is_delayed(stream) and not is_backfill(stream))
    old = tuple(stream for stream in streams if is_backfill(stream))
    put_off = tuple(stream for stream in streams if is_delayed(stream))
    named = {stage: new, backfill_name(stage): old, LATER: put_off}
    return {group: streams for group, streams in named.items() if streams}


def all_groups() -> dict[str, tuple[str, ...]]:
    """The groups of all stages, with the streams that each reads."""
    return {group: streams for stage, reads in READS.items() for group, streams in groups_of(stage, reads).items()}

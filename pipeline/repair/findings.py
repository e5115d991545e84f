"""Finds the streams on a broker from which records were lost, and what has to be done about each."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.log.groups import all_groups
from pipeline.log.incarnations import STREAM, remembered
from pipeline.log.kinds import BrokerLog

#: Lost stream -> groups that read their streams again from the start of retention: those that write the lost stream.
#: `documents` and the state streams are not here: streams.py publishes them again itself.
READ_AGAIN: dict[str, dict[str, tuple[str, ...]]] = {
    "items-later": {
        "clean": ("items",), "clean-backfill": ("items-backfill",), "poll": ("documents", "alerts"),
    },
    "articles": {"clean": ("items",)},
    "articles-backfill": {"clean-backfill": ("items-backfill",)},
    "tagged": {"tag": ("articles",), "tag-backfill": ("articles-backfill",)},
    "alerts": {"alert": ("documents",)},
    "revisits-wanted": {"poll": ("documents", "alerts")},
    "revisits": {"poll": ("documents", "alerts", "revisits-wanted")},
}  # fmt: skip
#: Lost stream -> groups whose stage's state is written.
STATE_OF: dict[str, tuple[str, ...]] = {
    "feeds": ("poll",), "feed-state": ("poll",), "revisits": ("poll",), "items": ("poll",), "items-backfill": ("poll",),
    "site-lines": ("clean",), "known": ("relate",), "fingerprints": ("relate",), "documents": ("relate",),
    "archive": ("relate",), "stories": ("relate",),
    "alert-state": ("notify",), "messages": ("notify",), "deliveries": ("notify",), "mutes": ("notify",),
    "alert-rhythms": ("notify",),
}  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """The streams, by what happened to them."""

    new: tuple[str, ...] = ()  # missing, and never there before
    missing: tuple[str, ...] = ()
    created_again: tuple[str, ...] = ()
    cut_off: tuple[str, ...] = ()  # a group has committed more than there is

    @property
    def lost(self) -> tuple[str, ...]:
        """The streams from which records were lost."""
        return tuple(sorted({*self.missing, *self.created_again, *self.cut_off}))

    def lines(self) -> list[str]:
        """What was found, a line for each stream."""
        return [
            *(f"stream {name} is missing" for name in self.new),
            *(f"stream {name} was deleted" for name in self.missing),
            *(f"stream {name} was deleted and created again" for name in self.created_again),
            *(f"stream {name} ends before what was read from it" for name in self.cut_off),
        ]

    def groups(self) -> set[str]:
        """The groups that must have no members during the repair."""
        readers = {group for group, streams in readers_of().items() if set(streams) & set(self.lost)}
        writers = {group for name in self.lost for group in READ_AGAIN.get(name, {})}
        return readers | writers | {group for name in self.lost for group in STATE_OF.get(name, ())}


def readers_of() -> dict[str, tuple[str, ...]]:
    """The groups with the streams that they may read: the index reads `alerts` if it keeps them."""
    groups = all_groups()
    return groups | {"index": (*groups["index"], "alerts")}


async def find(log: BrokerLog) -> Findings:
    """What happened to the streams. Raises Unavailable."""
    now = await log.incarnations()
    before = await remembered(log) if STREAM in now else {}
    positions = await log.positions()
    ends = await log.ends()
    missing = [name for name in log.streams if name not in now]
    # Nobody can say what was there before if that was lost too: then whatever is missing counts as lost.
    first_time = STREAM not in now and len(now) == 0
    known = set(before) if before else set() if first_time else set(log.streams)
    again = {name for name, topic in before.items() if now.get(name, topic) != topic}
    again |= {name for (_, name, _), (_, topic) in positions.items() if topic and now.get(name, topic) != topic}
    cut = {key[1] for key, (at, _) in positions.items() if at > ends.get(key[1:], at)} - again
    return Findings(
        new=tuple(name for name in missing if name not in known),
        missing=tuple(name for name in missing if name in known),
        created_again=tuple(sorted(again)),
        cut_off=tuple(sorted(cut)),
    )

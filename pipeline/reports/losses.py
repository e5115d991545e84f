"""What did not become an article, by feed and reason: entries that poll dropped, and pages that clean dropped."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from pipeline.ports import Log
from pipeline.records import Dropped, FeedState, SchemaError, decode

STREAM = "dropped"
TAIL = 20_000  # records from the end that are counted; retention keeps those of three days
NO_LOSS = frozenset({"repeated", "old"})


@dataclass(frozen=True, slots=True)
class Losses:
    """Of one feed. `listed`: entries when it was last read; `entries`: those of them that are no items; `pages`: items
    of the last days that became no article. Both by reason."""

    feed: str
    listed: int
    entries: Mapping[str, int]
    pages: Mapping[str, int]

    @property
    def total(self) -> int:
        """How much was lost; entries that are listed twice, or that a sitemap lists for years, are not."""
        lost = sum(n for reason, n in self.entries.items() if reason not in NO_LOSS)
        return lost + sum(self.pages.values())

    def plain(self) -> dict[str, Any]:
        return {"id": self.feed, "listed": self.listed, "entries": dict(self.entries), "pages": dict(self.pages)}

    def words(self) -> str:
        """In one line, the most frequent reasons first."""
        return in_words({"entries": self.entries, "pages": self.pages})


def in_words(losses: Mapping[str, Mapping[str, int]]) -> str:
    """Entries and pages by reason, the most frequent reasons first."""
    parts = []
    for what, counts in losses.items():
        reasons = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        parts += [f"{what}: {', '.join(f'{reason} {n}' for reason, n in reasons)}"] if reasons else []
    return "; ".join(parts)


async def read_dropped(log: Log) -> tuple[Dropped, ...]:
    """The last items that became no article. Raises Unavailable."""
    since = max(0, (await log.ends()).get((STREAM, 0), 0) - TAIL)
    found = []
    async with aclosing(log.replay(STREAM, since)) as messages:
        async for message in messages:
            try:
                found.append(decode(Dropped, message.value or b""))
            except SchemaError:  # of another version, or damaged: it is only counted here
                continue
    return tuple(found)


def losses_of(states: Mapping[str, FeedState], dropped: Iterable[Dropped]) -> list[Losses]:
    """The feeds that lost something, the worst first. An item that a crash had dropped twice counts once."""
    pages: dict[str, Counter[str]] = defaultdict(Counter)
    for feed, _, _, reason in {(one.feed, one.url, one.title, one.reason) for one in dropped}:
        pages[feed][reason] += 1
    found = [
        Losses(id, state.entries if state else 0, state.drops if state else {}, pages.get(id, {}))
        for id in {*states, *pages}
        for state in (states.get(id),)
    ]
    return sorted((one for one in found if one.entries or one.pages), key=lambda one: (-one.total, one.feed))

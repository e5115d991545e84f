"""What would come of adding the feeds of an OPML file, before anything is added."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.feeds.changes import Change, Kept, additions
from pipeline.core.feeds.opml import Opml, read_opml
from pipeline.core.wording import Text
from pipeline.records import Feed
from pipeline.requests.asking import Refused

MOST = 5_000  # feeds of one file
LONGEST = 4_000_000  # bytes of a file


@dataclass(frozen=True, slots=True)
class Preview:
    """A file of feeds: those that would be added, and those that are read already. `opml` has the rest too."""

    opml: Opml
    new: tuple[Change, ...]
    known: tuple[Kept, ...]

    @property
    def folders(self) -> dict[str, int]:
        """Groups of the new feeds, with how many have it, in their order in the file."""
        counts: dict[str, int] = {}
        for one in self.new:
            for group in one.feed.groups:
                counts[group] = counts.get(group, 0) + 1
        return counts

    def chosen(self, urls: Collection[str], folders: Collection[str] | None = None) -> list[Feed]:
        """The new feeds with these addresses; with `folders`, only those in one of them or in none."""
        found = [one.feed for one in self.new if one.feed.url in urls]
        return [one for one in found if folders is None or not one.groups or not set(folders).isdisjoint(one.groups)]


def preview_of(content: bytes, polled: Mapping[str, Feed]) -> Preview:
    """What the file has for a console that reads the feeds `polled`. Raises Refused with the reason."""
    if len(content) > LONGEST:
        raise Refused(Text("the file has more than {} MB: split it", LONGEST // 1_000_000))
    try:
        opml = read_opml(content)
    except ValueError as error:
        raise Refused(str(error)) from None
    if len(opml.feeds) > MOST:
        raise Refused(Text("the file has {:,} feeds, more than {:,}: split it", len(opml.feeds), MOST))
    plan = additions(polled, opml.feeds)
    return Preview(opml, plan.changes, plan.kept)


def earlier(changes: Sequence[Change]) -> frozenset[str]:
    """Addresses of feeds that were removed once: who removed them may have had a reason."""
    return frozenset(one.feed.url for one in changes if one.before is not None)

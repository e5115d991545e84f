"""What poll remembers of the entries of a feed, and which entries are new by it.

Of each entry it keeps a string: the key, by which its link is found again, and the mark of its guid, date and title.
Feeds list old entries again, change all guids or all links at once, and use one address for one bulletin after another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from pipeline.core.feeds.identity import KEY_LENGTH, MISSING, PART, Entry, agree, own_id, same_entry
from pipeline.core.urls import article_id
from pipeline.records import FeedState, Item

FEW = 3  # corrections between two polls that are believed however short the list
KEPT = 200  # entries that left the feed; caches of large sites sometimes serve older copies
KEPT_OF_PARTS = 5_000  # the same for an index of sitemaps
KEPT_SHARED = 50  # links


@dataclass(frozen=True, slots=True)
class News:
    """What the entries of a feed bring. `fresh`: items not known yet, in the order of the feed; among them those of a
    known address that the feed lists as another article. `corrected`: known ones to be read again. `noisy`: corrections
    are ignored, because the feed changes many entries at once, as some do whenever they are written."""

    fresh: tuple[Item, ...]
    corrected: tuple[Item, ...]
    noisy: bool


def news_of(before: FeedState | None, entries: Sequence[Entry]) -> News:
    """Compare the entries with what was listed before.

    If a third of them or more have a known date and title at an unknown address, the site has moved.
    """
    known = _Known(before.listed if before else ())
    updated = before.updated if before else {}
    fresh: list[Item] = []
    corrected: list[Item] = []
    changed = 0
    moved = {entry.key for entry in entries if not known.marks(entry) and known.titled(entry.mark)}
    if len(moved) <= max(FEW, len(entries) // 3):
        moved = {entry.key for entry in entries if known.whole(entry.mark)}
    for entry in entries:
        item = entry.item
        marks = known.marks(entry)
        if not marks:
            fresh += [] if entry.key in moved else [item]
        elif not any(_related(mark, entry.mark) for mark in marks):
            fresh.append(replace(item, article=item.article or own_id(article_id(item.url), item)))
        elif item.link == "none":
            corrected += [] if entry.mark in marks else [item]
        elif _risen(entry, updated) or not any(_same_title(mark, entry.mark) for mark in marks):
            corrected.append(item)
            changed += 1
    noisy = changed > max(FEW, len(entries) // 3)
    if noisy:
        corrected = [item for item in corrected if item.link == "none"]
    return News(tuple(fresh), tuple(corrected), noisy)


def listed_after(before: FeedState | None, entries: Sequence[Entry], kept: int = KEPT) -> tuple[str, ...]:
    """What to remember: the entries, and `kept` or as many of those that left the feed, the last ones first."""
    now = {entry.key: entry.mark for entry in entries}
    gone = [
        old
        for old in (before.listed if before else ())
        if (mark := now.get(old[:KEY_LENGTH])) is None or not _related(old[KEY_LENGTH:], mark)
    ]
    return tuple(key + mark for key, mark in now.items()) + tuple(gone[: max(kept, len(now))])


def shared_after(before: Iterable[str], now: Collection[str]) -> tuple[str, ...]:
    """The keys of links that several entries share, or shared once."""
    former = [key for key in before if key not in set(now)]
    return (*now, *former)[: max(KEPT_SHARED, len(now))]


class _Known:
    def __init__(self, listed: Iterable[str]) -> None:
        self._marks: dict[str, list[str]] = {}
        self._whole: set[str] = set()
        self._titled: set[str] = set()
        for each in listed:
            key, mark = each[:KEY_LENGTH], each[KEY_LENGTH:]
            self._marks.setdefault(key, []).append(mark)
            if MISSING not in mark:
                self._whole.add(mark)
            if MISSING not in mark[PART:]:
                self._titled.add(mark[PART:])

    def marks(self, entry: Entry) -> list[str]:
        """The marks with which the entry was listed: under its own key, or alone with a link that it shares now."""
        found = self._marks.get(entry.key, [])
        if not found and entry.shared:
            found = [mark for mark in self._marks.get(entry.shared, []) if same_entry(mark, entry.mark)]
        return found

    def whole(self, mark: str) -> bool:
        """Whether an entry with the same guid, date and title was listed, perhaps at another address."""
        return mark in self._whole

    def titled(self, mark: str) -> bool:
        """Whether an entry with the same date and title was listed."""
        return mark[PART:] in self._titled


def _related(one: str, other: str) -> bool:
    """Whether two marks of one address may be of one article: not if guid, date and title are all others."""
    return agree(one, other) != (False, False, False)


def _same_title(one: str, other: str) -> bool:
    return agree(one, other)[2] is not False


def _risen(entry: Entry, updated: Mapping[str, datetime]) -> bool:
    """Whether the entry has a later date of change than at the last poll."""
    before = updated.get(entry.key)
    return entry.item.updated is not None and before is not None and entry.item.updated.value > before

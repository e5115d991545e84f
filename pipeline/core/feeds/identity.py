"""Decides what identifies each entry of a feed: link, guid, and date or title together.

Usually the link does. One that several different entries share, or that leads to the feed's site, identifies none of
them: then the next link of the entry does (a guid that is an address), else its guid, else title and date.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from msgspec.structs import replace

from pipeline.core.url_parameters import is_session, is_tracking
from pipeline.core.urls import id_of
from pipeline.records import Item

KEY_LENGTH = 16  # hex digits; feeds list thousands of entries at most
PART = 4  # characters of base64 of each part of a mark
MISSING = "-" * PART
LINKS = 4  # of an entry that are tried
FEW = 3  # entries that share a link, for which its page is read: it may be the page of one of them
COMPARED = 50  # entries of one link that are compared in pairs
#: Fragments that lead to a place on the page of an article, not to another article.
_PLACES = re.compile(
    r"(?i)(?:comments?|respond|disqus_thread|top|more(?:-\d+)?|content|main|main-content|article|story|text|title|start|"
    r"read-more|rss|feed|atom|newsletter|share|:~:.*)$"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A usable address of an entry, in canonical form. `also`: others that a relative link may mean; `id`: that of the
    article there; `fragment`: what stood behind `#`, if it may tell entries apart."""

    address: str
    id: str
    fragment: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry as read: its item, whose address is not decided yet, and its usable links, the most likely first."""

    item: Item
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An item, and what identifies it at the next poll.

    `key` is the first part of the id that the article will have. `mark` stands for guid, date and title. `shared`: the
    key of a link that does not identify it.
    """

    key: str
    item: Item
    mark: str = 3 * MISSING
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Identified:
    """The entries of a feed, each once. `repeated`: how often one came again; `shared`: keys of links that several
    entries share."""

    entries: tuple[Entry, ...]
    repeated: int
    shared: tuple[str, ...]


def fragment_of(link: str) -> str:
    """The fragment of `link` without tracking; "" if it only names a place on the page."""
    _, _, fragment = link.partition("#")
    if not fragment or fragment[0] in "!/":  # a script's route, which belongs to the canonical address
        return ""
    parts = [part for part in fragment.split("&") if part and not is_tracking(part) and not is_session(part)]
    rest = "&".join(parts).lstrip("?")
    return "" if not rest or _PLACES.match(rest) or is_tracking(rest) else rest[:200]


def mark_of(item: Item) -> str:
    """Guid, date and title of the item as 12 characters; of an entry without a page also its text."""
    title = re.sub(r"\W+", "", item.title or "").casefold()
    if item.link == "none":
        title += item.content or item.summary or ""
    date = item.published.value.isoformat() if item.published else ""
    return "".join(_digest(part) if part else MISSING for part in (item.guid or "", date, title))


def _digest(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode()).digest()[:3]).decode()


def agree(one: str, other: str) -> tuple[bool | None, bool | None, bool | None]:
    """Whether guid, date and title of two marks are the same; None where one has none."""
    pairs = ((one[at : at + PART], other[at : at + PART]) for at in (0, PART, 2 * PART))
    guid, date, title = (None if MISSING in pair else pair[0] == pair[1] for pair in pairs)
    return guid, date, title


def same_entry(one: str, other: str) -> bool:
    """Whether two entries with these marks and one link are the same entry."""
    guid, date, title = agree(one, other)
    if guid:
        return bool(title) or date is not False
    if guid is False:
        return bool(title) and date is not False
    if one[:PART] != other[:PART]:  # only one has a guid
        return bool(title) or date is not False
    return bool(title) or bool(date)


def own_id(scope: str, item: Item, fragment: str = "", unique_guid: bool = True) -> str:
    """The id of an article that its address does not identify, such as that of an entry without a link.

    `scope`: the id of the link that it shares, or the feed's id, in which guids are unique. `unique_guid` False:
    several entries have the guid.
    """
    parts = [scope, item.guid or "", fragment]
    if not item.guid or not unique_guid:
        parts += [item.title or "", item.published.value.isoformat() if item.published else item.summary or ""]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def identify(listed: Sequence[Listed], site: str, shared: Collection[str]) -> Identified:
    """The entries of one feed. `site`: the address of its site, which is shown for entries without a page; `shared`:
    keys of links that several entries shared at earlier polls."""
    marks = [mark_of(each.item) for each in listed]
    chosen, rejected = _choose(listed, marks, id_of(site), shared)
    crowds = Counter(each.links[0].id for each in listed if each.links)
    guids = Counter(each.item.guid for each in listed)
    entries = []
    for each, link, mark in zip(listed, chosen, marks, strict=True):
        first = each.links[0] if each.links else None
        few = first is not None and crowds[first.id] <= FEW
        if link:
            entries.append(_linked(each.item, link, mark))
        else:
            entries.append(_unlinked(each.item, first, site, guids[each.item.guid] == 1, few))
    complete = [MISSING not in entry.mark and guids[entry.item.guid] <= FEW for entry in entries]
    once = _once(entries, complete)
    keys = tuple(sorted(id[:KEY_LENGTH] for id in rejected))
    return Identified(tuple(once), len(listed) - len(once), keys)


def _once(entries: Sequence[Entry], complete: Sequence[bool]) -> list[Entry]:
    """The entries without repetitions, whatever their order: those with one key, or one `complete` mark, are one.

    Of these the one stays whose link identifies it.
    """
    group = list(range(len(entries)))  # place of an entry -> another of its group, or its own

    def root(place: int) -> int:
        while group[place] != place:
            group[place] = group[group[place]]
            place = group[place]
        return place

    first: dict[str, int] = {}  # key or mark -> place
    for place, entry in enumerate(entries):
        for name in (entry.key, entry.mark) if complete[place] else (entry.key,):
            group[root(place)] = root(first.setdefault(name, place))
    best: dict[int, int] = {}
    for place in sorted(range(len(entries)), key=lambda place: (bool(entries[place].item.article), entries[place].key)):
        best.setdefault(root(place), place)
    return [entries[place] for place in sorted(best.values())]


def _choose(
    listed: Sequence[Listed], marks: Sequence[str], home: str, former: Collection[str]
) -> tuple[list[Link | None], set[str]]:
    """The link of each entry, None if none identifies it; and the ids of the links that are shared."""
    rejected = {link.id for each in listed for link in each.links if link.id[:KEY_LENGTH] in former}
    for _ in range(LINKS):
        barred = rejected | {home}
        chosen = [next((link for link in each.links if link.id not in barred), None) for each in listed]
        found = _shared(chosen, marks)
        if not found:
            return chosen, rejected
        rejected |= found
    return [None if link and link.id in rejected else link for link in chosen], rejected


def _shared(chosen: Sequence[Link | None], marks: Sequence[str]) -> set[str]:
    """Ids of the links that lead to different entries."""
    seen: dict[str, list[tuple[str, str]]] = {}
    shared = set()
    for link, mark in zip(chosen, marks, strict=True):
        if link is None or link.id in shared:
            continue
        others = seen.setdefault(link.id, [])
        if any(link.fragment != fragment or not same_entry(mark, other) for fragment, other in others):
            shared.add(link.id)
        elif len(others) < COMPARED:
            others.append((link.fragment, mark))
    return shared


def _linked(item: Item, link: Link, mark: str) -> Entry:
    return Entry(link.id[:KEY_LENGTH], replace(item, url=link.address, also=link.also), mark)


def _unlinked(item: Item, link: Link | None, site: str, unique_guid: bool, few: bool) -> Entry:
    """An entry that no link identifies. `link`: the first of those it has."""
    fragment = link.fragment if link else ""
    id = own_id(link.id if link and link.address != site else item.feed, item, fragment, unique_guid)
    if link is None or not few or urlsplit(link.address).path in ("", "/"):
        url = link.address if link else site
        item = replace(item, url=_at(url, fragment), also=(), link="none", article=id)
    else:
        item = replace(item, url=_at(link.address, fragment), also=(), link="shared", article=id)
    return Entry(id[:KEY_LENGTH], item, mark_of(item), link.id[:KEY_LENGTH] if link else "")


def _at(address: str, fragment: str) -> str:
    return f"{address}#{fragment}" if fragment else address

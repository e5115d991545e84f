"""Decides which sitemaps of an index are read at a poll, and joins what they hold to one feed.

A poll reads the few that promise news, and of those only what changed: an index may list thousands.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.core.feeds.draft import Child
from pipeline.core.feeds.identity import Entry
from pipeline.core.feeds.parse import Parsed
from pipeline.core.feeds.sitemap import precise
from pipeline.records import Part

PER_POLL = 3  # sitemaps that are looked at
FETCHES = 4  # requests at most, where a child is itself an index


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one child. `parsed`: None for one that did not change or failed; `failure`: reason and detail."""

    part: Part | None
    parsed: Parsed | None = None
    failure: tuple[str, str] | None = None


def unchanged(child: Child, parts: Iterable[Part]) -> Part | None:
    """What is known of `child`, if the index says that it did not change since it was read."""
    part = known(child, parts)
    return part if part and precise(child.changed) and part.changed == child.changed else None


def known(child: Child, parts: Iterable[Part]) -> Part | None:
    """What is remembered of `child`."""
    return next((part for part in parts if part.url == child.url), None)


def conditions(part: Part | None) -> dict[str, str]:
    """Request headers that let the server answer that the child did not change."""
    headers = {"If-None-Match": part.etag, "If-Modified-Since": part.last_modified} if part else {}
    return {name: value for name, value in headers.items() if value}


def joined(index: Parsed, answers: Sequence[Answer]) -> Parsed:
    """The entries of all children as one feed, each once. Of the failures only the first is named, and only if nothing
    could be read."""
    entries: dict[str, Entry] = {}
    drops: Counter[str] = Counter()
    notes, listed, first = list(index.notes), 0, index
    for parsed in (answer.parsed for answer in answers if answer.parsed):
        first = parsed if first is index else first
        drops.update(dict(parsed.drops))
        listed += parsed.listed
        notes += [note for note in parsed.notes if note not in notes]
        for entry in parsed.entries:
            drops["repeated"] += entry.key in entries
            entries.setdefault(entry.key, entry)
    failures = [answer.failure for answer in answers if answer.failure]
    if failures and len(failures) == len(answers):
        return dataclasses.replace(index, problem=failures[0][0], detail=f"of a sitemap in the index: {failures[0][1]}")
    counts = tuple((reason, count) for reason, count in drops.items() if count)
    return dataclasses.replace(
        index, entries=tuple(entries.values()), drops=counts, listed=listed, title=index.title or first.title,
        shared=tuple(dict.fromkeys(key for answer in answers if answer.parsed for key in answer.parsed.shared)),
        notes=(*notes, "child_failed") if failures else tuple(notes),
    )  # fmt: skip

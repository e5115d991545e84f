"""Counts the independent sources of a story: how many wrote it themselves.

An article and its copies are one text. A text that an agency is credited for is the agency's, whoever prints it; any
other is its outlet's. Each agency and each outlet counts once; outlets of one registrable domain are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.urls import registrable
from pipeline.records import StoryArticle


@dataclass(frozen=True, slots=True)
class Source:
    """Whose text an article has. `original`: the key of the article it copies, 0 or None if it copies none; `outlet`:
    what the outlet is known by: its name, its domain."""

    key: Any
    original: Any
    agencies: frozenset[Any]
    outlet: frozenset[tuple[str, Any]]


def independent_sources(texts: NDArray[np.void], ids: Sequence[Any], originals: Sequence[Any]) -> int:
    """The number of independent sources of the articles with the rows `texts` (copies.TEXT), at least 1.

    `ids`: a key of each article; `originals`: that of the article it copies, 0 or None if it copies none. The order of
    the articles does not matter.
    """
    columns = (texts["site"].tolist(), texts["source"].tolist(), texts["agency"].tolist())
    found = []
    for site, source, agencies, id, original in zip(*columns, ids, originals, strict=True):
        names = frozenset(name for name in (("site", site), ("source", source)) if name[1])
        found.append(Source(id, original, frozenset(agency for agency in agencies if agency), names))
    return count(found)


def independent_articles(articles: Iterable[StoryArticle]) -> int:
    """The number of independent sources of the articles of a story, at least 1."""
    return count(
        [
            Source(
                one.id, one.copy_of, frozenset(one.agency),
                frozenset((("source", one.source), ("site", registrable(one.url) if "://" in one.url else one.source))),
            )
            for one in articles
        ]
    )  # fmt: skip


def count(sources: Sequence[Source]) -> int:
    """The number of different sources, at least 1."""
    agencies: list[frozenset[Any]] = []
    outlets: list[frozenset[tuple[str, Any]]] = []
    for members in _groups(sources):
        credits = frozenset[Any]().union(*(member.agencies for member in members))
        if credits:
            agencies.append(credits)
        else:
            outlets.append(next((one for one in members if not one.original), members[0]).outlet)
    return max(1, _distinct_agencies(agencies) + _components(outlets))


def _groups(sources: Sequence[Source]) -> list[list[Source]]:
    """Articles that are copies of one another, over any number of steps."""
    groups: dict[Any, list[Source]] = {}
    copied = {one.key: one.original for one in sources}
    for one in sources:
        key, seen = one.key, {one.key}
        while (original := copied.get(key)) and original not in seen:
            key = original
            seen.add(key)
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _distinct_agencies(credits: Iterable[frozenset[Any]]) -> int:
    """How many agencies wrote texts with these credits. One with several credits is by one that is counted already,
    if there is any."""
    counted: set[Any] = set()
    found = 0
    for agencies in sorted(credits, key=lambda agencies: (len(agencies), sorted(agencies))):
        found += counted.isdisjoint(agencies)
        counted |= agencies
    return found


def _components(outlets: Iterable[frozenset[tuple[str, Any]]]) -> int:
    """How many outlets there are, of which two with one domain or one name are the same."""
    leads: dict[tuple[str, Any], tuple[str, Any]] = {}  # from a name to another of the same outlet, or to itself

    def root(name: tuple[str, Any]) -> tuple[str, Any]:
        while leads.setdefault(name, name) != name:
            leads[name] = leads[leads[name]]
            name = leads[name]
        return name

    nameless = 0
    for names in outlets:
        roots = [root(name) for name in names]
        nameless += not roots
        leads.update((other, roots[0]) for other in roots)
    return nameless + sum(name == lead for name, lead in leads.items())

"""Counts the independent sources of a story: how many wrote it themselves.

An article and its copies are one text. A text that an agency is credited for is the agency's, whoever prints it; any
other is its outlet's. Each agency and each outlet counts once; outlets of one registrable domain are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def independent_sources(texts: NDArray[np.void], ids: Sequence[Any], originals: Sequence[Any]) -> int:
    """The number of independent sources of the articles with the rows `texts` (copies.TEXT), at least 1.

    `ids`: a key of each article; `originals`: that of the article it copies, 0 or None if it copies none. The order of
    the articles does not matter.
    """
    groups = _groups(ids, originals)
    agencies: list[frozenset[int]] = []
    outlets: list[frozenset[tuple[str, int]]] = []
    for members in groups:
        credits = {int(agency) for member in members for agency in texts[member]["agency"] if agency}
        if credits:
            agencies.append(frozenset(credits))
        else:
            first = min((member for member in members if not originals[member]), default=members[0])
            outlets.append(_outlet(texts[first]))
    return max(1, _distinct_agencies(agencies) + _components(outlets))


def _groups(ids: Sequence[Any], originals: Sequence[Any]) -> list[list[int]]:
    """The places of articles that are copies of one another, over any number of steps."""
    groups: dict[Any, list[int]] = {}
    copied = dict(zip(ids, originals, strict=True))
    for place, id in enumerate(ids):
        seen = {id}
        while (original := copied.get(id)) and original not in seen:
            id = original
            seen.add(id)
        groups.setdefault(id, []).append(place)
    return list(groups.values())


def _outlet(text: np.void) -> frozenset[tuple[str, int]]:
    names = (("site", int(text["site"])), ("source", int(text["source"])))
    return frozenset((kind, key) for kind, key in names if key)


def _distinct_agencies(credits: Iterable[frozenset[int]]) -> int:
    """How many agencies wrote texts with these credits. One with several credits is by one that is counted already,
    if there is any."""
    counted: set[int] = set()
    count = 0
    for agencies in sorted(credits, key=lambda agencies: (len(agencies), sorted(agencies))):
        count += counted.isdisjoint(agencies)
        counted |= agencies
    return count


def _components(outlets: Iterable[frozenset[tuple[str, int]]]) -> int:
    """How many outlets there are, of which two with one domain or one name are the same."""
    merged: list[set[tuple[str, int]]] = []
    for names in outlets:
        same = [one for one in merged if one & names]
        merged = [one for one in merged if one not in same]
        merged.append(set(names).union(*same))
    return len(merged)

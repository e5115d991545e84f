"""Finds phrases whose words may be moved, as Lucene counts moves."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice

from pipeline.core.query.document_view import Interval

MOST = 200  # occurrences of one phrase from one place that are looked at by what it is near

Unit = Sequence[Interval]  # where one part of the phrase is, in order


def sloppy(units: Sequence[Unit], slop: int) -> Iterator[tuple[Interval, ...]]:
    """Occurrences of all units within `slop` total moves, as Lucene counts: with p(i) the position of unit i and w(i)
    the width of all before it, all p(i) - w(i) lie within `slop` of each other. No position is used twice.

    An occurrence is a tuple of intervals in order of place; those side by side are one.
    """
    if not all(units):
        return
    single = all(first == last for unit in units for first, last in unit)
    search = _Search(units, slop, _overlapping(units))
    for lowest in _lowest(units, slop) if single else _lowest(units[:1], slop):
        found = search.from_lowest(lowest)
        if found is not None:
            yield _joined(found)


def every(units: Sequence[Unit], slop: int) -> list[tuple[Interval, ...]]:
    """As `sloppy`, with all occurrences, for what asks where they are and not only whether there is one.

    There may be more than anyone can count: of those that start at one place, the first MOST.
    """
    if not all(units):
        return []
    search, found = _Search(units, slop, True), set[tuple[Interval, ...]]()
    for lowest in _lowest(units[:1], slop):
        found.update(_joined(list(taken)) for taken in islice(search.all_from_lowest(0, lowest, ()), MOST))
    return sorted(found)


def _lowest(units: Sequence[Unit], slop: int) -> Iterator[int]:
    """Candidates for the lowest p(i) - i, from the positions of the rarest unit, in rising order."""
    rarest = min(range(len(units)), key=lambda i: len(units[i]))
    tried = -slop - len(units) - 1
    for first, _ in units[rarest]:
        for lowest in range(max(tried + 1, first - rarest - slop), first - rarest + 1):
            tried = lowest
            yield lowest


class _Search:
    """Tries to place every unit for a given lowest p(i) - w(i) = m: unit i must be in [m + w(i), m + w(i) + slop].

    Each unit takes the first free place. For equal units this finds an assignment if there is one (earliest deadline
    first). `branching`: different units share places, so other choices are tried too.
    """

    def __init__(self, units: Sequence[Unit], slop: int, branching: bool) -> None:
        self._units, self._slop, self._branching = units, slop, branching
        self._firsts = [[first for first, _ in unit] for unit in units]

    def from_lowest(self, lowest: int) -> list[Interval] | None:
        taken: list[Interval] = []
        return taken if self._place(0, lowest, taken) else None

    def all_from_lowest(self, i: int, earliest: int, taken: tuple[Interval, ...]) -> Iterator[tuple[Interval, ...]]:
        """Every way to place the units from number `i` on."""
        if i == len(self._units):
            yield taken
            return
        for first, last in self._units[i][bisect_left(self._firsts[i], earliest) :]:
            if first > earliest + self._slop:
                return
            if not any(first <= b and a <= last for a, b in taken):
                yield from self.all_from_lowest(i + 1, earliest + last - first + 1, (*taken, (first, last)))

    def _place(self, i: int, earliest: int, taken: list[Interval]) -> bool:
        if i == len(self._units):
            return True
        unit = self._units[i]
        for n in range(bisect_left(self._firsts[i], earliest), len(unit)):
            first, last = unit[n]
            if first > earliest + self._slop:
                return False
            if any(first <= b and a <= last for a, b in taken):
                continue
            taken.append(unit[n])
            if self._place(i + 1, earliest + last - first + 1, taken):
                return True
            taken.pop()
            if not self._branching:
                return False
        return False


def _overlapping(units: Sequence[Unit]) -> bool:
    """Whether units that are not the same share positions."""
    owners: dict[int, int] = {}
    known = [list(unit) for n, unit in enumerate(units) if unit not in units[:n]]
    for number, unit in enumerate(known):
        for first, last in unit:
            for position in range(first, last + 1):
                if owners.setdefault(position, number) != number:
                    return True
    return False


def _joined(found: list[Interval]) -> tuple[Interval, ...]:
    joined: list[Interval] = []
    for first, last in sorted(found):
        if joined and joined[-1][1] + 1 == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return tuple(joined)

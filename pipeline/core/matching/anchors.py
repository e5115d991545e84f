"""Chooses the anchors of a query: terms, one of which is in every document that matches, and few documents have."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.core.matching.checks import NONE, Check, OneOf, Terms
from pipeline.core.matching.frequencies import Frequencies


class Anchors(NamedTuple):
    """`share`: estimated share of the documents that have one of `terms`, at most 1 for each term."""

    share: float
    terms: Terms


def anchors(check: Check, frequencies: Frequencies) -> Anchors | None:
    """The anchors that the fewest documents have; None if there are none: for a range, a negation, or an OR with one of
    these."""
    found = [Anchors(frequencies.share(term), frozenset((term,))) for term in check.needed]
    found += [Anchors(sum(map(frequencies.share, group)), group) for group in check.groups]
    for test in check.tests:
        if isinstance(test, OneOf) and (one := _of_alternatives(test, frequencies)) is not None:
            found.append(one)
    return min(found, key=_rarest, default=None)


def _of_alternatives(test: OneOf, frequencies: Frequencies) -> Anchors | None:
    every = [anchors(check, frequencies) for check in test.checks]
    sure = [one for one in every if one is not None]
    if len(sure) < len(every):
        return None
    share = sum(map(frequencies.share, test.terms)) + sum(one.share for one in sure)
    return Anchors(share, NONE.union(test.terms, *(one.terms for one in sure)))


def _rarest(found: Anchors) -> tuple[float, int, list[str]]:
    """In the order of shares; the rest makes the choice the same in every process."""
    return found.share, len(found.terms), sorted(map(str, found.terms))

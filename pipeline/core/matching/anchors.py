"""Chooses the anchors of a query: terms, one of which is in every document that matches, and few documents have."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.core.matching.checks import NONE, Check, OneOf, Terms
from pipeline.core.matching.frequencies import Shares


class Anchors(NamedTuple):
    """`share`: estimated share of the documents that have one of `terms`, at most 1 for each term."""

    share: float
    terms: Terms


def anchors(check: Check, shares: Shares) -> Anchors | None:
    """The anchors that the fewest documents have; None for a range, a negation, or an OR with one of these."""
    found: Anchors | None = None
    if check.needed:
        share, _, term = min((shares[term], str(term), term) for term in check.needed)
        found = Anchors(share, frozenset((term,)))
    for group in check.groups:
        found = _rarer(found, Anchors(sum(map(shares.__getitem__, group)), group))
    for test in check.tests:
        if isinstance(test, OneOf):
            found = _rarer(found, _of_alternatives(test, shares))
    return found


def _rarer(one: Anchors | None, other: Anchors | None) -> Anchors | None:
    """The rarer of two; of equally rare ones the first."""
    if one is None or other is None:
        return one or other
    return other if other.share < one.share else one


def _of_alternatives(test: OneOf, shares: Shares) -> Anchors | None:
    every = [anchors(check, shares) for check in test.checks]
    sure = [one for one in every if one is not None]
    if len(sure) < len(every):
        return None
    share = sum(map(shares.__getitem__, test.terms)) + sum(one.share for one in sure)
    return Anchors(share, NONE.union(test.terms, *(one.terms for one in sure)))

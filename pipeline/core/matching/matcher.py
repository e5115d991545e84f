"""Finds which of many queries a document matches. Most queries are never looked at: none of their anchors is in the
document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.core.matching.anchors import anchors
from pipeline.core.matching.checks import NONE, Check, Subject, Terms, Test
from pipeline.core.matching.compile import Compiler
from pipeline.core.matching.frequencies import Frequencies, Shares
from pipeline.core.matching.vocabulary import Term, Vocabulary
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.tree import Node

#: A check without the anchors it is found by, and the number of its query. Before it the terms that decide most often:
#: one of them must be in the document.
_Rest = tuple[Terms, tuple[Terms, ...], Terms, tuple[Test, ...], int]
_Entry = tuple[Terms, _Rest]


class Matcher:
    """Queries, compiled. Immutable, except for caches. `always`: numbers of queries without anchors, which are tried on
    every document."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        compiler = Compiler()
        self._vocabulary: Vocabulary = compiler.vocabulary
        self._checks = tuple(compiler.check(node) for node in nodes)
        self._anchor(Frequencies().shares())

    def anchored(self, shares: Shares) -> Matcher:
        """The same queries with anchors chosen by other shares of documents: it matches the same documents, faster."""
        made = object.__new__(Matcher)
        made._vocabulary, made._checks = self._vocabulary, self._checks
        made._anchor(shares)
        return made

    def _anchor(self, shares: Shares) -> None:
        self.always: list[int] = []
        self._entries: dict[Term, list[_Entry]] = {}
        self._unanchored: list[_Rest] = []
        self._several = False  # whether a query may be found more than once
        for number, check in enumerate(self._checks):
            found = anchors(check, shares)
            if found is None:
                self.always.append(number)
                self._unanchored.append((*check, number))
                continue
            entry = _entry(check, found.terms, shares, number)
            self._several |= len(found.terms) > 1
            for term in found.terms:
                self._entries.setdefault(term, []).append(entry)

    @property
    def anchors(self) -> Iterable[Term]:
        """The terms that queries are found by."""
        return self._entries.keys()

    def matches(self, view: DocumentView, learnt: Frequencies | None = None) -> list[int]:
        """The numbers of the queries that hold for the document, rising. Counts its terms in `learnt`."""
        subject = Subject(view, self._vocabulary)
        terms, passes = subject.terms, subject.passes
        if learnt is not None and learnt.turn():
            learnt.learn(terms & self._vocabulary.terms.keys())
        rests = [rest for entries in self._found(terms) for first, rest in entries if not first.isdisjoint(terms)]
        found: list[int] = []
        for needed, groups, excluded, tests, number in (*rests, *self._unanchored):
            if needed <= terms and excluded.isdisjoint(terms):
                for group in groups:
                    if group.isdisjoint(terms):
                        break
                else:
                    for test in tests:
                        if not passes(test):
                            break
                    else:
                        found.append(number)
        return sorted(set(found) if self._several else found)

    def _found(self, terms: set[Term]) -> Iterable[list[_Entry]]:
        """The entries of the terms of a document."""
        return map(self._entries.__getitem__, self._entries.keys() & terms)

    def known(self, view: DocumentView) -> set[Term]:
        """The terms of the document that queries ask for."""
        return Subject(view, self._vocabulary).terms & self._vocabulary.terms.keys()

    def candidates(self, view: DocumentView) -> set[int]:
        """The numbers of the queries that are tried on the document."""
        found = self._found(Subject(view, self._vocabulary).terms)
        return {rest[-1] for entries in found for _, rest in entries}.union(self.always)


def _entry(check: Check, found_by: Terms, shares: Shares, number: int) -> _Entry:
    """What is left to compare when one of the anchors is in the document."""
    needed = (check.needed - found_by) or NONE
    groups = [group for group in check.groups if group != found_by]
    first, least = found_by, 1.0
    if needed:
        rarest = min(needed, key=shares.__getitem__)
        first, least = frozenset((rarest,)), shares[rarest]
    for group in groups:
        share = sum(map(shares.__getitem__, group))
        if share < least:
            first, least = group, share
    left = tuple(group for group in groups if group is not first)
    return first, ((needed - first) or NONE, left, check.excluded, check.tests, number)

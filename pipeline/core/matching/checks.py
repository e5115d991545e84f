"""What a query is compiled to: sets to compare with the terms of a document, and tests for what sets cannot say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from pipeline.core.documents.fields import TEXT_FIELDS
from pipeline.core.matching.terms import terms_of
from pipeline.core.matching.vocabulary import Term, Vocabulary
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds
from pipeline.core.query.places import chained
from pipeline.core.query.tree import Node

Terms = frozenset[Term]
NONE: Terms = frozenset()


class Subject:
    """A document as it is compared with queries. Tests are evaluated once; results are kept by test."""

    __slots__ = ("_results", "terms", "view")

    def __init__(self, view: DocumentView, vocabulary: Vocabulary) -> None:
        self.view = view
        self.terms = terms_of(view, vocabulary)
        self._results: dict[Test, bool] = {}

    def passes(self, test: Test) -> bool:
        """Whether the document passes a test."""
        found = self._results.get(test)
        if found is None:
            found = self._results[test] = test.decide(self)
        return found


class Test(Protocol):
    """A condition that is more than terms. Equal conditions are one object, compared by identity."""

    def decide(self, subject: Subject) -> bool: ...


class Check(NamedTuple):
    """A document matches if it has all of `needed`, one of each of `groups`, none of `excluded`, and passes `tests`."""

    needed: Terms = NONE
    groups: tuple[Terms, ...] = ()
    excluded: Terms = NONE
    tests: tuple[Test, ...] = ()

    @property
    def alternatives(self) -> Terms | None:
        """The terms of which one is all that the check asks for; None if it asks for something else."""
        if self.excluded or self.tests or len(self.needed) + len(self.groups) != 1:
            return None
        return self.needed or self.groups[0]


def matches(check: Check, subject: Subject) -> bool:
    """Whether the document matches."""
    terms = subject.terms
    return (
        check.needed <= terms
        and check.excluded.isdisjoint(terms)
        and not any(group.isdisjoint(terms) for group in check.groups)
        and all(map(subject.passes, check.tests))
    )


class Exactly:
    """A part of a query, evaluated on the positions of its words or the values of its field."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def decide(self, subject: Subject) -> bool:
        return holds(self._node, subject.view)


class SideBySide:
    """Tokens side by side in one field or either."""

    def __init__(self, tokens: Sequence[str], field: str | None) -> None:
        self._tokens, self._fields = tokens, TEXT_FIELDS if field is None else (field,)

    def decide(self, subject: Subject) -> bool:
        find = subject.view.occurrences
        return any(chained([find(field, token) for token in self._tokens]) for field in self._fields)


class OneOf:
    """One of many terms, or one of several checks."""

    def __init__(self, terms: Terms, checks: Sequence[Check]) -> None:
        self.terms, self.checks = terms, checks

    def decide(self, subject: Subject) -> bool:
        return not self.terms.isdisjoint(subject.terms) or any(matches(check, subject) for check in self.checks)


class Unless:
    """The contrary of a check."""

    def __init__(self, check: Check) -> None:
        self._check = check

    def decide(self, subject: Subject) -> bool:
        return not matches(self._check, subject)

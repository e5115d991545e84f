"""Prepares a document for the evaluation of queries."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from pipeline.core.documents.fields import keyword, query_value
from pipeline.core.text.words import spans, words
from pipeline.records import Document, Span


class DocumentView:
    """A document with its words by position and its folded keywords, each computed on first use."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._values: dict[str, Any] = {}
        self._words: dict[str, list[str]] = {}
        self._places: dict[str, dict[str, list[int]]] = {}
        self._sorted: dict[str, list[str]] = {}
        self._spans: dict[str, list[tuple[int, int]]] = {}
        self._keywords: dict[str, frozenset[str]] = {}

    def value(self, field: str) -> Any:
        """The value of a field of the query language: see `query_value`."""
        if field not in self._values:
            self._values[field] = query_value(field, self._document)
        return self._values[field]

    def words(self, field: str) -> list[str]:
        """The folded words of a text field by position."""
        if field not in self._words:
            self._words[field] = words(self.value(field))
        return self._words[field]

    def places(self, field: str) -> dict[str, list[int]]:
        """Word -> its positions in rising order."""
        if field not in self._places:
            found: dict[str, list[int]] = {}
            for position, word in enumerate(self.words(field)):
                found.setdefault(word, []).append(position)
            found.pop("", None)
            self._places[field] = found
        return self._places[field]

    def starting(self, field: str, prefix: str) -> list[str]:
        """The words of a text field that start with `prefix`."""
        if field not in self._sorted:
            self._sorted[field] = sorted(self.places(field))
        vocabulary = self._sorted[field]
        first = bisect_left(vocabulary, prefix)
        found = []
        for word in vocabulary[first:]:
            if not word.startswith(prefix):
                break
            found.append(word)
        return found

    def keywords(self, field: str) -> frozenset[str]:
        """The values of a keyword field as they are compared."""
        if field not in self._keywords:
            self._keywords[field] = frozenset(keyword(value) for value in self.value(field))
        return self._keywords[field]

    def span(self, field: str, first: int, last: int) -> Span:
        """The text from the word at position `first` to the one at `last`."""
        if field not in self._spans:
            self._spans[field] = spans(self.value(field))
        start, end = self._spans[field][first][0], self._spans[field][last][1]
        return Span(field=field, start=start, end=end, text=self.value(field)[start:end])

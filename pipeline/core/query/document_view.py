"""Prepares a document for the evaluation of queries."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import KeysView, Mapping, Sequence
from typing import Any

from pipeline.core.documents.fields import keyword, query_value
from pipeline.core.text.sentences import sentences
from pipeline.core.text.stems import stem_token
from pipeline.core.text.words import Token, tokenize
from pipeline.records import Document, Span

#: A position is a block's number, shifted by this, plus the word's number in the block: no phrase crosses a block.
BLOCK = 20

Interval = tuple[int, int]  # positions of the first and last word, both included


class DocumentView:
    """A document with its words by position and its folded keywords, each computed on first use."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._values: dict[str, Any] = {}
        self._tokens: dict[str, dict[int, Token]] = {}
        self._places: dict[str, dict[str, list[Interval]]] = {}
        self._stems: dict[str, dict[str, list[Interval]]] = {}
        self._sorted: dict[str, list[str]] = {}
        self._sentences: dict[str, list[int]] = {}
        self._keywords: dict[str, frozenset[str]] = {}

    @property
    def language(self) -> str:
        """The language of the document, "" if it is not known."""
        return self._document.article.language or ""

    def value(self, field: str) -> Any:
        """The value of a field of the query language: see `query_value`."""
        if field not in self._values:
            self._values[field] = query_value(field, self._document)
        return self._values[field]

    def occurrences(self, field: str, token: str) -> Sequence[Interval]:
        """Where a token of a text field is, in order."""
        return self._intervals(field).get(token, ())

    def stemmed(self, field: str, token: str) -> Sequence[Interval]:
        """Where words are that have the stem `token`, made by `stem_token`."""
        if field not in self._stems:
            found: dict[str, list[Interval]] = {}
            text = self.value(field)
            for position, word in self._at(field).items():
                found.setdefault(stem_token(text[word.start : word.end], self.language), []).append((position,) * 2)
            self._stems[field] = found
        return self._stems[field].get(token, ())

    def tokens(self, field: str) -> KeysView[str]:
        """The tokens of a text field."""
        return self._intervals(field).keys()

    def starting(self, field: str, prefix: str) -> list[str]:
        """The words of a text field that start with `prefix`."""
        if field not in self._sorted:
            self._sorted[field] = sorted(self._intervals(field))
        vocabulary = self._sorted[field]
        found = []
        for word in vocabulary[bisect_left(vocabulary, prefix) :]:
            if not word.startswith(prefix):
                break
            found.append(word)
        return found

    def sentence(self, field: str, position: int) -> int:
        """The number of the sentence that the word at `position` belongs to."""
        if field not in self._sentences:
            ends = [end for _, end in sentences(self.value(field))]
            starts: list[int] = []
            for place, word in self._at(field).items():
                while len(starts) <= bisect_right(ends, word.start):
                    starts.append(place)
            self._sentences[field] = starts
        return bisect_right(self._sentences[field], position)

    def keywords(self, field: str) -> frozenset[str]:
        """The values of a keyword field as they are compared."""
        if field not in self._keywords:
            self._keywords[field] = frozenset(keyword(value) for value in self.value(field))
        return self._keywords[field]

    def span(self, field: str, first: int, last: int) -> Span:
        """The text from the word at position `first` to the one at `last`."""
        words = self._at(field)
        start, end = words[first].start, words[last].end
        return Span(field=field, start=start, end=end, text=self.value(field)[start:end])

    def _at(self, field: str) -> Mapping[int, Token]:
        """The words of a text field by position, in order."""
        if field not in self._tokens:
            found: dict[int, Token] = {}
            text, block, start, first = self.value(field), 0, 0, 0
            for word in tokenize(text):
                if "\n" in text[start : word.start]:
                    block, first = block + 1, word.position
                start = word.end
                found[(block << BLOCK) + word.position - first] = word
            self._tokens[field] = found
        return self._tokens[field]

    def _intervals(self, field: str) -> Mapping[str, list[Interval]]:
        if field not in self._places:
            found: dict[str, list[Interval]] = {}
            for position, word in self._at(field).items():
                found.setdefault(word.word, []).append((position, position))
            self._places[field] = found
        return self._places[field]

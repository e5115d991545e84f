"""Prepares a document for the evaluation of queries."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import KeysView, Mapping, Sequence
from typing import Any

from pipeline.core.documents.fields import keyword, query_value
from pipeline.core.text.field_words import FieldWords, field_words
from pipeline.core.text.stems import stem_tokens_of
from pipeline.records import Document, Span

#: A position is a block's number, shifted by this, plus the word's number in the block: no phrase crosses a block.
BLOCK = 20

Interval = tuple[int, int]  # positions of the first and last word, both included


class DocumentView:
    """A document with its words by position and its folded keywords, each computed on first use."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._values: dict[str, Any] = {}
        self._words: dict[str, FieldWords] = {}
        self._positions: dict[str, list[int]] = {}
        self._places: dict[str, dict[str, list[Interval]]] = {}
        self._stems: dict[str, dict[str, list[Interval]]] = {}
        self._sorted: dict[str, list[str]] = {}
        self._keywords: dict[str, frozenset[str]] = {}

    @property
    def language(self) -> str:
        """The language of the document, "" if it is not known."""
        return self.document.article.language or ""

    def value(self, field: str) -> Any:
        """The value of a field of the query language: see `query_value`."""
        if field not in self._values:
            self._values[field] = query_value(field, self.document)
        return self._values[field]

    def occurrences(self, field: str, token: str) -> Sequence[Interval]:
        """Where a token of a text field is, in order."""
        return self._intervals(field).get(token, ())

    def stemmed(self, field: str, token: str) -> Sequence[Interval]:
        """Where words are that have the stem `token`, made by `stem_token`."""
        return self._stemmed(field).get(token, ())

    def stems(self, field: str) -> KeysView[str]:
        """The stems of the words of a text field."""
        return self._stemmed(field).keys()

    def _stemmed(self, field: str) -> Mapping[str, list[Interval]]:
        if field not in self._stems:
            found: dict[str, list[Interval]] = {}
            words, text = self.words(field), self.value(field)
            for position, base, (start, end) in zip(self._at(field), words.base, words.spans, strict=True):
                if base:
                    found.setdefault(stem_tokens_of[text[start:end], self.language], []).append((position, position))
            self._stems[field] = found
        return self._stems[field]

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
        return bisect_right(self.words(field).sentences, self._number(field, position))

    def keywords(self, field: str) -> frozenset[str]:
        """The values of a keyword field as they are compared."""
        if field not in self._keywords:
            self._keywords[field] = frozenset(keyword(value) for value in self.value(field))
        return self._keywords[field]

    def span(self, field: str, first: int, last: int) -> Span:
        """The text from the word at position `first` to the one at `last`."""
        places = self.words(field).spans
        start, end = places[self._number(field, first)][0], places[self._number(field, last)][1]
        return Span(field=field, start=start, end=end, text=self.value(field)[start:end])

    def words(self, field: str) -> FieldWords:
        """The words of a text field."""
        if field not in self._words:
            self._words[field] = field_words(self.value(field))
        return self._words[field]

    def _number(self, field: str, position: int) -> int:
        """The number of the word at `position`."""
        return self.words(field).blocks[position >> BLOCK] + (position & (1 << BLOCK) - 1)

    def _at(self, field: str) -> Sequence[int]:
        """The position of each word."""
        if field not in self._positions:
            words = self.words(field)
            ends = [*words.blocks[1:], len(words.base)]
            blocks = enumerate(zip(words.blocks, ends, strict=True)) if words.blocks else ()
            self._positions[field] = [
                (number << BLOCK) + offset for number, (first, end) in blocks for offset in range(end - first)
            ]
        return self._positions[field]

    def _intervals(self, field: str) -> Mapping[str, list[Interval]]:
        if field not in self._places:
            words, at = self.words(field), self._at(field)
            found: dict[str, list[Interval]] = {}
            for position, word in zip(at, words.base, strict=True):
                found.setdefault(word, []).append((position, position))
            found.pop("", None)
            changed = set[str]()
            for token, first, last in words.extras:
                found.setdefault(token, []).append((at[first], at[last]))
                changed.add(token)
            for token in changed:
                found[token] = sorted(set(found[token]))
            self._places[field] = found
        return self._places[field]

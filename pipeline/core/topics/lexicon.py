"""Finds the terms of the topic rules, compiled for one language, in an article.

Each written word is folded and stemmed when first seen, and the terms it may belong to, usually none, are cached. So
the cost of an article depends on its words, and hardly on the number of rules.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import NamedTuple

import msgspec

from pipeline.core.text.folding import folds
from pipeline.core.text.reading import Reading
from pipeline.core.topics.forms import forms
from pipeline.core.topics.hits import Chain, Hits, Span
from pipeline.core.topics.rules import UNDATED, Piece

#: A year as a word, or a decade ("1990s", "1990er"), in digits of any script.
_YEAR = re.compile(r"(\d{4})(?!.*\d)")
CASED = ("cased", "capital")  # kinds of pieces for which letter case matters

CACHED = 100_000  # words in the cache of a lexicon; then it is emptied


class Term(NamedTuple):
    """Consecutive words, found by their anchor: the word least likely to occur in a text."""

    concept: str
    pieces: tuple[Piece, ...]
    anchor: int
    others: tuple[tuple[int, str, str], ...]  # of the other words: distance from the anchor, kind, and word
    written: bool  # letter case matters
    language: str  # language of its stems


@dataclass(slots=True)
class Terms:
    """All terms, by the word at their anchor."""

    exact: dict[str, list[Term]] = field(default_factory=dict)
    prefixes: dict[str, list[Term]] = field(default_factory=dict)
    inner: dict[str, list[Term]] = field(default_factory=dict)
    stems: dict[str, dict[str, list[Term]]] = field(default_factory=dict)  # by language
    lengths: tuple[int, ...] = ()  # lengths of the prefixes
    inner_lengths: tuple[int, ...] = ()

    def add(self, term: Term) -> None:
        piece = term.pieces[term.anchor]
        if piece.kind == "stem":
            table = self.stems.setdefault(term.language, {})
        else:
            table = {"prefix": self.prefixes, "inner": self.inner}.get(piece.kind, self.exact)
        table.setdefault(piece.word, []).append(term)

    def anchored_at(self, written: str) -> Iterator[Term]:
        """The terms anchored at a word, given as written."""
        word = folds[written]
        yield from self.exact.get(word, ())
        for length in self.lengths:
            if length > len(word):
                break
            yield from self.prefixes.get(word[:length], ())
        for part in _parts(word, self.inner_lengths):
            yield from self.inner.get(part, ())
        for language, stems in self.stems.items():
            for form in forms(written, language):
                yield from stems.get(form, ())


def _parts(word: str, lengths: Sequence[int]) -> set[str]:
    """All parts of `word` that are so long."""
    return {word[at : at + length] for length in lengths for at in range(len(word) - length + 1)}


class LexiconData(msgspec.Struct, array_like=True):
    """A lexicon as plain data."""

    terms: Terms
    chains: dict[str, list[Chain]]  # by the rarest concept in them
    unless: dict[str, str]  # concept -> that of its exceptions
    order: list[str]  # the concepts, each after those it refers to
    years: dict[str, tuple[int, int]]  # concepts that are years: the first and the last, from the article's year


class Anchored(NamedTuple):
    """The concepts and terms that a word may belong to."""

    concepts: tuple[str, ...]  # concepts for which the word alone is enough
    beside: tuple[tuple[int, Mapping[str, tuple[Term, ...]]], ...]  # distance -> terms by their word at that distance
    others: tuple[Term, ...]
    year: int = 0
    years: tuple[tuple[str, int, int], ...] = ()  # concept, and its first and last distance from the article's year


class Anchors(dict[str, Anchored | None]):
    """A written word -> what it may belong to, None for most words. Computed when the word is first seen."""

    def __init__(
        self,
        terms: Terms,
        years: Mapping[str, tuple[int, int]],
        concepts: Collection[str] | None = None,
        without: Collection[str] = frozenset(),
    ) -> None:
        """The terms of `concepts` (None: of all), except those in `without`."""
        super().__init__()
        self._terms, self._concepts, self._without = terms, concepts, without
        self._years = tuple((concept, *span) for concept, span in years.items() if self._wanted(concept))

    def __missing__(self, written: str) -> Anchored | None:
        if len(self) >= CACHED:
            self.clear()
        terms = [term for term in self._terms.anchored_at(written) if self._wanted(term.concept)]
        found = _anchored(terms, written) if terms else None
        year = _YEAR.match(written) if self._years else None
        if year:
            found = (found or Anchored((), (), ()))._replace(year=int(year[1]), years=self._years)
        self[written] = found
        return found

    def _wanted(self, concept: str) -> bool:
        return concept not in self._without and (self._concepts is None or concept in self._concepts)


def _anchored(terms: Sequence[Term], written: str) -> Anchored | None:
    concepts, others = dict[str, None](), list[Term]()
    beside: dict[int, dict[str, tuple[Term, ...]]] = {}
    for term in terms:
        distance, kind, word = term.others[0] if term.others else (0, "", "")
        if kind in ("exact", "capital", "cased"):
            by_word = beside.setdefault(distance, {})
            by_word[word] = (*by_word.get(word, ()), term)
        elif term.others:
            others.append(term)
        elif not term.written or _as_written(term, (written,)):
            concepts[term.concept] = None
    return Anchored(tuple(concepts), tuple(beside.items()), tuple(others)) if concepts or beside or others else None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The terms of one language (None: of all languages), ready for searching."""

    terms: Terms
    chains: Mapping[str, Sequence[Chain]]  # by the rarest concept in them
    unless: Mapping[str, str]  # concept -> that of its exceptions
    order: Sequence[str]  # the concepts, each after those it refers to
    years: Mapping[str, tuple[int, int]]
    anchors: Anchors  # in title and lead
    beyond: Anchors  # in the rest

    @classmethod
    def of(cls, data: LexiconData) -> Lexicon:
        """The lexicon with this data."""
        anchors = Anchors(data.terms, data.years)
        return cls(data.terms, data.chains, data.unless, data.order, data.years, anchors, anchors)

    def split(self, concepts: Iterable[str], beyond: Iterable[str]) -> tuple[Lexicon, Lexicon]:
        """Split into two lexicons that together find everything. The first finds `concepts` and those they refer to,
        and after the lead only `beyond`; it is as fast as if there were no others. The second finds the rest."""
        needs: dict[str, set[str]] = {concept: {other} for concept, other in self.unless.items()}
        for one in chain.from_iterable(self.chains.values()):
            needs.setdefault(one.concept, set()).update(one.parts)

        def closed(concepts: Iterable[str]) -> set[str]:
            found = set(concepts)
            for concept in reversed(self.order):
                found |= needs.get(concept, set()) if concept in found else set()
            return found

        needed, needed_beyond = closed(concepts), closed(beyond)
        wanted = ((one, [c for c in several if c.concept in needed]) for one, several in self.chains.items())
        chains = {one: several for one, several in wanted if several}
        own = (Anchors(self.terms, self.years, concepts) for concepts in (needed, needed_beyond))
        others = (Anchors(self.terms, self.years, without=concepts) for concepts in (needed, needed_beyond))
        return (
            Lexicon(self.terms, chains, self.unless, self.order, self.years, *own),
            Lexicon(self.terms, self.chains, self.unless, self.order, self.years, *others),
        )

    def hits(self, reading: Reading, published: date | None = None, known: Hits | None = None) -> Hits:
        """The hits of each concept. `known`: the hits of the other half of a split lexicon, which are added."""
        year = published.year if published else UNDATED
        found: dict[str, list[Span]] = defaultdict(list)
        for concept, spans in known.terms.items() if known is not None else ():
            found[concept] += spans
        written, lead = reading.written, reading.lead
        meanings = chain(map(self.anchors.__getitem__, written[:lead]), map(self.beyond.__getitem__, written[lead:]))
        for position, anchored in enumerate(meanings):
            if anchored is None:
                continue
            concepts, beside, others, number, years = anchored
            for concept in concepts:
                found[concept].append((position, position + 1))
            for concept, first_year, last_year in years:
                if first_year <= number - year <= last_year:
                    found[concept].append((position, position + 1))
            if beside or others:
                for term in _matching(anchored, position, reading):
                    first = position - term.anchor
                    found[term.concept].append((first, first + len(term.pieces)))
        return Hits(found, reading.within, self.chains, self.unless, reading.pace)


def _matching(anchored: Anchored, at: int, reading: Reading) -> list[Term]:
    """The terms of several words that match around word number `at`."""
    written = reading.written
    found = [term for term in anchored.others if _matches(term, at, reading)]
    for distance, by_word in anchored.beside:
        if 0 <= at + distance < len(written):
            for term in by_word.get(folds[written[at + distance]], ()):
                if _matches(term, at, reading):
                    found.append(term)
    return found


def _matches(term: Term, at: int, reading: Reading) -> bool:
    """Whether all words of `term` are in place around its anchor, word number `at`, in one sentence."""
    written, first = reading.written, at - term.anchor
    last = first + len(term.pieces)
    if first < 0 or last > len(written):
        return False
    for distance, kind, word in term.others:
        other = written[at + distance]
        if not _same(kind, word, other, term.language):
            return False
    if reading.within[first] != reading.within[last - 1]:
        return False
    return not term.written or _as_written(term, written[first:last])


def _same(kind: str, word: str, written: str, language: str) -> bool:
    """Whether a piece of this kind stands for a word as written."""
    if kind == "stem":
        return word in forms(written, language)
    folded = folds[written]
    if kind == "prefix":
        return folded.startswith(word)
    return word in folded if kind == "inner" else folded == word


def _as_written(term: Term, words: Sequence[str]) -> bool:
    for piece, word in zip(term.pieces, words, strict=True):
        if piece.kind == "cased" and word != piece.written:
            return False
    return term.pieces[0].kind != "capital" or not words[0][:1].islower()

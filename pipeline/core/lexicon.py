"""The terms of the topic rules in one language, compiled, and where an article has them. Judges nothing.

Every word is folded and stemmed once, and then looked up, as written, in a table that remembers the terms it anchors;
mostly none. Terms give hits of concepts, and chains of those (`{soldiers} <2> {country}`) hits of larger ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.core.gazetteer import country_names
from pipeline.core.nations import nations
from pipeline.core.reading import Reading
from pipeline.core.rules import ANY, Concept, Gap, Part, Piece, Ref, Rules
from pipeline.core.stems import stem

Span = tuple[int, int]  # words first to last (not included) of a Reading
Hits = dict[str, list[Span]]  # by concept

REMEMBERED = 100_000  # words a lexicon keeps what it found for; then it starts anew


@dataclass(frozen=True, slots=True)
class Term:
    """Consecutive words, found at its anchor: the word least likely to stand in any text."""

    concept: str
    pieces: tuple[Piece, ...]
    anchor: int
    written: bool  # letter case matters
    language: str  # of its stems


@dataclass(frozen=True, slots=True)
class Chain:
    """A term with concepts or gaps in it. `parts` are keys of concepts or widths of gaps, first and last a concept."""

    concept: str
    parts: tuple[str | int, ...]
    needs: frozenset[str]  # the concepts among its parts


class Anchored(NamedTuple):
    """What a word means to the rules: concepts that it alone is enough for, and terms that need more than it."""

    concepts: tuple[str, ...]
    terms: tuple[Term, ...]


_NOTHING = Anchored((), ())


@dataclass(slots=True)
class Lexicon:
    """The terms of one language (None: of all), ready to be found."""

    exact: dict[str, list[Term]] = field(default_factory=dict)
    prefixes: dict[str, list[Term]] = field(default_factory=dict)
    stems: dict[str, dict[str, list[Term]]] = field(default_factory=dict)  # by language
    lengths: tuple[int, ...] = ()
    seen: dict[str, Anchored] = field(default_factory=dict)
    steps: list[tuple[str, list[Chain], str | None]] = field(default_factory=list)  # concept, chains, its exceptions

    def anchored_at(self, written: str, word: str) -> Anchored:
        """The terms with their anchor at a word, given as written and folded."""
        found = self.seen.get(written)
        if found is None:
            if len(self.seen) >= REMEMBERED:
                self.seen.clear()
            terms = list(self.exact.get(word, ()))
            for length in self.lengths:
                terms += self.prefixes.get(word[:length], ()) if len(word) >= length else ()
            for language, stems in self.stems.items():
                terms += stems.get(stem(written, language), ())
            alone = [term for term in terms if len(term.pieces) == 1 and not term.written]
            more = [term for term in terms if len(term.pieces) > 1 or term.written]
            concepts = tuple(dict.fromkeys(term.concept for term in alone))
            found = self.seen[written] = Anchored(concepts, tuple(more)) if terms else _NOTHING
        return found

    def hits(self, reading: Reading) -> Hits:
        """Where each concept was found, in order of place."""
        hits: Hits = {}
        get = self.seen.get
        for position, written in enumerate(reading.written):
            anchored = get(written)
            if anchored is None:
                anchored = self.anchored_at(written, reading.words[position])
            if anchored is _NOTHING:
                continue
            for concept in anchored.concepts:
                hits.setdefault(concept, []).append((position, position + 1))
            for term in anchored.terms:
                first = position - term.anchor
                if _stands(term, first, reading):
                    hits.setdefault(term.concept, []).append((first, first + len(term.pieces)))
        starts: dict[str, dict[int, list[int]]] = {}
        for concept, chains, unless in self.steps:
            for chain in chains:
                if hits.keys() >= chain.needs:
                    for key in chain.parts[1:]:
                        if isinstance(key, str) and key not in starts:
                            starts[key] = _by_start(hits[key])
                    hits.setdefault(concept, []).extend(_link(chain, hits, starts, reading))
            if concept in hits:
                _tidy(hits, concept, hits.get(unless, ()) if unless else ())
        return hits


def _stands(term: Term, first: int, reading: Reading) -> bool:
    """All the words of `term` from word `first` on, in one sentence. The one at the anchor is known to."""
    if len(term.pieces) > 1:
        words, last = reading.words, first + len(term.pieces)
        if first < 0 or last > len(words) or reading.sentence_at(first) != reading.sentence_at(last - 1):
            return False
        for at, piece in enumerate(term.pieces, first):
            if piece.kind == "stem":
                same = at == first + term.anchor or stem(reading.written[at], term.language) == piece.word
            else:
                same = words[at].startswith(piece.word) if piece.kind == "prefix" else words[at] == piece.word
            if not same:
                return False
    return not term.written or _as_written(term, first, reading)


def _as_written(term: Term, first: int, reading: Reading) -> bool:
    for at, piece in enumerate(term.pieces, first):
        if piece.kind == "cased" and reading.written[at] != piece.written:
            return False
    return term.pieces[0].kind != "capital" or not reading.written[first][:1].islower()


def _link(chain: Chain, hits: Hits, starts: Mapping[str, dict[int, list[int]]], reading: Reading) -> Iterator[Span]:
    """Spans where the chain's concepts follow one another within its gaps, in one sentence; the nearest way of each."""
    for first, last in hits[str(chain.parts[0])]:
        limit = reading.sentences[reading.sentence_at(first)].last
        end = _follow(chain.parts, 1, last, limit, starts)
        if end is not None:
            yield first, end


def _by_start(spans: Sequence[Span]) -> dict[int, list[int]]:
    starts: dict[int, list[int]] = {}
    for first, last in spans:
        starts.setdefault(first, []).append(last)
    return starts


def _follow(
    parts: Sequence[str | int], n: int, at: int, limit: int, starts: Mapping[str, dict[int, list[int]]]
) -> int | None:
    """End of the parts from number `n` on, the first of which starts at word `at`."""
    if n == len(parts):
        return at
    part, width = parts[n], 0
    if isinstance(part, int):
        width, n, part = part, n + 1, parts[n + 1]
    for start in range(at, min(at + width, limit - 1) + 1):
        for last in starts[str(part)].get(start, ()):
            end = _follow(parts, n + 1, last, limit, starts) if last <= limit else None
            if end is not None:
                return end
    return None


def _tidy(hits: Hits, concept: str, exceptions: Iterable[Span]) -> None:
    """Hits in order, each once, without those that touch an exception."""
    excluded = {word for first, last in exceptions for word in range(first, last)}
    hits[concept] = sorted(span for span in set(hits[concept]) if excluded.isdisjoint(range(*span)))
    if not hits[concept]:
        del hits[concept]


def compile_lexicon(rules: Rules, language: str | None) -> Lexicon:
    """The terms for `language` and those for any; of all languages when it is None."""
    lexicon, runs = Lexicon(), dict[tuple[str, tuple[Piece, ...]], str]()

    def add(concept: str, groups: Mapping[str, Sequence[Sequence[Part]]]) -> list[Chain]:
        chains = []
        for group, terms in groups.items():
            if language is not None and group not in (language, ANY):
                continue
            for parts in terms:
                if len(parts) == 1 and isinstance(parts[0], tuple):
                    _index(lexicon, _term(concept, parts[0], group))
                else:
                    linked = tuple(keys(part, group) for part in parts)
                    needs = frozenset(part for part in linked if isinstance(part, str))
                    chains.append(Chain(concept, linked, needs))
        return chains

    def keys(part: Part, group: str) -> str | int:
        if isinstance(part, Gap):
            return part.words
        if isinstance(part, Ref):
            return part.concept
        if (group, part) not in runs:  # words between concepts are a concept of their own
            runs[group, part] = f"\0{len(runs)}"
            _index(lexicon, _term(runs[group, part], part, group))
        return runs[group, part]

    for key, concept in rules.concepts.items():
        exceptions = f"{key}\0" if concept.unless else None
        if exceptions:
            lexicon.steps.append((exceptions, add(exceptions, concept.unless), None))
        lexicon.steps.append((key, add(key, {**concept.terms, **_data(rules, concept, language)}), exceptions))
    lexicon.lengths = tuple(sorted({len(prefix) for prefix in lexicon.prefixes}))
    return lexicon


def _data(rules: Rules, concept: Concept, language: str | None) -> dict[str, list[tuple[tuple[Piece, ...]]]]:
    """Terms that come from a library or the package's own data, by what `source` names."""
    found = {"countries": _countries, "demonyms": _demonyms}.get(concept.source or "")
    if found is None:
        return {}
    spoken = [language] if language else rules.languages
    return {ANY: [(piece,) for piece in dict.fromkeys(pieces for code in spoken for pieces in found(code))]}


def _countries(language: str) -> Iterator[tuple[Piece, ...]]:
    for name, country in country_names(language).items():
        if country.code:
            kind = "cased" if country.acronym else "capital"
            yield tuple(Piece(kind, word, word.upper()) for word in name.split())
            if country.acronym and nations(language).titled_acronyms and " " not in name and len(name) > 2:
                yield (Piece(kind, name, name.capitalize()),)


def _demonyms(language: str) -> Iterator[tuple[Piece, ...]]:
    """Adjectives and nouns of nationality, and the names of countries that stand as such ("US troops")."""
    known = nations(language)
    for name, demonym in known.demonyms.items():
        if demonym.strict:
            for written in demonym.strict:
                yield (Piece("cased", name, written),)
                yield (Piece("cased", name, written.capitalize()),)
        elif demonym.countries and not demonym.body:
            kind = "capital" if demonym.capital else "exact"
            yield tuple(Piece(kind, word) for word in name.split())
    if known.names_as_adjectives != "none":
        for pieces in _countries(language):
            if known.names_as_adjectives == "names" or pieces[0].kind == "cased":
                yield pieces


def _term(concept: str, pieces: tuple[Piece, ...], language: str) -> Term:
    anchor = max(range(len(pieces)), key=lambda n: len(pieces[n].word))
    return Term(concept, pieces, anchor, any(piece.kind in ("cased", "capital") for piece in pieces), language)


def _index(lexicon: Lexicon, term: Term) -> None:
    piece = term.pieces[term.anchor]
    stems = lexicon.stems.setdefault(term.language, {}) if piece.kind == "stem" else {}
    table = {"prefix": lexicon.prefixes, "stem": stems}.get(piece.kind, lexicon.exact)
    table.setdefault(piece.word, []).append(term)

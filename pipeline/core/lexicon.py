"""The terms of the topic rules in one language, compiled, and where an article has them. Judges nothing.

A word, as written, is folded and stemmed once, when it first comes; from then on one look-up tells what it may mean to
the rules, mostly nothing. What an article costs depends on what it says, hardly on how many rules there are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pipeline.core.gazetteer import country_names
from pipeline.core.hits import Chain, Hits, Span, Step
from pipeline.core.nations import nations
from pipeline.core.reading import Reading
from pipeline.core.rules import ANY, Concept, Gap, Part, Piece, Ref, Rules
from pipeline.core.stems import stem
from pipeline.core.words import folds

__all__ = ["Hits", "Lexicon", "Span", "compile_lexicon"]

REMEMBERED = 100_000  # words a lexicon keeps what it found for; then it starts anew


@dataclass(frozen=True, slots=True)
class Term:
    """Consecutive words, found at its anchor: the word least likely to stand in any text."""

    concept: str
    pieces: tuple[Piece, ...]
    anchor: int
    others: tuple[tuple[int, str, str], ...]  # of the other words distance from the anchor, kind, and word
    written: bool  # letter case matters
    language: str  # of its stems


@dataclass(slots=True)
class Terms:
    """All terms, by the word at their anchor."""

    exact: dict[str, list[Term]] = field(default_factory=dict)
    prefixes: dict[str, list[Term]] = field(default_factory=dict)
    stems: dict[str, dict[str, list[Term]]] = field(default_factory=dict)  # by language
    lengths: tuple[int, ...] = ()  # of the prefixes

    def add(self, term: Term) -> None:
        piece = term.pieces[term.anchor]
        stems = self.stems.setdefault(term.language, {}) if piece.kind == "stem" else {}
        table = {"prefix": self.prefixes, "stem": stems}.get(piece.kind, self.exact)
        table.setdefault(piece.word, []).append(term)

    def anchored_at(self, written: str) -> Iterator[Term]:
        """Those with their anchor at a word, given as written."""
        word = folds[written]
        yield from self.exact.get(word, ())
        for length in self.lengths:
            if length > len(word):
                break
            yield from self.prefixes.get(word[:length], ())
        for language, stems in self.stems.items():
            yield from stems.get(stem(written, language), ())


class Anchored(NamedTuple):
    """What a word may mean to the rules."""

    concepts: tuple[str, ...]  # it alone is enough for these
    beside: tuple[tuple[int, Mapping[str, tuple[Term, ...]]], ...]  # terms by another of their words, so far from it
    others: tuple[Term, ...]


class Anchors(dict[str, Anchored | None]):
    """A word as written -> what it may mean; None for nothing, as of most. Made out when the word first comes."""

    def __init__(self, terms: Terms, concepts: Collection[str] | None = None) -> None:
        """Terms of `concepts`; None: of all."""
        super().__init__()
        self._terms, self._concepts = terms, concepts

    def __missing__(self, written: str) -> Anchored | None:
        if len(self) >= REMEMBERED:
            self.clear()
        wanted = self._concepts
        terms = [term for term in self._terms.anchored_at(written) if wanted is None or term.concept in wanted]
        found = self[written] = _anchored(terms) if terms else None
        return found


def _anchored(terms: Sequence[Term]) -> Anchored:
    concepts, others = dict[str, None](), list[Term]()
    beside: dict[int, dict[str, tuple[Term, ...]]] = {}
    for term in terms:
        distance, kind, word = term.others[0] if term.others else (0, "", "")
        if kind in ("exact", "capital", "cased"):
            by_word = beside.setdefault(distance, {})
            by_word[word] = (*by_word.get(word, ()), term)
        elif term.others or term.written:
            others.append(term)
        else:
            concepts[term.concept] = None
    return Anchored(tuple(concepts), tuple(beside.items()), tuple(others))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The terms of one language (None: of all), ready to be found."""

    terms: Terms
    steps: Mapping[str, Step]  # by concept, each behind those of the concepts it needs
    leads: Mapping[str, Sequence[str]]  # the concepts that have a chain, by the rarest in it
    anchors: Anchors

    def only(self, concepts: Iterable[str]) -> Lexicon:
        """The same for these concepts and what they are built on, as quick as if there were no others."""
        needed = set(concepts)
        for concept, step in reversed(tuple(self.steps.items())):
            if concept in needed:
                needed |= step.needs()
        leads = {one: [led for led in several if led in needed] for one, several in self.leads.items()}
        return replace(self, leads=leads, anchors=Anchors(self.terms, needed))

    def hits(self, reading: Reading) -> Hits:
        """Where each concept was found."""
        direct: dict[str, list[Span]] = defaultdict(list)
        written, count = reading.written, len(reading.written)
        for position, anchored in enumerate(map(self.anchors.__getitem__, written)):
            if anchored is None:
                continue
            concepts, beside, terms = anchored
            for concept in concepts:
                direct[concept].append((position, position + 1))
            for distance, by_word in beside:
                if 0 <= position + distance < count:
                    terms += by_word.get(folds[written[position + distance]], ())
            for term in terms:
                if _stands(term, position, reading):
                    first = position - term.anchor
                    direct[term.concept].append((first, first + len(term.pieces)))
        return Hits(dict(direct), self.steps, self.leads, reading.within)


def _stands(term: Term, at: int, reading: Reading) -> bool:
    """All the words of `term` around its anchor, word number `at`, in one sentence."""
    if term.others:
        written = reading.written
        first = at - term.anchor
        last = first + len(term.pieces)
        if first < 0 or last > len(written):
            return False
        for distance, kind, word in term.others:
            other = written[at + distance]
            if kind == "stem":
                same = stem(other, term.language) == word
            else:
                same = folds[other].startswith(word) if kind == "prefix" else folds[other] == word
            if not same:
                return False
        if reading.within[first] != reading.within[last - 1]:
            return False
    return not term.written or _as_written(term, at - term.anchor, reading)


def _as_written(term: Term, first: int, reading: Reading) -> bool:
    for at, piece in enumerate(term.pieces, first):
        if piece.kind == "cased" and reading.written[at] != piece.written:
            return False
    return term.pieces[0].kind != "capital" or not reading.written[first][:1].islower()


def compile_lexicon(rules: Rules, language: str | None) -> Lexicon:
    """The terms for `language` and those for any; of all languages when it is None."""
    terms, chains = Terms(), dict[str, list[Chain]]()
    runs: dict[tuple[str, tuple[Piece, ...]], str] = {}

    def add(concept: str, groups: Mapping[str, Sequence[Sequence[Part]]]) -> None:
        own = chains.setdefault(concept, [])
        for group, all_parts in groups.items():
            for parts in all_parts if language is None or group in (language, ANY) else ():
                if len(parts) == 1 and isinstance(parts[0], tuple):
                    terms.add(_term(concept, parts[0], group))
                else:
                    own.append(chain(parts, group))

    def chain(parts: Sequence[Part], group: str) -> Chain:
        keys, gap = list[tuple[int, str]](), 0
        for part in parts:
            if isinstance(part, Gap):
                gap += part.words
            else:
                keys.append((gap, key(part, group)))
                gap = 0
        return Chain(keys[0][1], tuple(keys[1:]))

    def key(part: tuple[Piece, ...] | Ref, group: str) -> str:
        if isinstance(part, Ref):
            return part.concept
        if (group, part) not in runs:  # words between concepts are a concept of their own
            runs[group, part] = f"\0{len(runs)}"
            terms.add(_term(runs[group, part], part, group))
        return runs[group, part]

    for name, concept in rules.concepts.items():
        if concept.unless:
            add(f"{name}\0", concept.unless)
        add(name, {**concept.terms, **_data(rules, concept, language)})
    terms.lengths = tuple(sorted({len(prefix) for prefix in terms.prefixes}))
    return _lexicon(terms, chains)


def _lexicon(terms: Terms, chains: Mapping[str, Sequence[Chain]]) -> Lexicon:
    needed = Counter(part for own in chains.values() for chain in own for part in chain.needs())
    steps, leads = dict[str, Step](), dict[str, list[str]]()
    for concept, own in chains.items():
        unless = f"{concept}\0"
        found = [replace(one, rarest=min(one.needs(), key=lambda part: (needed[part], part))) for one in own]
        steps[concept] = Step(tuple(found), unless if unless in chains else None)
        for rarest in {one.rarest for one in found}:
            leads.setdefault(rarest, []).append(concept)
    return Lexicon(terms, steps, leads, Anchors(terms))


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
    others = [(n - anchor, piece.kind, piece.word) for n, piece in enumerate(pieces) if n != anchor]
    others.sort(key=lambda other: (other[1] == "stem", other[1] == "prefix"))  # what takes longest to compare last
    written = any(piece.kind in ("cased", "capital") for piece in pieces)
    return Term(concept, pieces, anchor, tuple(others), written, language)

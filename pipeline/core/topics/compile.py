"""Compiles the terms of the topic rules in one language into a lexicon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pipeline.core.places.gazetteer import country_names
from pipeline.core.places.nations import nations
from pipeline.core.topics.hits import Chain
from pipeline.core.topics.lexicon import CASED, Lexicon, LexiconData, Term, Terms
from pipeline.core.topics.rules import ANY, Concept, Gap, Kind, Part, Piece, Ref, Rules

Keys = list[tuple[int, str]]  # the concepts of a chain, each with the width of the gap before it


def compile_lexicon(rules: Rules, language: str | None) -> Lexicon:
    """The lexicon of `language`, with the terms for any language; of all languages if it is None."""
    return Lexicon.of(compile_data(rules, language))


def compile_data(rules: Rules, language: str | None) -> LexiconData:
    """The lexicon as plain data, which can be stored."""
    years = {key: concept.years for key, concept in rules.concepts.items() if concept.years}
    terms, chains = Terms(), dict[str, list[Keys]]()
    runs: dict[tuple[str, tuple[Piece, ...]], str] = {}

    def add(concept: str, groups: Mapping[str, Sequence[Sequence[Part]]]) -> None:
        own = chains.setdefault(concept, [])
        for group, all_parts in groups.items():
            for parts in all_parts if language is None or group in (language, ANY) else ():
                if len(parts) == 1 and isinstance(parts[0], tuple):
                    terms.add(_term(concept, parts[0], group))
                else:
                    own.append(linked(parts, group))

    def linked(parts: Sequence[Part], group: str) -> Keys:
        keys, gap = Keys(), 0
        for part in parts:
            if isinstance(part, Gap):
                gap += part.words
            else:
                keys.append((gap, key(part, group)))
                gap = 0
        return keys

    def key(part: tuple[Piece, ...] | Ref, group: str) -> str:
        if isinstance(part, Ref):
            return part.concept
        if (group, part) not in runs:  # words between concepts become their own concept
            runs[group, part] = f"\0{len(runs)}"
            terms.add(_term(runs[group, part], part, group))
        return runs[group, part]

    for name, concept in rules.concepts.items():
        if concept.unless:
            add(f"{name}\0", concept.unless)
        add(name, {**concept.terms, **_data(rules, concept, language)})
    terms.lengths = tuple(sorted({len(prefix) for prefix in terms.prefixes}))
    terms.inner_lengths = tuple(sorted({len(part) for part in terms.inner}))
    return _with_chains(terms, chains, years)


def _with_chains(terms: Terms, linked: Mapping[str, Sequence[Keys]], years: dict[str, tuple[int, int]]) -> LexiconData:
    have = Counter(concept for own in linked.values() for keys in own for concept in {key for _, key in keys})
    chains = dict[str, list[Chain]]()
    for concept, own in linked.items():
        for keys in own:
            parts = sorted({key for _, key in keys}, key=lambda key: (have[key], key))
            chains.setdefault(parts[0], []).append(Chain(concept, keys[0][1], tuple(keys[1:]), tuple(parts)))
    unless = {concept: f"{concept}\0" for concept in linked if f"{concept}\0" in linked}
    return LexiconData(terms, chains, unless, list(linked), years)


def _data(rules: Rules, concept: Concept, language: str | None) -> dict[str, list[tuple[tuple[Piece, ...]]]]:
    """The terms of a concept that takes them from data, by its `source`."""
    found = {"countries": _countries, "demonyms": _demonyms}.get(concept.source or "")
    if found is None:
        return {}
    spoken = [language] if language else rules.languages
    return {ANY: [(piece,) for piece in dict.fromkeys(pieces for code in spoken for pieces in found(code))]}


def _countries(language: str) -> Iterator[tuple[Piece, ...]]:
    """Names of countries."""
    for name, country in country_names(language).items():
        if country.code:
            kind: Kind = "cased" if country.acronym else "capital"
            yield tuple(Piece(kind, word, word.upper()) for word in name.split())
            if country.acronym and nations(language).titled_acronyms and " " not in name and len(name) > 2:
                yield (Piece(kind, name, name.capitalize()),)


def _demonyms(language: str) -> Iterator[tuple[Piece, ...]]:
    """Adjectives and nouns of nationality, and names of countries used like them ("US troops")."""
    known = nations(language)
    for name, demonym in known.demonyms.items():
        if demonym.strict:
            for written in demonym.strict:
                yield (Piece("cased", name, written),)
                yield (Piece("cased", name, written.capitalize()),)
        elif demonym.countries and not demonym.body:
            kind: Kind = "capital" if demonym.capital else "exact"
            yield tuple(Piece(kind, word) for word in name.split())
    if known.names_as_adjectives != "none":
        for pieces in _countries(language):
            if known.names_as_adjectives == "names" or pieces[0].kind == "cased":
                yield pieces


def _term(concept: str, pieces: tuple[Piece, ...], language: str) -> Term:
    if len(pieces) == 1:
        return Term(concept, pieces, 0, (), pieces[0].kind in CASED, language)
    anchor = max(range(len(pieces)), key=lambda n: len(pieces[n].word))
    others = [(n - anchor, piece.kind, piece.word) for n, piece in enumerate(pieces) if n != anchor]
    others.sort(
        key=lambda other: (other[1] == "stem", other[1] in ("prefix", "inner"))
    )  # what takes longest to compare last
    return Term(concept, pieces, anchor, tuple(others), any(piece.kind in CASED for piece in pieces), language)

"""Counts what the rules contain, and finds what may be redundant or missing, for those who maintain them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.core.text.reading import read
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.compile import compile_lexicon
from pipeline.core.topics.forms import forms
from pipeline.core.topics.lexicon import Lexicon
from pipeline.core.topics.rules import ANY, EXAMPLES, OTHER_FILES, Concept, Gap, Part, Piece, Ref, Rules
from pipeline.core.topics.terms import parse_term

_LISTS = ("terms", "unless")


@dataclass(frozen=True, slots=True)
class Term:
    """One term as written. `key`: that of its concept; `exception`: it is in the concept's `unless`."""

    folder: str
    language: str
    concept: str
    key: str
    written: str
    parts: tuple[Part, ...]
    exception: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """The size of one language file."""

    folder: str
    language: str
    concepts: int
    terms: int
    exceptions: int
    examples: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A concept without terms in languages that other concepts of its folder have. `has_any`: it has terms that apply
    in every language."""

    folder: str
    concept: str
    languages: tuple[str, ...]
    has_any: bool


@dataclass(frozen=True, slots=True)
class Shadowed:
    """A term that is redundant, because the term `by` of the same concept finds all it finds."""

    term: Term
    by: str


def terms_of(files: Iterable[TomlFile], rules: Rules) -> list[Term]:
    """All terms in the files from which the valid `rules` were read."""
    return list(_terms(files, rules))


def _terms(files: Iterable[TomlFile], rules: Rules) -> Iterator[Term]:
    shared = {key: key for key in rules.concepts if "/" not in key}
    for folder, language, file in _language_files(files):
        own = {concept.name: key for key, concept in rules.concepts.items() if key == f"{folder}/{concept.name}"}
        known = shared | own
        for concept, table in file.data.items():
            for name in _LISTS if concept not in EXAMPLES else ():
                for written in table.get(name, ()):
                    parts = parse_term(written, language, known)
                    yield Term(folder, language, concept, known[concept], written, parts, name == "unless")


def _language_files(files: Iterable[TomlFile]) -> Iterator[tuple[str, str, TomlFile]]:
    for file in files:
        *_, folder, name = file.name.split("/")
        if name not in OTHER_FILES:
            yield folder, name.removesuffix(".toml"), file


def count(files: Iterable[TomlFile]) -> list[Counted]:
    """The sizes of all language files, by folder and language."""
    found = []
    for folder, language, file in _language_files(files):
        tables = [table for concept, table in file.data.items() if concept not in EXAMPLES]
        terms, exceptions = (sum(len(table.get(name, ())) for table in tables) for name in _LISTS)
        examples = sum(len(file.data.get(kind, ())) for kind in EXAMPLES)
        concepts = sum("terms" in table for table in tables)
        found.append(Counted(folder, language, concepts, terms, exceptions, examples))
    return sorted(found, key=lambda counted: (counted.folder, counted.language))


def missing(terms: Iterable[Term], rules: Rules) -> list[Missing]:
    """Concepts that lack a language which others of their folder have, except those with a source."""
    folders: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for term in terms:
        if not term.exception:
            folders[term.folder][term.key].add(term.language)
    found = []
    for folder, concepts in sorted(folders.items()):
        spoken = set[str]().union(*concepts.values()) - {ANY}
        for key, languages in sorted(concepts.items()):
            lacking = tuple(sorted(spoken - languages))
            if lacking and languages != {ANY} and rules.concepts[key].source is None:
                found.append(Missing(folder, rules.concepts[key].name, lacking, ANY in languages))
    return found


def shadowed(terms: Iterable[Term]) -> list[Shadowed]:
    """Terms that another term of their concept makes redundant: `aprobar` beside `aprob*`."""
    groups: dict[tuple[str, bool], dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for term in terms:
        groups[term.key, term.exception][term.language].append(term)
    found = []
    for languages in groups.values():
        for language, own in languages.items():
            others = own if language == ANY else [*languages.get(ANY, ()), *own]
            by_shape: dict[tuple[int, ...], list[Term]] = defaultdict(list)
            for other in others:
                by_shape[_shape(other)].append(other)
            for term in own:
                by = _covering(term, by_shape[_shape(term)])
                found += [Shadowed(term, by.written)] if by else []
    return found


def _shape(term: Term) -> tuple[int, ...]:
    return tuple(len(part) if isinstance(part, tuple) else 0 for part in term.parts)


def _covering(term: Term, others: Sequence[Term]) -> Term | None:
    """The first of `others` that covers `term`. Of two that cover each other, the later one counts as covered."""
    later = False
    for other in others:
        if other is term:
            later = True
        elif _covers(other, term) and not (later and _covers(term, other)):
            return other
    return None


def _covers(wide: Term, narrow: Term) -> bool:
    """Whether `wide` is found wherever `narrow` is; both have the same shape."""
    [*pieces] = narrow.parts[0] if len(narrow.parts) == 1 and isinstance(narrow.parts[0], tuple) else ()
    if len(pieces) == 1 and pieces[0].kind == "exact" and isinstance(wide.parts[0], tuple):
        [piece] = wide.parts[0]
        if piece.kind == "stem":
            return piece.word in forms(narrow.written, wide.language)
    return all(_part_covers(*pair) for pair in zip(wide.parts, narrow.parts, strict=True))


def _part_covers(wide: Part, narrow: Part) -> bool:
    if isinstance(wide, Gap):
        return isinstance(narrow, Gap) and wide.words >= narrow.words
    if isinstance(wide, Ref) or isinstance(narrow, Ref | Gap):
        return wide == narrow
    return all(_piece_covers(*pair) for pair in zip(wide, narrow, strict=True))


def _piece_covers(wide: Piece, narrow: Piece) -> bool:
    if wide.kind == "exact":
        return narrow.kind in ("exact", "cased") and wide.word == narrow.word
    if wide.kind == "prefix":
        return narrow.kind in ("exact", "cased", "prefix") and narrow.word.startswith(wide.word)
    if wide.kind == "inner":
        return narrow.kind != "stem" and wide.word in narrow.word
    return wide == narrow


def never_found(terms: Sequence[Term], rules: Rules, articles: Iterable[tuple[str | None, str, str]]) -> list[Term]:
    """Terms that occur in none of the articles (language, title, text) of their language.

    Terms of a language without any article are left out.
    """
    probes = _as_concepts(terms, rules)
    lexicons: dict[str, Lexicon] = {}
    found = set[str]()
    for language, title, text in articles:
        code = (language or "").split("-")[0]
        if code:
            if code not in lexicons:
                lexicons[code] = compile_lexicon(probes, code)
            hits = lexicons[code].hits(read(title, text, code))
            found.update(key for key in hits.possible - found if key.startswith("#") and key in hits)
    spoken = {*lexicons, ANY} if lexicons else set()
    return [term for number, term in enumerate(terms) if term.language in spoken and f"#{number}" not in found]


def _as_concepts(terms: Sequence[Term], rules: Rules) -> Rules:
    """The rules with one more concept for each term, named #0, #1 and so on."""
    probes = {f"#{n}": Concept(f"#{n}", f"#{n}", {term.language: (term.parts,)}, {}) for n, term in enumerate(terms)}
    return Rules(rules.hash, rules.topics, {**rules.concepts, **probes}, rules.languages)

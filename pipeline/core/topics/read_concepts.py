"""Reads the folder of a topic, or of shared concepts: the concepts, and their terms and examples in each language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.core.faults import Fault, did_you_mean
from pipeline.core.text.languages import known_codes
from pipeline.core.toml_reader import Table, TomlFile, TomlReader, kind_of
from pipeline.core.topics.rules import ANY, EXAMPLES, SOURCES, Concept, Example, Part
from pipeline.core.topics.terms import TermFault, parse_term
from pipeline.core.wording import Text

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
WEIGHTS = "verifier"  # the file of a verifier's weights, without .toml
Terms = dict[str, tuple[tuple[Part, ...], ...]]  # by language


def is_name(name: str) -> bool:
    """Whether `name` is valid for a topic or concept: small letters, digits, hyphens."""
    return _NAME.fullmatch(name) is not None


@dataclass(slots=True)
class Folder:
    """One folder of config/topics while it is read. Faults are collected, and reading continues.

    `main` is the table of topic.toml, or of concepts.toml in a folder of shared concepts; `languages` has those of the
    language files, by language code; `weights` is that of verifier.toml, if there is one. `trained`: a verifier needs
    these weights.
    """

    name: str
    main: Table
    languages: Mapping[str, Table]
    weights: Table | None
    trained: bool = True
    declared: Table = field(init=False)  # [concepts]
    concepts: dict[str, Table | None] = field(default_factory=dict)  # None: declared by a description alone
    known: Mapping[str, str] = field(default_factory=dict)  # name -> key of each concept that can be used here

    @classmethod
    def of(cls, name: str, files: Iterable[TomlFile], faults: list[Fault], *, trained: bool = True) -> Folder:
        """The folder `name` with these files; the names of its concepts are read, not yet their terms."""
        named = {file.name.rpartition("/")[2].removesuffix(".toml"): file for file in files}
        place = next(iter(named.values())).name.rpartition("/")[0]
        main = "concepts" if name.startswith("_") else "topic"
        if main not in named:
            named[main] = TomlFile(f"{place}/{main}.toml", {})
            faults.append(Fault(named[main].name, "", "is missing", "this file declares the concepts of the folder"))
        tables = {language: TomlReader(file, faults).root for language, file in named.items()}
        weights = None if name.startswith("_") else tables.pop(WEIGHTS, None)
        folder = cls(name, tables.pop(main), tables, weights, trained)
        folder._declare()
        return folder

    @property
    def shared(self) -> bool:
        """Whether other folders can use the concepts."""
        return self.name.startswith("_")

    def own_keys(self) -> dict[str, str]:
        """Name -> key of each concept that this folder declares."""
        return {name: name if self.shared else f"{self.name}/{name}" for name in self.concepts}

    def _declare(self) -> None:
        self.declared = self.main.table("concepts")
        for name, value in self.declared.values.items():
            if not is_name(name):
                self.declared.fault(name, "is not a name", "use small letters, digits and hyphens")
            elif isinstance(value, str):
                self.concepts[name] = None
            elif isinstance(value, Mapping):
                self.concepts[name] = self.declared.table(name)
            else:
                self.declared.fault(
                    name, Text("must be a string, not {}", kind_of(value)), Text('{} = "what it means"', name)
                )
        if self.shared:
            self.main.only("concepts")

    def read_concepts(self) -> list[Concept]:
        """The concepts with their terms."""
        terms: dict[str, Terms] = {name: {} for name in self.concepts}
        unless: dict[str, Terms] = {name: {} for name in self.concepts}
        for language, table in self.languages.items():
            if language not in known_codes() and language != ANY:
                hint = Text("name the file after an ISO 639-1 code, such as en.toml, or any.toml")
                table.fault("", Text("{!r} is not a language code", language), hint)
                continue
            for name in table:
                if name not in EXAMPLES:
                    self._read_terms(table, language, name, terms, unless)
        return [self._concept(name, terms[name], unless[name]) for name in self.concepts]

    def _read_terms(
        self, root: Table, language: str, name: str, terms: Mapping[str, Terms], unless: Mapping[str, Terms]
    ) -> None:
        if name not in self.concepts:
            file = self.main.reader.file.name.rpartition("/")[2]
            hint = did_you_mean(name, self.concepts, Text("add it to [concepts] in {}", file))
            root.fault(name, Text("is not a concept of {}", file), hint)
            return
        table = root.table(name)
        table.only("terms", "unless")
        if not table.values:
            table.fault("", "has no terms", 'terms = ["tropas", "militar*"]')
        for key, found in (("terms", terms), ("unless", unless)):
            if key in table:
                found[name][language] = self._terms(table, key, language)

    def _terms(self, table: Table, key: str, language: str) -> tuple[tuple[Part, ...], ...]:
        terms = table.texts(key, required=True, hint=f'{key} = ["tropas", "militar*"]')
        first: dict[str, int] = {}
        found = []
        for number, term in enumerate(terms):
            if first.setdefault(term, number) != number:
                table.fault(key, Text("{!r} is there twice", term), "remove one", item=number)
            try:
                found.append(parse_term(term, language, self.known))
            except TermFault as fault:
                table.fault(key, fault.reason, fault.hint, item=number)
        return tuple(found)

    def _concept(self, name: str, terms: Terms, unless: Terms) -> Concept:
        table, source, years = self.concepts[name], None, None
        if table is not None:
            table.text("description")
            source = table.choice("source", SOURCES, None)
            table.only("description", "source", *(("from", "to") if source == "years" else ()))
            years = _years(table) if source == "years" else None
        if not terms and not (table and "source" in table):
            hint = Text('write [{}] and terms = ["…"] in the file of a language', name)
            self.declared.fault(name, "has no terms", hint)
        return Concept(self.known[name], name, terms, unless, source, years)

    def read_examples(self) -> tuple[Example, ...]:
        """The examples of all languages; a topic must have some of each kind."""
        found: list[Example] = []
        for language, root in self.languages.items():
            for kind in EXAMPLES:
                found += (_example(table, kind, None if language == ANY else language) for table in root.tables(kind))
        for kind in EXAMPLES:
            if not any(example.matches == (kind == "must_match") for example in found):
                self.main.fault(kind, "is missing", Text("add at least one [[{}]] to the file of a language", kind))
        return tuple(found)


def _years(table: Table) -> tuple[int, int]:
    """`from` and `to` of the source "years", counted from the year of the article."""
    first, last = table.integer("from", None, -2000, 100), table.integer("to", None, -2000, 100)
    for key, value in (("from", first), ("to", last)):
        if value is None and key not in table:
            table.missing(key, Text("{} = -1 is the year before the article's", key))
    if first is not None and last is not None and first > last:
        table.fault(
            "from", Text("{} is after to = {}", first, last), "give the earlier year first: from = -10, to = -1"
        )
    return first or 0, last or 0


def _example(table: Table, kind: str, language: str | None) -> Example:
    table.only("title", "text", "published")
    title, text = table.text("title") or "", table.text("text") or ""
    if not title and not text:
        table.fault("", "is empty", "give a title, a text, or both")
    file, published = table.reader.file, table.day("published")
    line = file.line(table.path)
    return Example(file.name, table.label, title, text, language, kind == "must_match", line, published)


def uses(languages: Iterable[Table]) -> set[str]:
    """Names of all concepts that the terms in these language files refer to."""
    terms = (term for root in languages for table in root.values.values() for term in _all_terms(table))
    return {name for term in terms for name in re.findall(r"\{([^{}\s]+)\}", term)}


def _all_terms(table: object) -> Sequence[str]:
    if not isinstance(table, Mapping):
        return ()
    lists = [table[key] for key in ("terms", "unless") if isinstance(table.get(key), list)]
    return [term for terms in lists for term in terms if isinstance(term, str)]

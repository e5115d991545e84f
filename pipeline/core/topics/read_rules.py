"""Reads and validates the topic folders, config/topics/*/*.toml. All faults are reported at once.

A topic is a folder: `topic.toml` declares its concepts and patterns; `es.toml` has its terms and examples in Spanish.
Folders whose names begin with `_` hold concepts that topics share, declared in `concepts.toml`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from babel import Locale

from pipeline.core.faults import Fault, Faults
from pipeline.core.text.stems import stem, stemmed
from pipeline.core.text.words import fold, tokenize
from pipeline.core.topics.rules import (
    ANY,
    MOST_CONCEPTS,
    OUTCOMES,
    ROLES,
    SOURCES,
    WHERE,
    WIDEST_GAP,
    WITHIN,
    Concept,
    Example,
    FactRules,
    Gap,
    Part,
    Pattern,
    Piece,
    Ref,
    Rules,
    TopicRule,
)

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def rules_hash(files: Mapping[str, Mapping[str, Any]]) -> str:
    """Hash of the rule files' content; layout and the order of files do not matter."""
    return hashlib.sha256(json.dumps(files, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:16]


def read_rules(files: Mapping[str, Mapping[str, Any]]) -> Rules:
    """Rules from parsed TOML files by path in config/topics, such as `strike/es.toml`. Raises Faults."""
    faults: list[Fault] = []
    readers = _folders(files, faults)
    shared: dict[str, _Folder] = {}
    for reader in readers:
        if reader.shared:
            for name in reader.concepts:
                if name in shared:
                    where = f"also in {shared[name].main}"
                    reader.fault(f"concepts.{name}", where, "give one of them another name")
                shared.setdefault(name, reader)
    for reader in readers:
        reader.known = {**{n: n for n in shared}, **({} if reader.shared else reader.own_keys())}
    concepts = {c.key: c for reader in readers for c in reader.read_concepts()}
    topics = tuple(reader.read_topic() for reader in readers if not reader.shared)
    ordered = _in_order(concepts, faults)
    if faults:
        raise Faults(tuple(faults))
    languages = {language for c in concepts.values() for language in c.terms} - {ANY}
    return Rules(rules_hash(files), topics, ordered, tuple(sorted(languages)))


def _folders(files: Mapping[str, Mapping[str, Any]], faults: list[Fault]) -> list[_Folder]:
    folders: dict[str, dict[str, Mapping[str, Any]]] = {}
    for path, data in sorted(files.items()):
        folder, slash, name = path.partition("/")
        if slash and "/" not in name:
            folders.setdefault(folder, {})[name] = data
        else:
            hint = "a topic is a folder: strike/topic.toml, and strike/es.toml with the Spanish terms"
            faults.append(Fault(path, "", "is not in the folder of a topic", hint))
    return [_Folder(folder, data, faults) for folder, data in folders.items()]


def _in_order(concepts: Mapping[str, Concept], faults: list[Fault]) -> dict[str, Concept]:
    """Each concept after those it needs; one that needs itself is a fault."""
    ordered: dict[str, Concept] = {}
    waiting = dict(concepts)
    while waiting:
        ready = [key for key, c in waiting.items() if not (c.needs() & waiting.keys())]
        if not ready:
            names = ", ".join(sorted(waiting))
            faults.append(Fault("topics", "concepts", f"built on each other in a circle: {names}", "break the circle"))
            break
        for key in ready:
            ordered[key] = waiting.pop(key)
    return ordered


@cache
def _known_languages() -> frozenset[str]:
    """Codes CLDR has an English name for; ISO 639-1 where there is one."""
    return frozenset(str(code) for code in Locale("en").languages if re.fullmatch("[a-z]{2,3}", str(code)))


@dataclass(slots=True)
class _Folder:
    """One topic being read, or one set of shared concepts. Every fault is added to `faults` and reading goes on."""

    name: str
    files: Mapping[str, Mapping[str, Any]]  # by name in this folder
    faults: list[Fault]
    concepts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)  # name of a concept here -> key
    file: str = ""  # the one being read, for faults

    def __post_init__(self) -> None:
        self.file = self.main
        if self.main not in (f"{self.name}/{file}" for file in self.files):
            self.fault("", "is missing", "it declares the concepts of this folder")
        self._collect_concepts()

    @property
    def shared(self) -> bool:
        return self.name.startswith("_")

    @property
    def main(self) -> str:
        return f"{self.name}/{'concepts' if self.shared else 'topic'}.toml"

    @property
    def data(self) -> Mapping[str, Any]:
        return self.files.get(self.main.partition("/")[2], {})

    @property
    def languages(self) -> dict[str, Mapping[str, Any]]:
        """The files of the languages, by code."""
        files = {f"{self.name}/{file}": data for file, data in self.files.items()}
        return {f.rpartition("/")[2].removesuffix(".toml"): data for f, data in files.items() if f != self.main}

    def own_keys(self) -> dict[str, str]:
        return {name: f"{self.name}/{name}" for name in self.concepts}

    def fault(self, key: str, reason: str, hint: str) -> None:
        self.faults.append(Fault(self.file, key, reason, hint))

    def get(self, table: Mapping[str, Any], key: str, name: str, kind: type, default: Any) -> Any:
        """`table[name]` if it has the type `kind`, else a fault and `default`. Absent: `default`."""
        value = table.get(name, default)
        if value is default or (isinstance(value, kind) and (kind is bool or not isinstance(value, bool))):
            return value
        self.fault(f"{key}{name}", f"is {_kind(value)}", f"give {_KINDS[kind]}")
        return default

    def only(self, table: Mapping[str, Any], key: str, allowed: Iterable[str]) -> None:
        for name in table:
            if name not in allowed:
                self.fault(f"{key}{name}", "unknown key", "known here: " + ", ".join(allowed))

    def language(self, key: str, code: str, *, any_too: bool = False) -> bool:
        if code in _known_languages() or (any_too and code == ANY):
            return True
        self.fault(key, f"{code!r} is no language code", "ISO 639-1, such as es, en, pt" + ", or any" * any_too)
        return False

    # -- concepts

    def _collect_concepts(self) -> None:
        for name, value in self.get(self.data, "", "concepts", dict, {}).items():
            if not isinstance(value, str | dict):
                hint = f'write {name} = "what it means"'
                self.fault(f"concepts.{name}", f"is {_kind(value)}", hint)
            elif not _ID.fullmatch(name):
                self.fault(f"concepts.{name}", "not a name", "small letters, digits and hyphens")
            else:
                self.concepts[name] = {"description": value} if isinstance(value, str) else value
        if self.shared:
            self.only(self.data, "", ("concepts",))

    def read_concepts(self) -> list[Concept]:
        terms: dict[str, dict[str, tuple[tuple[Part, ...], ...]]] = {name: {} for name in self.concepts}
        unless: dict[str, dict[str, tuple[tuple[Part, ...], ...]]] = {name: {} for name in self.concepts}
        for language, data in self.languages.items():
            self.file = f"{self.name}/{language}.toml"
            if self.language("", language, any_too=True):
                for name, table in data.items():
                    if name not in _EXAMPLES:
                        self._read_terms(language, name, table, terms, unless)
        self.file = self.main
        return [self._concept(name, terms[name], unless[name]) for name in self.concepts]

    def _read_terms(self, language: str, name: str, table: Any, *groups: dict[str, dict[str, Any]]) -> None:
        if name not in self.concepts:
            self.fault(name, f"{self.main} declares no such concept", "known: " + ", ".join(sorted(self.concepts)))
        elif not isinstance(table, dict):
            self.fault(name, f"is {_kind(table)}", f"write [{name}] and below it terms = [...]")
        else:
            self.only(table, f"{name}.", ("terms", "unless"))
            for key, group in zip(("terms", "unless"), groups, strict=True):
                if key in table:
                    group[name][language] = self._terms(f"{name}.{key}", language, table[key])

    def _concept(self, name: str, terms: Mapping[str, Any], unless: Mapping[str, Any]) -> Concept:
        key, table = f"concepts.{name}", self.concepts[name]
        self.only(table, f"{key}.", ("description", "source"))
        self.get(table, f"{key}.", "description", str, "")
        source = self.get(table, f"{key}.", "source", str, None)
        if source is not None and source not in SOURCES:
            self.fault(f"{key}.source", f"no data called {source!r}", "known: " + ", ".join(SOURCES))
        if not terms and source is None:
            self.fault(key, "has no terms", f'write [{name}] and terms = ["tropas"] in the file of a language')
        return Concept(self.known[name], name, terms, unless, source)

    def _terms(self, key: str, language: str, terms: Any) -> tuple[tuple[Part, ...], ...]:
        if not isinstance(terms, list) or not terms or not all(isinstance(term, str) for term in terms):
            self.fault(key, "is not a list with at least one term", 'write a list, such as ["tropas", "militar*"]')
            return ()
        for term in {t for t in terms if terms.count(t) > 1}:
            self.fault(key, f"{term!r} stands twice", "remove one")
        return tuple(parts for term in terms if (parts := self.term(key, language, term)))

    def term(self, key: str, language: str, term: str) -> tuple[Part, ...]:
        """`term` as parts; () and a fault when it cannot be read."""
        parts: list[Part] = []
        for chunk in term.split():
            part = self._chunk(key, language, term, chunk)
            if part is None:
                return ()
            if isinstance(part, tuple) and parts and isinstance(parts[-1], tuple):
                parts[-1] = parts[-1] + part
            else:
                parts.append(part)
        if not parts or isinstance(parts[0], Gap) or isinstance(parts[-1], Gap):
            self.fault(key, f"{term!r} has no word to look for", "a gap <N> stands between words")
            return ()
        return tuple(parts)

    def _chunk(self, key: str, language: str, term: str, chunk: str) -> Part | None:
        plain = _PLAIN.fullmatch(chunk)  # nearly all of them, told at once
        if plain and len(plain[1]) > 2:
            return (Piece("prefix" if plain[2] else "exact", fold(plain[1])),)
        if chunk.startswith("{") and chunk.endswith("}"):
            if chunk[1:-1] in self.known:
                return Ref(self.known[chunk[1:-1]])
            self.fault(key, f"{term!r}: there is no concept {chunk[1:-1]!r}", "known: " + ", ".join(sorted(self.known)))
            return None
        if chunk.startswith("<") and chunk.endswith(">"):
            if chunk[1:-1].isdecimal() and 1 <= int(chunk[1:-1]) <= WIDEST_GAP:
                return Gap(int(chunk[1:-1]))
            self.fault(key, f"{term!r}: {chunk} is no gap", f"<1> to <{WIDEST_GAP}>: so many words at most")
            return None
        cased, forms, prefix = chunk.startswith("="), chunk.startswith("~"), chunk.endswith("*")
        bare = chunk.removeprefix("~" if forms else "=").removesuffix("*")
        tokens = tokenize(bare)
        if not tokens or any(sign in bare for sign in "*{}<>=~") or (prefix and (cased or forms)):
            hint = "word, ~anyform, prefix*, =AsWritten, {concept} or <N>"
            self.fault(key, f"{term!r}: cannot read {chunk!r}", hint)
            return None
        if prefix and len(tokens[-1].word) < 3 and tokens[-1].word.isascii():
            self.fault(key, f"{term!r}: too short a prefix", "at least three letters before the *")
            return None
        if cased:
            return tuple(Piece("cased", t.word, bare[t.start : t.end]) for t in tokens)
        if forms and language == ANY:
            self.fault(key, f"{term!r}: {chunk} has forms in one language only", "write it under that language")
            return None
        if forms and stemmed(language):
            return tuple(Piece("stem", stem(bare[t.start : t.end], language)) for t in tokens)
        last = Piece("prefix" if prefix else "exact", tokens[-1].word)
        return (*(Piece("exact", t.word) for t in tokens[:-1]), last)

    # -- the topic

    def read_topic(self) -> TopicRule:
        data = self.data
        self.only(data, "", ("id", "version", "title", "description", "links", "threshold", "concepts", "patterns",
                             "facts", "outcomes"))  # fmt: skip
        if data.get("id") != self.name or not _ID.fullmatch(self.name):
            hint = f"id = {self.name!r}, the folder's name; small letters, digits and hyphens"
            self.fault("id", f"is {data.get('id')!r}", hint)
        version = self.get(data, "", "version", int, 0)
        if version < 1:
            self.fault("version", "missing or below 1", "version = 1, raised when the rule changes its meaning")
        patterns = tuple(self._pattern(n, p) for n, p in enumerate(self._tables("patterns"), 1))
        self._unused()
        examples = self._examples()
        return TopicRule(
            self.name, version, self._texts("title", required=True), self._texts("description"),
            self._texts("links", languages=False), self._threshold(patterns), patterns, examples, self._facts(),
        )  # fmt: skip

    def _tables(self, name: str, data: Mapping[str, Any] | None = None) -> list[Mapping[str, Any]]:
        """The tables [[name]] of topic.toml, at least one; or of `data`, perhaps none."""
        tables = self.get(self.data if data is None else data, "", name, list, [])
        if not tables and data is None:
            self.fault(name, "is missing", f"add at least one [[{name}]]")
        elif not all(isinstance(table, dict) for table in tables):
            self.fault(name, "is not a list of tables", f"write [[{name}]]")
        return [table for table in tables if isinstance(table, dict)]

    def _texts(self, name: str, *, required: bool = False, languages: bool = True) -> Mapping[str, str]:
        table = self.get(self.data, "", name, dict, {})
        if required and "en" not in table:
            self.fault(f"{name}.en", "is missing", f'every topic has an English {name}: {name} = {{ en = "…" }}')
        for key, value in table.items():
            if not isinstance(value, str) or not value.strip():
                self.fault(f"{name}.{key}", "is not a text", "give a text in quotes")
            if languages:
                self.language(f"{name}.{key}", key)
        return {key: str(value) for key, value in table.items()}

    def _threshold(self, patterns: tuple[Pattern, ...]) -> float:
        threshold = float(self.get(self.data, "", "threshold", int | float, 0.0))  # type: ignore[arg-type]
        best = sum(p.weight for p in patterns if p.weight > 0)
        if not 0 < threshold <= 1:
            self.fault("threshold", "is not above 0 and at most 1", "threshold = 0.5")
        elif patterns and best < threshold - 1e-9:
            hint = f"all patterns together give {best:g}: lower it or raise their weights"
            self.fault("threshold", f"{threshold:g} cannot be reached", hint)
        return threshold

    def _facts(self) -> FactRules | None:
        """The [facts] and [[outcomes]] of the topic, if it has any."""
        table = self.get(self.data, "", "facts", dict, {})
        self.only(table, "facts.", (*ROLES, "own_forces"))
        own = float(self.get(table, "facts.", "own_forces", int | float, 0.0))  # type: ignore[arg-type]
        if not -1 <= own <= 0:
            self.fault("facts.own_forces", f"{own:g} is above 0 or below -1", "what it takes from the score: -0.3")
        roles = {}
        for role, concept in table.items():
            if role == "own_forces":
                continue
            if concept in self.known:
                roles[role] = self.known[concept]
            else:
                self.fault(
                    f"facts.{role}", f"there is no concept {concept!r}", "known: " + ", ".join(sorted(self.known))
                )
        outcomes = []
        for number, one in enumerate(self._tables("outcomes") if "outcomes" in self.data else (), 1):
            outcome = one.get("outcome")
            if outcome not in OUTCOMES:
                self.fault(f"outcomes[{number}].outcome", f"{outcome!r} is none", "one of " + ", ".join(OUTCOMES))
            pattern = {name: value for name, value in one.items() if name != "outcome"}
            outcomes.append((str(outcome), self._pattern(number, pattern, "outcomes")))
        return FactRules(roles, tuple(outcomes), own) if roles or outcomes else None

    def _pattern(self, number: int, table: Mapping[str, Any], group: str = "patterns") -> Pattern:
        key = f"{group}[{number}]."
        self.only(table, key, ("name", "all", "weight", "within", "where", "ordered", "times", "every", "unless",
                               "unless_anywhere"))  # fmt: skip
        wanted = self._names(table, key, "all")
        if not 1 <= len(wanted) <= MOST_CONCEPTS and "all" not in {f.key.removeprefix(key) for f in self.faults}:
            self.fault(f"{key}all", f"names {len(wanted)} concepts", f"1 to {MOST_CONCEPTS}")
        weight = float(self.get(table, key, "weight", int | float, 0.0))  # type: ignore[arg-type]
        if not 0 < abs(weight) <= 1:
            self.fault(f"{key}weight", "is missing, 0, or beyond 1", "above 0 to 1, or below 0 to subtract")
        within = table.get("within", "sentence")
        number_of_words = isinstance(within, int) and not isinstance(within, bool) and 2 <= within <= 100
        if within not in WITHIN and not number_of_words:
            hint = '"sentence", "document", or a number of words from 2 to 100; for the title use where = "headline"'
            self.fault(f"{key}within", f"{within!r} is no distance", hint)
        where = table.get("where", "anywhere")
        if where not in WHERE:
            self.fault(f"{key}where", f"{where!r} is no part of an article", "one of " + ", ".join(WHERE))
        times = self.get(table, key, "times", int, 1)
        if times < 1 or (times > 1 and within == "document"):
            self.fault(f"{key}times", f"{times} is not possible here", "1 or more sentences; only 1 within a document")
        every = self.get(table, key, "every", int, None)
        if every is not None and (not 2 <= every <= 1000 or within == "document"):
            self.fault(f"{key}every", f"{every} is not possible here", "2 to 1000 sentences; not within a document")
            every = None
        return Pattern(
            self.get(table, key, "name", str, f"pattern {number}"), wanted, weight, within, where,
            self.get(table, key, "ordered", bool, False), times, every,
            self._names(table, key, "unless"), self._names(table, key, "unless_anywhere"),
        )  # fmt: skip

    def _names(self, table: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
        found = []
        for concept in self.get(table, key, name, list, []):
            if isinstance(concept, str) and concept in self.known:
                found.append(self.known[concept])
            else:
                self.fault(
                    f"{key}{name}", f"there is no concept {concept!r}", "known: " + ", ".join(sorted(self.known))
                )
        return tuple(found)

    def _examples(self) -> tuple[Example, ...]:
        found = []
        for language, data in self.languages.items():
            self.file = f"{self.name}/{language}.toml"
            for kind in _EXAMPLES:
                tables = enumerate(self._tables(kind, data), 1)
                found += [self._example(kind, n, table, None if language == ANY else language) for n, table in tables]
        self.file = self.main
        for kind in _EXAMPLES:
            if not any(example.matches == (kind == "must_match") for example in found):
                self.fault(kind, "is missing", f"add at least one [[{kind}]] to the file of a language")
        return tuple(found)

    def _example(self, kind: str, number: int, table: Mapping[str, Any], language: str | None) -> Example:
        key = f"{kind}[{number}]"
        self.only(table, f"{key}.", ("text", "title"))
        text, title = (self.get(table, f"{key}.", name, str, "") for name in ("text", "title"))
        if not text and not title:
            self.fault(key, "is empty", "give text, title, or both")
        return Example(self.file, key, title, text, language, kind == "must_match")

    def _unused(self) -> None:
        """A concept of this topic that nothing asks for is a slip of the pen."""
        named = json.dumps([self.data.get(name) for name in ("patterns", "facts", "outcomes")], default=str)
        terms = json.dumps(list(self.languages.values()), default=str)
        for name in self.concepts:
            if f'"{name}"' not in named and f"{{{name}}}" not in terms:
                self.fault(f"concepts.{name}", "is used by no pattern and no other concept", "use it or remove it")


#: Latin, Greek and Cyrillic letters, or a prefix of them.
_PLAIN = re.compile(r"([a-zA-Z\u00c0-\u024f\u0370-\u04ff]+)(\*?)")
_EXAMPLES = ("must_match", "must_not_match")
_KINDS: dict[Any, str] = {
    str: "a text in quotes", int: "a whole number", int | float: "a number", bool: "true or false",
    list: "a list", dict: "a table",
}  # fmt: skip


def _kind(value: Any) -> str:
    names = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return names.get(type(value), f"a {type(value).__name__}")

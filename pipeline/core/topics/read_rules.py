"""Parses and validates the rule files, config/topics/*.toml. Every fault is found at once.

Knows what a rule may say, not whether an article satisfies it (topics.py). Opens no files: parsed TOML comes in.
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
    """Hash of the rule files' content; file order and layout do not matter."""
    return hashlib.sha256(json.dumps(files, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:16]


def read_rules(files: Mapping[str, Mapping[str, Any]]) -> Rules:
    """Parsed TOML files by name (`x.toml`; `_x.toml` holds shared concepts) as a valid set. Raises Faults."""
    faults: list[Fault] = []
    readers = [_File(name, data, faults) for name, data in sorted(files.items())]
    for reader in readers:
        reader.collect_concepts()
    shared: dict[str, _File] = {}
    for reader in readers:
        if reader.shared:
            for name in reader.concepts:
                if name in shared:
                    reader.fault(f"concepts.{name}", f"also in {shared[name].name}", "give one of them another name")
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
class _File:
    """One rule file being read; every problem is added to `faults` and reading goes on."""

    name: str
    data: Mapping[str, Any]
    faults: list[Fault]
    concepts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)  # name in this file -> key

    @property
    def shared(self) -> bool:
        return self.name.startswith("_")

    @property
    def topic(self) -> str:
        return self.name.removesuffix(".toml")

    def own_keys(self) -> dict[str, str]:
        return {name: f"{self.topic}/{name}" for name in self.concepts}

    def fault(self, key: str, reason: str, hint: str) -> None:
        self.faults.append(Fault(self.name, key, reason, hint))

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

    def collect_concepts(self) -> None:
        table = self.get(self.data, "", "concepts", dict, {})
        for name, value in table.items():
            if not isinstance(value, dict):
                self.fault(f"concepts.{name}", f"is {_kind(value)}", "write [concepts.NAME] with terms per language")
            elif not _ID.fullmatch(name):
                self.fault(f"concepts.{name}", "not a name", "small letters, digits and hyphens")
            else:
                self.concepts[name] = value
        if self.shared:
            self.only(self.data, "", ("concepts",))

    def read_concepts(self) -> list[Concept]:
        return [self._concept(name, table) for name, table in self.concepts.items()]

    def _concept(self, name: str, table: Mapping[str, Any]) -> Concept:
        key = f"concepts.{name}."
        source = self.get(table, key, "source", str, None)
        if source is not None and source not in SOURCES:
            self.fault(f"{key}source", f"no data called {source!r}", "known: " + ", ".join(SOURCES))
        unless = self.get(table, key, "unless", dict, {})
        spoken = {language: value for language, value in table.items() if language not in ("source", "unless")}
        if not spoken and source is None:
            self.fault(key[:-1], "has no terms", 'add terms per language, such as es = ["tropas"]')
        own = self.known[name]
        return Concept(own, name, self._languages(key, spoken), self._languages(f"{key}unless.", unless), source)

    def _languages(self, key: str, table: Mapping[str, Any]) -> dict[str, tuple[tuple[Part, ...], ...]]:
        found = {}
        for language, terms in table.items():
            at = key + language
            if not self.language(at, language, any_too=True):
                continue
            if not isinstance(terms, list) or not terms or not all(isinstance(term, str) for term in terms):
                self.fault(at, "is not a list with at least one term", 'write a list, such as ["tropas", "militar*"]')
                continue
            for term in {t for t in terms if terms.count(t) > 1}:
                self.fault(at, f"{term!r} stands twice", "remove one")
            found[language] = tuple(parts for term in terms if (parts := self.term(at, language, term)))
        return found

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
                             "facts", "outcomes", "must_match", "must_not_match"))  # fmt: skip
        if data.get("id") != self.topic or not _ID.fullmatch(self.topic):
            hint = f"id = {self.topic!r}, the file's name; small letters, digits and hyphens"
            self.fault("id", f"is {data.get('id')!r}", hint)
        version = self.get(data, "", "version", int, 0)
        if version < 1:
            self.fault("version", "missing or below 1", "version = 1, raised when the rule changes its meaning")
        patterns = tuple(self._pattern(n, p) for n, p in enumerate(self._tables("patterns"), 1))
        examples = tuple(self._example(k, n, e) for k in _EXAMPLES for n, e in enumerate(self._tables(k), 1))
        self._unused()
        return TopicRule(
            self.topic, self.name, version, self._texts("title", required=True), self._texts("description"),
            self._texts("links", languages=False), self._threshold(patterns), patterns, examples, self._facts(),
        )  # fmt: skip

    def _tables(self, name: str) -> list[Mapping[str, Any]]:
        tables = self.get(self.data, "", name, list, [])
        if not tables:
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

    def _example(self, kind: str, number: int, table: Mapping[str, Any]) -> Example:
        key = f"{kind}[{number}]"
        self.only(table, f"{key}.", ("text", "title", "language"))
        text, title = (self.get(table, f"{key}.", name, str, "") for name in ("text", "title"))
        if not text and not title:
            self.fault(key, "is empty", "give text, title, or both")
        language = self.get(table, f"{key}.", "language", str, None)
        if language is not None:
            self.language(f"{key}.language", language)
        return Example(key, title, text, language, kind == "must_match")

    def _unused(self) -> None:
        """A concept of this topic that nothing asks for is a slip of the pen."""
        parts = [self.data.get(name) for name in ("patterns", "facts", "outcomes")]
        used = json.dumps([*parts, *self.concepts.values()], default=str)
        for name in self.concepts:
            if f'"{name}"' not in used and f"{{{name}}}" not in used:
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

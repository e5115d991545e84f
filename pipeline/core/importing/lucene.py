"""Rewrites a query of Elasticsearch's `query_string` in our query language, with the meaning that Lucene gives it.

Lucene's classic parser has no precedence: `a AND b OR c` makes a and b required and c optional, and what is optional
beside something required decides nothing. What it means is written here, and what decides nothing is reported.

Source of the syntax: Elasticsearch Reference, "Query string query"; Lucene, org.apache.lucene.queryparser.classic.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.core.importing.imported import any_of, grouped

DEEPEST = 50

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<operator>AND\b|OR\b|NOT\b|&&|\|\||!|\+|-(?=\S))
    | (?P<open>\() | (?P<close>\))
    | (?P<regex>/(?:[^/\\]|\\.)*/)
    | (?P<field>(?:[\w@][\w.@*-]*|\\.)+):
    | "(?P<phrase>(?:[^"\\]|\\.)*)"(?:~(?P<slop>\d+))?
    | (?P<range>[\[{][^\]}]*[\]}])
    | (?P<compare>[<>]=?\S+)
    | (?P<word>(?:[^\s()"\[\]{}:^~\\]|\\.)+)(?P<fuzzy>~[\d.]*)?
    )(?P<boost>\^[\d.]+)?""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)")


class NotCarriedOver(ValueError):
    """A condition that cannot be written in our query language; the message says why."""


#: Makes a condition on a field: (field or "", kind, value) -> our query. Raises NotCarriedOver.
Condition = Callable[[str, str, str], str]


@dataclass
class _Clause:
    occurs: str  # must, not, should
    query: str


@dataclass
class Lucene:
    """Reads one query. `condition` writes leaves; `every`: whether words without an operator must all be there."""

    text: str
    condition: Condition
    every: bool = False
    remarks: list[str] = field(default_factory=list)  # what decided nothing

    def query(self) -> str:
        """Our query. Raises NotCarriedOver."""
        self._tokens = list(self._scan())
        self._at = 0
        found = self._clauses("", 0)
        if self._at < len(self._tokens):
            raise NotCarriedOver("a closing parenthesis without an opening one")
        return found

    def _scan(self) -> list[re.Match[str]]:
        found, at = [], 0
        text = self.text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.end() == at:
                raise NotCarriedOver(f"cannot be read from {text[at : at + 20]!r} on")
            found.append(match)
            at = match.end()
        return found

    def _clauses(self, around: str, depth: int) -> str:
        """A sequence of clauses up to its closing parenthesis."""
        if depth > DEEPEST:
            raise NotCarriedOver("too many parentheses inside each other")
        clauses: list[_Clause] = []
        joined = ""  # AND or OR before the next clause
        while self._at < len(self._tokens) and not self._tokens[self._at]["close"]:
            sign = ""
            while self._at < len(self._tokens) and (operator := self._tokens[self._at]["operator"]):
                self._at += 1
                if operator in ("AND", "&&", "OR", "||"):
                    joined = "AND" if operator in ("AND", "&&") else "OR"
                else:
                    sign = operator
            if self._at >= len(self._tokens) or self._tokens[self._at]["close"]:
                raise NotCarriedOver("ends after an operator")
            query = self._clause(around, depth)
            if joined == "AND" and clauses and clauses[-1].occurs == "should":
                clauses[-1].occurs = "must"
            if joined == "OR" and self.every and clauses and clauses[-1].occurs == "must":
                clauses[-1].occurs = "should"
            clauses.append(_Clause(self._occurs(sign, joined), query))
            joined = ""
        return self._joined(clauses)

    def _occurs(self, sign: str, joined: str) -> str:
        if sign in ("-", "!", "NOT"):
            return "not"
        required = sign == "+" or joined == "AND" or (self.every and joined != "OR")
        return "must" if required else "should"

    def _clause(self, around: str, depth: int) -> str:
        token = self._tokens[self._at]
        self._at += 1
        if token["boost"]:
            self.remarks.append(f"{token['boost']}: it only ranks what is found")
        if token["field"]:
            if self._at >= len(self._tokens):
                raise NotCarriedOver(f"{token['field']}: has no value")
            return self._clause(_plain(token["field"]), depth)
        if token["open"]:
            inner = self._clauses(around, depth + 1)
            if self._at >= len(self._tokens):
                raise NotCarriedOver("a parenthesis is not closed")
            if boost := self._tokens[self._at]["boost"]:
                self.remarks.append(f"{boost}: it only ranks what is found")
            self._at += 1
            return grouped(inner)
        return self._leaf(token, around)

    def _leaf(self, token: re.Match[str], around: str) -> str:
        if token["regex"]:
            raise NotCarriedOver(f"the regular expression {token['regex']}: words, phrases and prefix* are known")
        if token["phrase"] is not None:
            return self.condition(around, f"phrase~{token['slop'] or 0}", _plain(token["phrase"]))
        if token["range"] or token["compare"]:
            return self.condition(around, "range", token["range"] or token["compare"])
        if token["fuzzy"]:
            raise NotCarriedOver(f"{token['word']}{token['fuzzy']}: words that are only similar are not found")
        word = token["word"] or ""
        if re.search(r"(?<!\\)[*?]", word):
            return self.condition(around, "wildcard", word)
        return self.condition(around, "word", _plain(word))

    def _joined(self, clauses: list[_Clause]) -> str:
        by: dict[str, list[str]] = {"must": [], "should": [], "not": []}
        for clause in clauses:
            by[clause.occurs].append(clause.query)
        needed = by["must"]
        if needed and by["should"]:
            self.remarks.append(f"{' '.join(by['should'])}: Lucene reads it as optional beside what is required")
        if not needed and by["should"]:
            needed = [any_of(by["should"])]
        if not needed:
            raise NotCarriedOver("it only excludes, so it would match nearly everything")
        return " AND ".join([*needed, *(f"NOT {one}" for one in by["not"])])


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)

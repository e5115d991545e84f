"""Makes rules of keywords: one rule of many words, and of each expression in the query language what it says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.core.importing.imported import Imported, Left, any_of, list_name, quoted, rule_name
from pipeline.core.query.leaves import name_parts
from pipeline.core.query.parse import parse
from pipeline.core.query.remarks import QueryError

INLINE = 50  # keywords that stand in a query; more become a list
EXPRESSIONS = 500  # expressions of one rule

_QUOTES = str.maketrans({**dict.fromkeys("“”„‟«»″＂", '"'), "\xa0": " ", "\u3000": " "})
_COMMENT = re.compile(r"(?:#(?:\s|$)|//|--\s|;\s*$)")
_GROUP = re.compile(r"\[([^\[\]\"]+)\]")
_BULLET = re.compile(r"(?:[•‣◦*·–—]|\d{1,4}[.)])\s+")
_DASHED = re.compile(r"-\s+")
_WHOLE = re.compile(r'"([^"]*)"|\'([^\']*)\'')
#: What makes an expression of the query language of a keyword.
_OPERATOR = re.compile(r'["()*~]|\b(?:AND|OR|NOT|NEAR|ADJ|PRE)\b|\bw/\d|&&|\|\||\s[+-]\w|^[+]|\w:\w', re.ASCII)
_LONGEST = 200  # characters of a name in a list
_FILE = 40  # leaves of expressions that are listed in full


@dataclass
class Keywords:
    """The keywords of one rule: plain words and phrases, expressions, and what excludes an article."""

    name: str
    plain: dict[str, str] = field(default_factory=dict)  # as compared -> as written
    expressions: dict[str, None] = field(default_factory=dict)
    excluded: dict[str, None] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    def add(self, text: str, place: str = "") -> None:
        """Take one keyword: a word, a phrase with or without quotes, or an expression. `-word` excludes."""
        text = text.translate(_QUOTES).strip()
        whole = _WHOLE.fullmatch(text)
        if whole:
            text = (whole[1] or whole[2] or "").strip()
        if not text or not any(character.isalnum() for character in text):
            self.left.append(Left(text or '""', "has no letter or digit", place))
            return
        if not whole and len(text) > 1 and text[0] == "-" and not text[1].isspace():
            self.exclude(text[1:], place)
        elif not whole and _OPERATOR.search(text):
            self._expression(text.removeprefix("+") if " " not in text else text, place)
        elif len(text) > _LONGEST:
            self.left.append(Left(text[:_FILE] + "…", f"{len(text)} characters, at most {_LONGEST} are allowed", place))
        elif text.casefold() in self.plain:
            self.repeated.append(text)
        elif why := _unfit(text):
            self.left.append(Left(text, why, place))
        else:
            self.plain[text.casefold()] = text

    def exclude(self, text: str, place: str = "") -> None:
        """Take a word, phrase or expression that no article of the rule may have."""
        text = text.translate(_QUOTES).strip().strip('"')
        if not text:
            return
        query = f"({text})" if _OPERATOR.search(text) else quoted(text)
        if why := _fault(query):
            self.left.append(Left(f"-{text}", why, place))
        else:
            self.excluded[query] = None

    def _expression(self, text: str, place: str) -> None:
        if why := _fault(text):
            self.left.append(Left(text, why, place))
        elif text in self.expressions:
            self.repeated.append(text)
        else:
            self.expressions[text] = None

    def imported(self, more: Mapping[str, object] | None = None) -> Imported:
        """The rule, or several if there are too many expressions for one; a list of its keywords if there are many.
        `more`: other keys of the rule."""
        left = list(self.left)
        if self.repeated:
            named = ", ".join(self.repeated[:5]) + (" …" if len(self.repeated) > 5 else "")
            left.append(Left(f"{len(self.repeated)} repeated: {named}", "each keyword is needed once"))
        lists: dict[str, tuple[str, ...]] = {}
        words = list(self.plain.values())
        parts = [quoted(word) for word in words]
        if len(words) > INLINE:
            lists[list_name(self.name)] = tuple(words)
            parts = [f"@{list_name(self.name)}"]
        expressions = [one if " " not in one else f"({one})" for one in self.expressions]
        chunks = [expressions[n : n + EXPRESSIONS] for n in range(0, len(expressions), EXPRESSIONS)] or [[]]
        queries = [
            any_of([*(parts if number == 0 else []), *chunk]) for number, chunk in enumerate(chunks) if parts or chunk
        ]
        names = [rule_name(self.name)] + [rule_name(f"{self.name[:70]} {n}") for n in range(2, len(queries) + 1)]
        rules = tuple(
            {"name": name, "query": " ".join([query, *(f"-{one}" for one in self.excluded)]), **(more or {})}
            for name, query in zip(names, queries, strict=False)
        )
        if not rules and not left:
            left.append(Left(self.name, "there are no keywords"))
        return Imported(rules, lists, tuple(left))


def read_keywords(name: str, text: str) -> Imported:
    """The rules of a list: one keyword a line, or all in one line with commas. A line in [brackets] begins a group,
    which becomes a rule of its own."""
    lines = [(number, line.strip().rstrip(",;\t ").strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not _COMMENT.match(line)]
    if lines and lines[0][1].lower().startswith("sep="):
        lines = lines[1:]
    if len(lines) == 1 and '"' not in lines[0][1] and re.search("[,;]", lines[0][1]):
        lines = [(lines[0][0], part.strip()) for part in re.split("[,;]", lines[0][1]) if part.strip()]
    dashed = bool(lines) and all(_DASHED.match(line) or _GROUP.fullmatch(line) for _, line in lines)
    groups = [Keywords(name)]
    for number, line in lines:
        if group := _GROUP.fullmatch(line):
            groups.append(Keywords(group[1].strip()))
            continue
        if bullet := (_DASHED if dashed else _BULLET).match(line):
            line = line[bullet.end() :]
        groups[-1].add(line, f"line {number}")
    found = [group.imported() for group in groups if group.plain or group.expressions or group.left or group.excluded]
    return joined(found) if found else Imported(left=(Left(name, "there are no keywords"),))


def joined(found: list[Imported]) -> Imported:
    """Several imports as one; lists of the same name get numbers."""
    rules: list[Mapping[str, object]] = []
    lists: dict[str, tuple[str, ...]] = {}
    for one in found:
        new = {name: name for name in one.lists}
        for name in one.lists:
            while new[name] in lists:
                new[name] += "-2"
        lists |= {new[name]: entries for name, entries in one.lists.items()}
        for rule in one.rules:
            query = str(rule.get("query", ""))
            for name, other in new.items():
                query = query.replace(f"@{name}", f"@{other}") if name != other else query
            rules.append({**rule, "query": query} if "query" in rule else rule)
    return Imported(tuple(rules), lists, tuple(left for one in found for left in one.left))


def _unfit(text: str) -> str:
    """Why a word or phrase has nothing to look for, or ""."""
    try:
        name_parts(text)
    except ValueError as error:
        return str(error)
    return ""


def _fault(query: str) -> str:
    """Why the query language cannot say it, or ""."""
    try:
        parse(query)
    except QueryError as error:
        return f"column {error.column}: {error.message}" + (f" ({error.hint})" if error.hint else "")
    return ""

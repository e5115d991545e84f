"""Turns XPath expressions that select nodes by tag and attributes into tests in Python.

Only what trafilatura's expressions use is understood: `.//tag[…]`, `.//*[self::a or …][…]`, unions of such paths, `or`,
`and`, `not`, `=`, contains, starts-with, translate and re:test of EXSLT (https://exslt.org/regexp/) on attributes, and
`.//tag` as a condition. Each becomes one expression in Python, compiled once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: A test of a node by its tag and attributes, which are in the order of the source.
Test = Callable[[str, Mapping[str, str]], bool]

_TOKEN = re.compile(r"\s*(self::|\.//|re:test|[\w-]+|'[^']*'|[@*()\[\]|,=])\s*")


@dataclass(frozen=True, slots=True)
class NodeExpression:
    """What an expression selects among the nodes below a node.

    `test` also holds for nodes that the expression leaves out because of what is below them, if `looks_below`;
    otherwise it holds for exactly the nodes selected, apart from a final `[1]`. `tags`: those that the expression
    names; nodes with other tags are all alike to it. `only_tags`: no other node is selected.
    """

    test: Test
    tags: frozenset[str]
    attributes: frozenset[str]
    only_tags: bool
    looks_below: bool


def read(path: str) -> NodeExpression:
    """The expression in XPath. Raises ValueError if it has anything that is not understood."""
    reader = _Reader(_tokens(path))
    source = reader.union()
    if reader.tokens:
        raise ValueError(f"not understood: {' '.join(reader.tokens)}")
    test: Test = eval(f"lambda tag, a: bool({source})", {"first": _first, **reader.names})
    return NodeExpression(
        test, frozenset(reader.tags), frozenset(reader.attributes), reader.only_tags, reader.looks_below
    )


def _tokens(path: str) -> list[str]:
    tokens, at = [], 0
    while at < len(path):
        found = _TOKEN.match(path, at)
        if found is None:
            raise ValueError(f"not understood: {path[at:]}")
        tokens.append(found[1])
        at = found.end()
    return tokens


def _first(attributes: Mapping[str, str], *names: str) -> str | None:
    """The first of several attributes in the source, which is what functions on strings make of a set."""
    for name, value in attributes.items():
        if name in names:
            return value
    return None


@dataclass(slots=True)
class _Reader:
    """A descent into the grammar; each method takes its tokens from the front, and returns Python."""

    tokens: list[str]
    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    only_tags: bool = True
    looks_below: bool = False
    names: dict[str, Any] = field(default_factory=dict)  # what the source refers to

    def take(self, *wanted: str) -> str:
        token = self.tokens.pop(0) if self.tokens else ""
        if wanted and token not in wanted:
            raise ValueError(f"{token!r} instead of {' or '.join(wanted)}")
        return token

    def next_is(self, token: str) -> bool:
        return self.tokens[:1] == [token] and bool(self.tokens.pop(0))

    def union(self) -> str:
        paths = [self.path()]
        while self.next_is("|"):
            paths.append(self.path())
        return " or ".join(paths)

    def path(self) -> str:
        if self.next_is("("):
            inner = self.union()
            self.take(")")
            self.position()
            return f"({inner})"
        self.take(".//")
        name = self.take()
        conditions = [] if name == "*" else [self.tag(name)]
        if name == "*":
            self.only_tags &= self.tokens[:2] == ["[", "self::"]
        while self.tokens[:1] == ["["] and not self.position():
            self.take("[")
            conditions.append(f"({self.either()})")
            self.take("]")
        return f"({' and '.join(conditions) or True})"

    def position(self) -> bool:
        """Takes `[1]`: who uses it wants no more than the first anyway."""
        found = self.tokens[:3] == ["[", "1", "]"]
        del self.tokens[: 3 * found]
        return found

    def either(self) -> str:
        conditions = [self.both()]
        while self.next_is("or"):
            conditions.append(self.both())
        return " or ".join(conditions)

    def both(self) -> str:
        conditions = [self.condition()]
        while self.next_is("and"):
            conditions.append(self.condition())
        return " and ".join(conditions)

    def condition(self) -> str:
        token = self.take("@", "self::", ".//", "(", "not", "contains", "starts-with", "re:test")
        if token == "@":
            return self.compared(self.attribute())
        if token == "self::":
            return self.tag(self.take())
        if token == ".//":
            self.take()
            self.looks_below = True
            return "None"
        if token != "(":
            self.take("(")
        inner = self.negated() if token == "not" else self.either() if token == "(" else self.called(token)
        self.take(")")
        return f"({inner})"

    def tag(self, name: str) -> str:
        self.tags.add(name)
        return f"tag == {name!r}"

    def attribute(self) -> str:
        names = [self.take()]
        while self.next_is("|"):
            self.take("@")
            names.append(self.take())
        self.attributes.update(names)
        return f"a.get({names[0]!r})" if len(names) == 1 else f"first(a, {', '.join(map(repr, names))})"

    def compared(self, value: str) -> str:
        return f"{value} == {self.string()!r}" if self.next_is("=") else f"{value} is not None"

    def string(self) -> str:
        token = self.take()
        if len(token) < 2 or token[0] != "'":
            raise ValueError(f"{token!r} instead of a string")
        return token[1:-1]

    def negated(self) -> str:
        before, self.looks_below = self.looks_below, False
        inner = self.either()
        below, self.looks_below = self.looks_below, before or self.looks_below
        return "True" if below else f"not ({inner})"

    def called(self, name: str) -> str:
        """A function whose first argument is an attribute or `translate` of one; without one that is the empty string,
        in which nothing is looked for here."""
        if self.next_is("translate"):
            self.take("(")
            value = f"({self.subject()} or '').translate({self.table()})"
            self.take(")")
        else:
            value = f"({self.subject()} or '')"
        self.take(",")
        wanted = self.string()
        if not wanted:
            raise ValueError("an empty string occurs everywhere")
        if name == "contains":
            return f"{wanted!r} in {value}"
        if name == "starts-with":
            return f"{value}.startswith({wanted!r})"
        return self.searched(wanted, value)

    def subject(self) -> str:
        self.take("@")
        return self.attribute()

    def table(self) -> str:
        self.take(",")
        before = self.string()
        self.take(",")
        return repr(str.maketrans(before, self.string()))

    def searched(self, wanted: str, value: str) -> str:
        flags = self.string() if self.next_is(",") else ""
        name = f"search{len(self.names)}"
        self.names[name] = re.compile(wanted, re.I if flags == "i" else 0).search
        if self.names[name](""):
            raise ValueError(f"matches everything: {wanted}")
        return f"(v := {value}) and {name}(v)"

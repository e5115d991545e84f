"""Formats language files: concepts in alphabetical order, terms sorted and one per line, then examples.

Comments stay with the line they belong to. topic.toml and concepts.toml are laid out by hand and not changed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.core.topics.rules import EXAMPLES
from pipeline.core.topics.terms import sort_key

_TOKEN = re.compile(
    r"(?P<blank>\n[ \t]*(?=\n))|(?P<space>[ \t\r\n]+)|(?P<comment>#[^\n]*)"
    r'|(?P<string>"""(?:[^"\\]|\\.|"(?!""))*"{3,5}|' + r"'''(?:[^']|'(?!''))*'{3,5}"
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
    r"|(?P<name>[A-Za-z0-9_-]+)|(?P<sign>[\[\]=,])",
    re.DOTALL,
)
_TEXTS = ("title", "text")  # of an example


class CannotFormat(ValueError):
    """The file is not a language file, which has only tables with lists of terms, and examples."""


@dataclass(slots=True)
class _Entry:
    """A term or a text as written, with the comments above and after it."""

    written: str
    above: list[str]
    behind: str = ""

    def lines(self, before: str, after: str = "", indent: str = "") -> Iterator[str]:
        yield from (indent + comment for comment in self.above)
        yield f"{indent}{before}{self.written}{after}" + (f"  {self.behind}" if self.behind else "")


@dataclass(slots=True)
class _Block:
    """One [concept] or [[example]]: its lists and texts by key."""

    name: str
    above: list[str]
    behind: str = ""
    lists: dict[str, list[_Entry]] = field(default_factory=dict)
    ends: dict[str, list[str]] = field(default_factory=dict)  # comments before the end of a list
    texts: dict[str, _Entry] = field(default_factory=dict)

    @property
    def is_example(self) -> bool:
        return self.name in EXAMPLES

    def lines(self) -> Iterator[str]:
        header = f"[[{self.name}]]" if self.is_example else f"[{self.name}]"
        yield from self.above
        yield header + (f"  {self.behind}" if self.behind else "")
        for key in _TEXTS:
            if key in self.texts:
                yield from self.texts[key].lines(f"{key} = ")
        for key in ("terms", "unless"):
            if key in self.lists:
                yield f"{key} = ["
                for entry in sorted(self.lists[key], key=lambda entry: sort_key(_value(entry.written))):
                    yield from entry.lines("", ",", "    ")
                yield from ("    " + comment for comment in self.ends.get(key, ()))
                yield "]"


def format_language_file(text: str) -> str:
    """`text`, which must be valid TOML, formatted. Raises CannotFormat if it is not a language file."""
    reader = _Reader(text)
    reader.read()
    concepts = sorted((block for block in reader.blocks if not block.is_example), key=lambda block: block.name)
    examples = [block for kind in EXAMPLES for block in reader.blocks if block.name == kind]
    parts = [*reader.top, *("\n".join(block.lines()) for block in (*concepts, *examples))]
    if reader.comments:
        parts.append("\n".join(reader.comments))
    formatted = "\n\n".join(parts) + "\n" if parts else ""
    if _meaning(formatted) != _meaning(text):
        raise CannotFormat("the layout would change what the file says")
    return formatted


def _meaning(text: str) -> object:
    data = tomllib.loads(text)
    for table in data.values():
        for key in table if isinstance(table, dict) else ():
            if isinstance(table[key], list):
                table[key] = sorted(table[key])
    return data


def _value(written: str) -> str:
    return str(tomllib.loads(f"value = {written}")["value"])


def quoted(text: str) -> str:
    """`text` as a TOML string in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'


class _Reader:
    """Reads the tokens of a language file into blocks. `comments`: those that belong to the next entry."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0
        self.blocks: list[_Block] = []
        self.comments: list[str] = []
        self.top: list[str] = []  # comments at the start of the file that a blank line sets apart

    def read(self) -> None:
        while self.at < len(self.tokens):
            kind, written, line_start = self.tokens[self.at]
            if kind == "comment":
                self.comment(written, line_start)
            elif kind == "blank":
                if self.comments and not self.blocks:
                    self.top.append("\n".join(self.comments))
                    self.comments = []
                self.at += 1
            elif written == "[":
                self.header()
            else:
                self.pair()

    def comment(self, written: str, line_start: bool) -> None:
        block = self.blocks[-1] if self.blocks else None
        if line_start or block is None:
            self.comments.append(written)
        elif block.texts:
            block.texts[list(block.texts)[-1]].behind = written
        elif block.lists:
            block.ends[list(block.lists)[-1]].append(written)
        else:
            block.behind = written
        self.at += 1

    def header(self) -> None:
        brackets = 2 if self.peek(1) == "[" else 1
        self.at += brackets
        name = self.take("name", "string")
        for _ in range(brackets):
            self.take("]")
        name = _value(name) if name[0] in "\"'" else name
        if (brackets == 2) != (name in EXAMPLES):
            raise CannotFormat(f"[{name}] is not the header of a concept or an example")
        self.blocks.append(_Block(name, self.waiting()))

    def pair(self) -> None:
        key = self.take("name")
        self.take("=")
        if not self.blocks or key not in (_TEXTS if self.blocks[-1].is_example else ("terms", "unless")):
            raise CannotFormat(f"{key} is not expected here")
        above, block = self.waiting(), self.blocks[-1]
        if block.is_example:
            block.texts[key] = _Entry(self.take("string"), above)
        else:
            block.above += above
            block.lists[key] = self.items(block, key)

    def items(self, block: _Block, key: str) -> list[_Entry]:
        """The elements of a list, up to its end."""
        self.take("[")
        found: list[_Entry] = []
        while True:
            kind, written, line_start = self.tokens[self.at]
            self.at += 1
            if kind == "comment":
                if found and not line_start:
                    found[-1].behind = written
                else:
                    self.comments.append(written)
            elif kind == "string":
                found.append(_Entry(quoted(_value(written)), self.waiting()))
            elif written == "]":
                block.ends[key] = self.waiting()
                return found
            elif kind != "blank" and written != ",":
                raise CannotFormat(f"{written} is not expected in a list of terms")

    def waiting(self) -> list[str]:
        comments, self.comments = self.comments, []
        return comments

    def peek(self, ahead: int) -> str:
        return self.tokens[self.at + ahead][1] if self.at + ahead < len(self.tokens) else ""

    def take(self, *expected: str) -> str:
        """The next token, of a kind or sign that is expected."""
        kind, written, _ = self.tokens[self.at] if self.at < len(self.tokens) else ("", "the end of the file", False)
        if kind not in expected and written not in expected:
            raise CannotFormat(f"{written} is not expected here")
        self.at += 1
        return written


def _tokens(text: str) -> Iterator[tuple[str, str, bool]]:
    """The tokens: kind, text, and whether it is the first of its line. Of space, only blank lines are kept."""
    at, line_start = 0, True
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise CannotFormat(f"{text[at]!r} is not expected here")
        at, kind = found.end(), str(found.lastgroup)
        if kind != "space":
            yield kind, found[0], line_start
        line_start = "\n" in found[0] if kind in ("space", "blank") else False

"""Finds the line of every key, table and array element of a TOML document, which `tomllib` does not report.

A document is scanned only when a fault is reported.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left

#: Keys and, for elements of arrays, their numbers from 0: ("alert", 1, "query").
Path = tuple[str | int, ...]

_SPACE = re.compile(r"(?:\s++|#[^\n]*+)*+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]++")
_STRING = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"""(?:"{0,2})'
    r"|'''(?:[^']++|'(?!''))*+'''(?:'{0,2})"
    r'|"(?:[^"\\]++|\\.)*+"'
    r"|'[^']*+'",
    re.DOTALL,
)
_SCALAR = re.compile(r"\d{4}-\d\d-\d\d \d\d[^,\]}\s#]*+|[^,\]}\s#]++")  # a date and a time may have a space between


def lines_of(text: str) -> dict[Path, int]:
    """Path -> line, counted from 1. `text` must be valid TOML."""
    return _Scanner(text).document()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.newlines = [found.start() for found in re.finditer("\n", text)]
        self.lines: dict[Path, int] = {}
        self.lengths: dict[Path, int] = {}  # of arrays of tables

    def document(self) -> dict[Path, int]:
        table: Path = ()
        while self.skip() < len(self.text):
            if self.text.startswith("[[", self.at):
                table = self.header(2)
            elif self.text[self.at] == "[":
                table = self.header(1)
            else:
                self.pair(table)
        return self.lines

    def skip(self, expected: str = "") -> int:
        """Skip space, line ends and comments, and `expected` if it follows; returns the new position."""
        for pattern in (_SPACE, re.compile(re.escape(expected)), _SPACE) if expected else (_SPACE,):
            found = pattern.match(self.text, self.at)
            self.at = found.end() if found else self.at
        return self.at

    def line(self) -> int:
        return bisect_left(self.newlines, self.at) + 1

    def header(self, brackets: int) -> Path:
        """Read the header [table], or [[element]] with two brackets; returns its path."""
        line = self.line()
        self.at += brackets
        path: Path = ()
        *outer, last = self.key()
        for part in outer:
            path = (*path, part)
            self.lines.setdefault(path, line)
            if path in self.lengths:
                path = (*path, self.lengths[path] - 1)
        path = (*path, last)
        if brackets == 2:
            self.lines.setdefault(path, line)
            self.lengths[path] = self.lengths.get(path, 0) + 1
            path = (*path, self.lengths[path] - 1)
        self.lines[path] = line
        self.skip("]" * brackets)
        return path

    def key(self) -> list[str]:
        """Read a dotted key; returns its parts."""
        parts: list[str] = []
        while True:
            self.skip()
            found = _BARE_KEY.match(self.text, self.at) or _STRING.match(self.text, self.at)
            if not found:
                return parts
            self.at = found.end()
            quoted = found[0][0] in "\"'"
            parts.append(tomllib.loads(f"key = {found[0]}")["key"] if quoted else found[0])
            self.skip(".")

    def pair(self, table: Path) -> None:
        line, path = self.line(), table
        for part in self.key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self.skip("=")
        self.value(path)

    def value(self, path: Path) -> None:
        opening = self.text[self.at]
        if opening == "[":
            self.items(path, "]")
        elif opening == "{":
            self.items(path, "}")
        else:
            found = (_STRING if opening in "\"'" else _SCALAR).match(self.text, self.at)
            self.at = found.end() if found else len(self.text)

    def items(self, path: Path, closing: str) -> None:
        """Read the elements of an array, or the pairs of an inline table."""
        self.at += 1
        number = 0
        while self.skip() < len(self.text) and self.text[self.at] != closing:
            if closing == "}":
                self.pair(path)
            else:
                self.lines[*path, number] = self.line()
                self.value((*path, number))
            number += 1
            self.skip(",")
        self.at += 1

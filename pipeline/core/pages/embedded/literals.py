"""Reads a value written in JavaScript: JSON, object literals, and the calls in which frameworks wrap their state.

Nothing is evaluated. Names are looked up among the parameters of the wrapping function, as Nuxt 2 writes its state:
`(function(a,b){return {title:a,text:b}}("…","…"))`.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

TOKENS = 400_000  # of one value
DEPTH = 150

_TOKEN = re.compile(
    r"""(?:\s|//[^\n]*|/\*.*?\*/)*
    (?: (?P<string>"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*'|`[^`\\]*(?:\\.[^`\\]*)*`)
      | (?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<name>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)
      | (?P<mark>[{}\[\]():,;!+=-]) )""",
    re.S | re.X,
)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.S)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "", "\n": "", "\r\n": "", "\r": ""}
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None, "NaN": None, "Infinity": None}
_PARAMETERS = re.compile(
    r"\s*\(?\s*function\s*[\w$]*\s*\(([^()]{0,100000})\)\s*\{|\s*\(?\s*\(([^()]{0,100000})\)\s*=>\s*\{"
)


class _Name:
    """A parameter whose value stands after the function."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def read(text: str, start: int = 0) -> tuple[Any, int]:
    """The value at `start`, and the position behind it. Raises ValueError."""
    if function := _PARAMETERS.match(text, start):
        return _function(text, function)
    reader = _Reader(text, start)
    return reader.value(0), reader.position


def _function(text: str, head: re.Match[str]) -> tuple[Any, int]:
    """What a function that is called where it stands returns."""
    reader = _Reader(text, head.end())
    assigned: list[tuple[str, Any]] = []
    while (word := reader.take("name")) != "return":
        reader.expect("=")
        assigned.append((word, reader.value(0)))
        reader.skip(",;")
    result = reader.value(0)
    reader.skip(";")
    for mark in "}", ")":
        reader.skip(mark, 1)
    reader.expect("(")
    values = reader.items(")", 0)
    names = (head[1] or head[2] or "").replace(" ", "").split(",")
    known = dict(zip(names, values, strict=False))
    for path, value in assigned:  # a.title="…" completes an argument {}
        owner, _, key = path.partition(".")
        if isinstance(target := known.get(owner), dict):
            target[key] = value
    return _filled(result, known, 0), reader.position


def _filled(value: Any, known: dict[str, Any], depth: int) -> Any:
    if isinstance(value, _Name):
        value = known.get(value.name)
    if depth > DEPTH or not isinstance(value, dict | list):
        return None if isinstance(value, _Name) else value
    if isinstance(value, list):
        return [_filled(each, known, depth + 1) for each in value]
    return {key: _filled(each, known, depth + 1) for key, each in value.items()}


class _Reader:
    def __init__(self, text: str, position: int) -> None:
        self._text, self.position, self._left = text, position, TOKENS

    def _next(self) -> re.Match[str]:
        found = _TOKEN.match(self._text, self.position)
        self._left -= 1
        if found is None or self._left < 0:
            raise ValueError(f"no value at {self.position}")
        self.position = found.end()
        return found

    def _peek(self) -> str:
        found = _TOKEN.match(self._text, self.position)
        return (found["mark"] or "") if found else ""

    def take(self, kind: str) -> str:
        found = self._next()[kind]
        if found is None:
            raise ValueError(f"no {kind} at {self.position}")
        return str(found)

    def expect(self, mark: str) -> None:
        if self.take("mark") != mark:
            raise ValueError(f"no {mark} at {self.position}")

    def skip(self, marks: str, times: int = 10) -> None:
        while times and (mark := self._peek()) and mark in marks:
            self.position = self._next().end()
            times -= 1

    def value(self, depth: int) -> Any:
        """A value, with what is added to it by `+`."""
        if depth > DEPTH:
            raise ValueError("too deep")
        value = self._single(depth)
        while self._peek() == "+":
            self._next()
            added = self._single(depth + 1)
            value = f"{value}{added}" if isinstance(value, str) and isinstance(added, str | int | float) else value
        return value

    def _single(self, depth: int) -> Any:
        token = self._next()
        if token["string"]:
            return _string(token["string"])
        if token["number"]:
            return int(token["number"], 16) if token["number"][:2] in ("0x", "0X") else float(token["number"])
        if token["name"]:
            return self._named(token["name"], depth)
        match token["mark"]:
            case "{":
                return self._object(depth)
            case "[":
                return self.items("]", depth)
            case "!":
                return not self._single(depth + 1)
            case "-":
                return self._single(depth + 1)
            case "(":
                value = self.value(depth + 1)
                self.expect(")")
                return value
        raise ValueError(f"no value at {self.position}")

    def _named(self, name: str, depth: int) -> Any:
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name in ("void", "new"):
            value = self._single(depth + 1)
            return None if name == "void" else value
        if self._peek() != "(":
            return _Name(name)
        self._next()
        values = self.items(")", depth)
        first = values[0] if values else None
        if isinstance(first, str):
            if name == "JSON.parse":
                return json.loads(first, strict=False)
            if name in ("decodeURIComponent", "decodeURI", "unescape"):
                return unquote(first)
        return first

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            token = self._next()
            if token["mark"] == "}":
                return found
            if token["mark"] == ",":
                continue
            if token["mark"]:
                raise ValueError(f"no key at {self.position}")
            key = _string(token["string"]) if token["string"] else token["name"] or token["number"]
            if token["name"] and self._peek() in (",", "}"):  # {title} stands for {title: title}
                found[key] = _Name(key)
                continue
            self.expect(":")
            found[key] = self.value(depth + 1)

    def items(self, end: str, depth: int) -> list[Any]:
        """The values up to `end`."""
        found: list[Any] = []
        while (mark := self._peek()) != end:
            if mark == ",":
                self._next()
                continue
            found.append(self.value(depth + 1))
            if self._peek() not in (",", end):
                raise ValueError(f"no end of a list at {self.position}")
        self._next()
        return found


def _string(raw: str) -> str:
    text = raw[1:-1]
    if "\\" not in text:
        return text
    if raw[0] == '"':
        with suppress(ValueError):  # most are JSON, too, and json reads them in C
            return _paired(json.loads(raw, strict=False))
    return _paired(_ESCAPE.sub(_character, text))


def _paired(text: str) -> str:
    """`text` with one character for each pair of surrogates."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2] or escape[3]
    if digits:
        return chr(min(int(digits, 16), 0x10FFFF))
    return _LETTERS.get(escape[4], escape[4])

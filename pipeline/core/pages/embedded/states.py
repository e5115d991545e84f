"""Finds the states that a page carries in scripts and attributes: those of Next, Nuxt, Gatsby, Apollo and others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from pipeline.core.pages.embedded import literals

STATE_LIMIT = 4_000_000  # bytes of one script
SCRIPT_LIMIT = 1_500_000  # characters of a script that is no JSON
LEAST = 200  # bytes; an article is longer
STATES = 40  # of a page

_OPENING, _CLOSING = re.compile(rb"<script\b([^>]{0,1000})>", re.I), re.compile(rb"</script", re.I)
_JSON = re.compile(rb"json|shoebox|x-state|__NEXT_DATA__|__NUXT_DATA__", re.I)
_LINKED = re.compile(rb"ld\+json|importmap|speculationrules|\bsrc\s*=", re.I)
_ATTRIBUTE = re.compile(
    rb"\s(?:data-[\w-]{1,40}|props|state|:[\w-]{1,40})=(?:\"(\{&quot;[^\"]{200,})\"|'(\{\"[^']{200,})')"
)
_ASSIGNED = re.compile(
    r"(?:\b(?:window|self|globalThis|var|let|const)\b[\s.\[]*[\"']?|\b)([A-Za-z_$][\w$.-]{2,60})[\"'\]]*\s*"
    r"(?:=\s*[\w$.]{1,60}\s*\|\|\s*\{\}\s*;?\s*)?=\s*"
    r"(?=[{\[\"'`]|JSON\.parse\(|\(?function|decodeURI|Object\.)"
)
_FLIGHT = re.compile(r"__next_f\.push\(")
_ROW = re.compile(rb"([0-9a-f]{1,8}):")
_ANGULAR = (("&q;", '"'), ("&l;", "<"), ("&g;", ">"), ("&s;", "'"), ("&a;", "&"))


def read(html: bytes) -> Iterator[Any]:
    """The states in `html`, most of them dicts, in the order of the page."""
    flight: list[str] = []
    found = 0
    for attributes, body in _scripts(html):
        if len(body) > STATE_LIMIT or _LINKED.search(attributes) or found >= STATES:
            continue
        text = body.decode("utf-8", "replace")
        if _FLIGHT.search(text):
            flight.extend(_pushed(text))
            continue
        if len(body) < LEAST:
            continue
        is_json = _JSON.search(attributes) or body[:1] in b"{["
        for value in _json(text) if is_json else _assigned(text):
            found += 1
            yield value
    if flight:
        yield from _rows("".join(flight))
    for attribute in list(_ATTRIBUTE.finditer(html))[:STATES]:
        yield from _json(unescape((attribute[1] or attribute[2]).decode("utf-8", "replace")))


def _scripts(html: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The attributes and bodies of the scripts; linear in the size of the page, however many are not closed."""
    position = 0
    while (opening := _OPENING.search(html, position)) and (closing := _CLOSING.search(html, opening.end())):
        yield opening[1], html[opening.end() : closing.start()].strip()
        position = closing.end()


def _json(text: str) -> list[Any]:
    text = text.strip()
    for opening, closing in (("<!--", "-->"), ("/*<![CDATA[*/", "/*]]>*/")):
        text = text.removeprefix(opening).removesuffix(closing).strip()
    if text.startswith(("{&q;", "[{&q;")):
        for escaped, character in _ANGULAR:
            text = text.replace(escaped, character)
    elif text.startswith(("{&quot;", "[{&quot;")):
        text = unescape(text)
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return []
    if isinstance(value, list) and len(value) > 2 and _is_flattened(value):
        return [_unflattened(value)]
    return [value] if isinstance(value, dict | list) else []


def _assigned(text: str) -> Iterator[Any]:
    """What a script assigns to names."""
    if len(text) > SCRIPT_LIMIT:
        return
    position = 0
    for _ in range(STATES):
        start = _ASSIGNED.search(text, position)
        if start is None:
            return
        position = start.end()
        try:
            value, end = _value(text, position)
        except (ValueError, RecursionError):
            continue
        if end - position >= LEAST:
            position = end
            if isinstance(value, str) and value[:1] in "{[":
                yield from _json(value)
            elif isinstance(value, dict | list):
                yield value


def _value(text: str, position: int) -> tuple[Any, int]:
    if text[position] in "{[":
        try:
            return json.JSONDecoder(strict=False).raw_decode(text, position)
        except ValueError:
            pass
    return literals.read(text, position)


# --- Next's flight rows ----------------------------------------------------------------------------------------------


def _pushed(text: str) -> Iterator[str]:
    """The strings of `self.__next_f.push([1,"…"])`."""
    broken = 0  # the error counts the lines before it, so each costs as much as the script is long
    for push in _FLIGHT.finditer(text):
        try:
            value, _ = json.JSONDecoder(strict=False).raw_decode(text, push.end())
        except (ValueError, RecursionError):
            broken += 1
            if broken > STATES:
                return
            continue
        if isinstance(value, list) and len(value) == 2 and value[0] == 1 and isinstance(value[1], str):
            yield value[1]


def _rows(stream: str) -> Iterator[Any]:
    """The values of the rows `id:JSON` and `id:T<length in hex>,text`; texts stand where rows refer to them."""
    body = stream.encode("utf-8", "replace")
    texts: dict[str, str] = {}
    values: list[Any] = []
    position = 0
    while (row := _ROW.match(body, position)) is not None:
        start = row.end()
        comma = body.find(b",", start, start + 10)
        if body[start : start + 1] == b"T" and comma > 0:
            try:
                position = comma + 1 + int(body[start + 1 : comma], 16)
            except ValueError:
                return
            texts[f"${row[1].decode()}"] = body[comma + 1 : position].decode("utf-8", "replace")
        else:
            position = body.find(b"\n", start) + 1 or len(body)
            try:
                values.append(json.loads(body[start:position]))
            except (ValueError, RecursionError):
                continue
    for value in values:
        if isinstance(value, dict | list):
            yield _with_texts(value, texts, 0)


def _with_texts(value: Any, texts: dict[str, str], depth: int) -> Any:
    if isinstance(value, str):
        return texts.get(value, value) if value[:1] == "$" else value
    if depth > literals.DEPTH:
        return None
    if isinstance(value, list):
        return [_with_texts(each, texts, depth + 1) for each in value]
    if isinstance(value, dict):
        return {key: _with_texts(each, texts, depth + 1) for key, each in value.items()}
    return value


# --- Nuxt 3's payload ------------------------------------------------------------------------------------------------


def _is_flattened(values: list[Any]) -> bool:
    """Whether all values of the first entry are indices: the format of devalue."""
    first = values[0]
    inner = list(first.values()) if isinstance(first, dict) else first if isinstance(first, list) else []
    indices = [each for each in inner if not isinstance(each, str)]
    return bool(indices) and all(type(each) is int and -10 < each < len(values) for each in indices)


def _unflattened(values: list[Any]) -> Any:
    """The value of devalue's format, in which objects and lists hold the indices of their values."""
    done: dict[int, Any] = {}
    open_: set[int] = set()

    def at(index: Any, depth: int) -> Any:
        if type(index) is not int or not 0 <= index < len(values) or index in open_ or depth > literals.DEPTH:
            return None
        if index not in done:
            open_.add(index)
            done[index] = built(values[index], depth + 1)
            open_.discard(index)
        return done[index]

    def built(value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return {key: at(each, depth) for key, each in value.items()}
        if not isinstance(value, list):
            return value
        if value and isinstance(value[0], str):  # ["Reactive", index], ["Date", "…"]
            return at(value[1], depth) if len(value) == 2 else [at(each, depth) for each in value[1:]]
        return [at(each, depth) for each in value]

    return at(0, 0)

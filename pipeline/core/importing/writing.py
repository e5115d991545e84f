"""Writes imported rules as TOML for alerts.toml."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

LONG = 100  # characters of a query from which on it has several lines
_ORDER = ("name", "id", "description", "query")


def written(rules: Iterable[Mapping[str, Any]], channels: Iterable[str], source: str = "") -> str:
    """The rules as [[alert]] tables, each with these channels."""
    names = list(channels)
    heading = f"# Imported from {source}\n" if source else ""
    return heading + "\n".join(_table({**rule, "channels": names}) for rule in rules)


def _table(rule: Mapping[str, Any]) -> str:
    keys = [*(key for key in _ORDER if key in rule), *(key for key in rule if key not in _ORDER)]
    return "[[alert]]\n" + "".join(f"{key} = {_value(key, rule[key])}\n" for key in keys)


def _value(key: str, value: Any) -> str:
    if key == "query" and len(value) > LONG and "'''" not in value:
        return f"'''\n{_wrapped(value)}\n'''"
    if key == "query" and '"' in value and "'" not in value:
        return f"'{value}'"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value("", one) for one in value) + "]"
    # A JSON string is a TOML basic string, except for DEL, which TOML wants escaped (toml.io, v1.0.0, String).
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _wrapped(query: str) -> str:
    """Lines of at most LONG characters, broken at blanks outside quotation marks."""
    lines, line, inside = [""], "", False
    for word in query.split(" "):
        if line and len(line) + len(word) >= LONG and not inside:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
        inside ^= (word.count('"') - word.count('\\"')) % 2 == 1
    return "\n".join(f"  {one}" for one in [*lines[1:], line])


def list_text(name: str, entries: Iterable[str], source: str) -> str:
    """A file of lists/."""
    return f"# @{name}: imported from {source}\n" + "".join(f"{entry}\n" for entry in entries)

"""Writes tables of plain values as TOML, which the standard library only reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any


def tables(name: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """`[[name]]` tables of strings, numbers, booleans and lists of them. None values are left out."""
    return "\n".join(
        f"[[{name}]]\n" + "".join(f"{key} = {_value(value)}\n" for key, value in row.items() if value is not None)
        for row in rows
    )


def _value(value: Any) -> str:
    # A JSON string is a TOML basic string, except for DEL, which TOML wants escaped (toml.io, v1.0.0, String).
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

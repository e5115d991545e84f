"""Shows a query tree: as plain values for programs, as indented lines for people."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pipeline.core.query.names import NameList
from pipeline.core.query.tree import And, Node, Not, Or

MOST = 200  # lines


def plain(node: Node) -> dict[str, Any]:
    """The tree as values of JSON: `kind` and the properties of the node; a list of names by its name."""
    if isinstance(node, And | Or):
        return {"kind": _kind(node), "parts": [plain(part) for part in node.parts]}
    if isinstance(node, Not):
        return {"kind": "not", "part": plain(node.part)}
    shown: dict[str, Any] = {"kind": _kind(node)}
    for field in fields(node):
        value = getattr(node, field.name)
        shown[field.name] = (
            plain(value) if field.name in ("left", "right") else value.name if isinstance(value, NameList) else value
        )
    return shown


def outline(node: Node) -> list[str]:
    """The tree in lines, each indented below its parent; the end of a long one is left out."""
    lines = _lines(plain(node), "")
    return lines if len(lines) <= MOST else [*lines[:MOST], f"… {len(lines) - MOST} more lines"]


def _lines(shown: dict[str, Any], indent: str) -> list[str]:
    properties, inner = [], []
    for name, value in shown.items():
        if isinstance(value, dict):
            inner.append(value)
        elif name == "parts" and value and isinstance(value[0], dict):
            inner += value
        elif name == "parts":
            properties.append(" ".join(_alternatives(part) for part in value))
        elif name != "kind" and value not in (None, False, 0):
            properties.append(name if value is True else f"{name}={value}")
    lines = [indent + " ".join([shown["kind"].upper(), *properties])]
    return lines + [line for part in inner for line in _lines(part, indent + "  ")]


def _alternatives(part: tuple[tuple[str, ...], ...]) -> str:
    texts = [" ".join(tokens) for tokens in part]
    return texts[0] if len(texts) == 1 else f"({' | '.join(texts)})"


def _kind(node: Node) -> str:
    return {"InList": "list", "Apart": "not near"}.get(type(node).__name__, type(node).__name__.lower())

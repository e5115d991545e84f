"""Describes the operations in OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1): made from the tables that make the
routes, so that it cannot say anything else."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from pipeline.console.api.operation import JSON, LONGEST_ID, Operation
from pipeline.console.api.problem import PATH, TYPE, Problem
from pipeline.console.safety.tokens import HEADER

VERSION = "1.0.0"
REF = "#/components/schemas/{name}"
ABOUT = """Stories, articles, alerts and sources of Almenara, and what people decide about them.

A program sends a token that `almenara users token NAME` made: `Authorization: Bearer TOKEN`, or HTTP Basic with the
name of the user and the token as password. It may then do what the user may. On a console without users, only
programs of this machine reach it, without a token. Requests that change something are POST with JSON. What goes
wrong is answered as a problem (RFC 9457) with words that say what to do. Within version 1 names and meanings stay;
parts may be added."""
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "a token of `almenara users token NAME`"},
    "basic": {"type": "http", "scheme": "basic", "description": "name of the user, and the token as password"},
    "session": {
        "type": "apiKey", "in": "cookie", "name": "almenara",
        "description": f"the session of a browser; POST also needs the token of its pages as {HEADER.title()}",
    },
}  # fmt: skip


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The OpenAPI document of the operations."""
    kinds = [kind for one in operations for kind in (one.answer, one.body, one.query) if kind is not None]
    schemas, components = msgspec.json.schema_components([*kinds, Problem], ref_template=REF)
    by_kind = dict(zip(map(id, kinds), schemas, strict=False))
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, by_kind, components)
    queries = {one.query.__name__ for one in operations}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Almenara", "version": VERSION, "description": ABOUT},
        "servers": [{"url": PATH}],
        "security": [{}, *({name: []} for name in SCHEMES)],
        "tags": [{"name": tag} for tag in dict.fromkeys(one.tag for one in operations)],
        "paths": paths,
        "components": {
            "schemas": {name: _plain(schema) for name, schema in components.items() if name not in queries},
            "securitySchemes": SCHEMES,
            "responses": {"Problem": {
                "description": "why it was refused or failed",
                "content": {TYPE: {"schema": {"$ref": REF.format(name="Problem")}}},
            }},
        },
    }  # fmt: skip


def _operation(one: Operation, by_kind: dict[int, Any], components: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": one.id, "tags": [one.tag], "summary": one.summary,
        "parameters": [*_path(one), *_query(components[one.query.__name__])],
        "responses": {
            str(one.status): {
                "description": "accepted: a stage does it" if one.status == 202 else "what was asked for",
                "content": {media: {"schema": by_kind[id(one.answer)]} for media in one.media},
            },
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }  # fmt: skip
    if one.editors:
        made["description"] = "For editors."
    if one.body is not None:
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": by_kind[id(one.body)]}}}
    return made


def _path(one: Operation) -> Iterable[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_ID, "pattern": "^[^/]+$"}
    for name in re.findall(r"{(\w+)}", one.path):
        yield {"name": name, "in": "path", "required": True, "schema": schema, "description": one.path_words[name]}


def _query(schema: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for name, value in schema["properties"].items():
        known = {key: _plain(part) for key, part in value.items() if key != "description"}
        made = {"name": name, "in": "query", "required": False, "schema": _without_null(known)}
        yield made | ({"description": value["description"]} if "description" in value else {})


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of what can be written behind `?`, where a value is there or not."""
    rest = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return dict(rest[0]) if len(rest) == 1 else schema


def _plain(schema: Any) -> Any:
    """The schema, with descriptions in one line: docstrings are indented."""
    if isinstance(schema, dict):
        return {
            key: " ".join(inspect.cleandoc(value).split()) if key == "description" and isinstance(value, str)
            else _plain(value)
            for key, value in schema.items()
        }  # fmt: skip
    return [_plain(one) for one in schema] if isinstance(schema, list) else schema

"""Converts documents for Elasticsearch and back.

Fields have the names of the Elastic Common Schema (ECS) if it has one, and otherwise `news.*`; `key.*` are fields that
only queries compare, `record` is the record itself. docs/fields.md lists the fields, mapping.py their types.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from pipeline.core.documents.fields import (
    FIELDS,
    QUERY_FIELDS,
    TEXT_FIELDS,
    Kind,
    keyword,
    micros,
    several,
    several_values,
)
from pipeline.core.documents.mapping import COMPARED, SHOWN, STEMMED, URL
from pipeline.core.text.positions import positions
from pipeline.records import Document, decode

ECS = "9.0.0"  # version of the schema

_SENT = tuple(field for field in FIELDS if field.elastic or field.query)


def month(moment: datetime) -> str:
    """The month whose index holds what was first seen at `moment`, as 2026.03."""
    return moment.astimezone(UTC).strftime("%Y.%m")


def key(value: str) -> str:
    """A keyword as it is compared, in documents and in queries."""
    return keyword(value)[:COMPARED]


def document_source(document: Document) -> dict[str, Any]:
    """The Elasticsearch source of a document, to be encoded by msgspec. `record` omits title and text."""
    article = document.article
    values = {field.name: field.get(document) for field in _SENT}  # some are costly: each is computed once
    shown = ((name, field.kind, values[field.name]) for field in _SENT for name in field.elastic)
    source = nested((*constants("event", "documents"), *shown))
    news = source["news"]
    if places := document.tags.places:
        news["places"] = [
            {"name": place.name[:SHOWN], "country": place.country, "location": {"lat": place.lat, "lon": place.lon}}
            for place in places
        ]
    if facts := document.tags.facts:
        news["facts"] = _bare(msgspec.to_builtins(facts))
    if article.language in STEMMED:
        news["stemmed"] = {article.language: f"{article.title.value}\n{article.text}"}
    source["key"] |= _keys(values)
    source["words"], source["others"] = {}, {}
    for name in TEXT_FIELDS:
        written = positions(values[QUERY_FIELDS[name].name], article.language or "")
        source["words"][name], source["others"][name] = written.blocks, " ".join(written.others)
    source["record"] = replace(document, article=replace(article, title=replace(article.title, value=""), text=""))
    return source


def document_of(source: dict[str, Any]) -> Document:
    """The document in a source made by `document_source`. Raises SchemaError for a record of another schema."""
    document = decode(Document, msgspec.json.encode(source["record"]))
    article = document.article
    title = replace(article.title, value=source["news"]["title"])
    return replace(document, article=replace(article, title=title, text=source["news"]["text"]))


def constants(kind: str, dataset: str) -> tuple[tuple[str, Kind, str], ...]:
    """The fields whose values are the same throughout an index."""
    return (
        ("ecs.version", Kind.KEYWORD, ECS),
        ("event.kind", Kind.KEYWORD, kind),
        ("event.module", Kind.KEYWORD, "almenara"),
        ("event.dataset", Kind.KEYWORD, f"almenara.{dataset}"),
    )


def nested(fields: Iterable[tuple[str, Kind, Any]]) -> dict[str, Any]:
    """Nested objects from dotted names, without unknown values, and with keywords cut to their maximum length."""
    source: dict[str, Any] = {}
    for path, kind, value in fields:
        if kind is Kind.KEYWORD:
            value = _cut(value, COMPARED if path == URL else SHOWN)
        if value is None or value == ():
            continue
        *parents, name = path.split(".")
        target = source
        for parent in parents:
            target = target.setdefault(parent, {})
        target[name] = value
    return source


def _cut(value: str | tuple[str, ...] | None, length: int) -> str | tuple[str, ...] | None:
    if isinstance(value, tuple):
        return tuple(one[:length] for one in value if one)
    return value[:length] if value else None


def _bare(value: Any) -> Any:
    """Facts without their evidence: a leaf ({value, sentence, …}) becomes its value, cut like a keyword."""
    if isinstance(value, dict):
        return _bare(value["value"]) if "value" in value else {name: _bare(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_bare(part) for part in value]
    return _cut(value, SHOWN) if isinstance(value, str) else value


def _keys(values: dict[str, Any]) -> dict[str, Any]:
    """Every field of the query language except texts, in the form that is compared. Unknown dates are left out.

    `published_after` is the time from `first_seen` to `published` (mostly negative), for ranges relative to `now`.
    """
    keys: dict[str, Any] = {}
    seen = micros(values["first_seen"])
    for name, field in QUERY_FIELDS.items():
        value = values[field.name]
        if field.kind is Kind.KEYWORD and (words := several(value)):
            keys[name] = [key(word) for word in words]
        elif field.kind is Kind.DATE and (moments := several_values(value)):
            keys[name] = _one_or_all([micros(moment) for moment in moments])
            if name != "first_seen":
                keys[f"{name}_after"] = _one_or_all([micros(moment) - seen for moment in moments])
        elif field.kind is Kind.NUMBER and (numbers := several_values(value)):
            keys[name] = _one_or_all(list(numbers))
    return keys


def _one_or_all(numbers: list[int]) -> int | list[int]:
    return numbers[0] if len(numbers) == 1 else numbers

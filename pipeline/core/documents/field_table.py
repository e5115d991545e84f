"""Makes mapping and source of a record in Elasticsearch from one table of its fields, for alerts and stories."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec

from pipeline.core.documents.ecs import constants, nested
from pipeline.core.documents.fields import Kind
from pipeline.core.documents.mapping import SHARED, Leaf, leaf
from pipeline.records import Record, decode

R = TypeVar("R", bound=Record)
#: Name in Elasticsearch, kind, value, description ("" where a document's field of the same name has it).
Row = tuple[str, Kind, Callable[[R], Any], str]


def leaves_of(rows: Iterable[Row[R]]) -> list[Leaf]:
    """Every field of an index of such records."""
    return [*SHARED, *(leaf(name, kind, about) for name, kind, _, about in rows)]


def source_of(rows: Iterable[Row[R]], record: R, event: str, dataset: str) -> dict[str, Any]:
    """The Elasticsearch source of a record, to be encoded by msgspec. `event`: its event.kind."""
    fields = ((name, kind, get(record)) for name, kind, get, _ in rows)
    source = nested((*constants(event, dataset), *fields))
    source["record"] = record
    return source


def record_of(kind: type[R], source: dict[str, Any]) -> R:
    """The record in a source made by `source_of`. Raises SchemaError for a record of another schema."""
    return decode(kind, msgspec.json.encode(source["record"]))

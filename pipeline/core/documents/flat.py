"""Makes the public flat form of a document, which `process`, `search --json` and `export` print.

The form (docs/fields.md) is kept stable: keys are added, never renamed or removed. Values are plain JSON values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pipeline.core.documents.fields import DATE, FIELDS, Field, iso
from pipeline.records import Document

Flat = dict[str, Any]

_FLAT = tuple(field for field in FIELDS if field.flat)

#: Every key of the form in the order it is printed, with its value if unknown.
EMPTY: Mapping[str, Any] = {field.name: field.empty for field in _FLAT}


def flat(document: Document) -> Flat:
    """The document as a dict of JSON values, with every key of EMPTY. Times are ISO 8601 in UTC, ending in `Z`."""
    return {field.name: flat_value(field, document) for field in _FLAT}


def flat_value(field: Field, document: Document) -> Any:
    """The field's value as a JSON value: a list for a tuple, a dict for a struct, a string for a time."""
    value = field.get(document)
    if value is None or value == ():
        return _copied(field.empty)
    if field.kind is DATE:
        return iso(value)
    return value if isinstance(value, str | int) else _json(value)


def dropped(reason: str, known: Mapping[str, Any]) -> Flat:
    """The flat form of an article that was dropped; `known` has its known keys (`id`, `url`, …).

    Raises KeyError for a key that is not part of the form.
    """
    if unknown := known.keys() - EMPTY.keys():
        raise KeyError(f"not in the public form: {', '.join(sorted(unknown))}")
    return {key: known.get(key, _copied(empty)) for key, empty in EMPTY.items()} | {"drop": reason}


def _copied(empty: Any) -> Any:
    return list(empty) if empty == () else empty


def _json(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))

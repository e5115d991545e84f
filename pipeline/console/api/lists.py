"""The parameters of lists that have views: made from the same tables as the views of pages."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pipeline.console.api.operation import Limit, Page, Parameters
from pipeline.console.views.view import LONGEST_QUERY, LONGEST_VALUE, MOST_SOURCES, MOST_VALUES, Kind, View, parse
from pipeline.core.documents.fields import FACETS
from pipeline.core.documents.story_facets import STORY_FACETS
from pipeline.records import Moment

OneOf: Any = Literal  # of values that a table has
Query = Annotated[str, Meta(max_length=LONGEST_QUERY, description="in the query language (docs/queries.md)")]
Least = Annotated[int, Meta(ge=1, le=MOST_SOURCES, description="independent sources at least")]
Fields = tuple[tuple[str, Any, Any], ...]
PAGES: Fields = (("page", Page, 1), ("limit", Limit, 30))


def parameters_of(kind: Kind, name: str, more: Fields = PAGES) -> type[Parameters]:
    """The parameters of the list that has views of this kind, and `more` of its own."""
    fields: list[tuple[str, Any, Any]] = [
        ("q", Query, ""),
        ("sort", OneOf[kind.sorts], kind.sorts[0]),
        ("span", Annotated[OneOf[kind.spans], Meta(description="how far back; all: always")], kind.spans[0]),
    ]
    if kind.timed:
        fields += [(end, Moment | None, None) for end in ("since", "until")]
    fields += [(one, _several(_about(one)), ()) for one in kind.filters]
    if kind.flags:
        flags: Any = tuple[OneOf[kind.flags], ...]
        fields += [("only", Annotated[flags, Meta(max_length=len(kind.flags))], ()), ("sources", Least, 1)]
    fields += more
    made: type[Any] = msgspec.defstruct(
        name, fields, bases=(Parameters,), frozen=True, kw_only=True, forbid_unknown_fields=True
    )
    return made


def view_of(kind: Kind, query: Any) -> View:
    """The view that the parameters ask for."""
    pairs: list[tuple[str, str]] = []
    for name in msgspec.structs.asdict(query):
        value = getattr(query, name)
        if isinstance(value, tuple):
            pairs += [(name, one) for one in value]
        elif value is not None and name not in ("limit", "form"):
            pairs.append((name, value.isoformat() if hasattr(value, "isoformat") else str(value)))
    return parse(kind, pairs)


def _several(about: str) -> Any:
    one = Annotated[str, Meta(min_length=1, max_length=LONGEST_VALUE)]
    return Annotated[tuple[one, ...], Meta(max_length=MOST_VALUES, description=f"one of these must hold: {about}")]


def _about(name: str) -> str:
    if name == "rule":
        return "keys of alert rules that matched"
    found = FACETS.get(name) or STORY_FACETS.get(name)
    return re.sub(r" \(\[.*", "", str(getattr(found, "about", "") or name)).replace("*", "")  # links of the docs

"""Completes queries from what the index holds: names of fields, and their values with counts where these are known."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.documents.fields import FACETS, KEYWORD_FIELDS, QUERY_FIELDS, Field, keyword, plain_about
from pipeline.core.query.completion import Unfinished, completed, unfinished
from pipeline.core.query.search import Search
from pipeline.ports import Index

MOST = 12


@dataclass(frozen=True, slots=True)
class Completion:
    """A way to go on. `text`: the whole query; `about`: what the field is; `count`: how many articles have the value;
    `example`: of a query."""

    text: str
    about: str = ""
    count: int | None = None
    example: str = ""


async def completions(index: Index, text: str) -> list[Completion]:
    """At most MOST ways to go on with a query. Raises Unavailable."""
    found = unfinished(text)
    if found is None:
        return []
    if not found.field:
        named = [one for one in QUERY_FIELDS.values() if found.start and one.query.startswith(found.start.lower())]
        return [Completion(completed(found, one.query), plain_about(one), example=one.example) for one in named[:MOST]]
    if found.field in FACETS:
        return await _counted(index, found)
    if found.field in KEYWORD_FIELDS:
        values = await index.values_starting(found.field, found.start, MOST)
        return [Completion(completed(found, value)) for value in values]
    field = QUERY_FIELDS[found.field]
    return [Completion(f"{found.before}{field.example.partition(':')[2]}", plain_about(field))]


def field_at_end(text: str) -> Field | None:
    """The field whose value the end of a query begins."""
    found = unfinished(text)
    return QUERY_FIELDS[found.field] if found and found.field else None


async def _counted(index: Index, found: Unfinished) -> list[Completion]:
    """Values of a facet as they are shown, the most frequent first."""
    results = await index.search(Search(limit=0, facets=(found.field,)))
    start = keyword(found.start)
    fitting = [(value, n) for value, n in results.facets[found.field].items() if keyword(value).startswith(start)]
    return [Completion(completed(found, value), count=n) for value, n in fitting[:MOST]]

"""Completes queries from what the index holds: names of fields, and their values with counts where these are known."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.documents.fields import FACETS, KEYWORD_FIELDS, QUERY_FIELDS, keyword
from pipeline.core.query.completion import Unfinished, completed, unfinished
from pipeline.core.query.search import Search
from pipeline.ports import Index

MOST = 12


@dataclass(frozen=True, slots=True)
class Completion:
    """A way to go on. `text`: the whole query; `about`: what it is: of a field an example, of a value its count."""

    text: str
    about: str = ""


async def completions(index: Index, text: str) -> list[Completion]:
    """At most MOST ways to go on with a query. Raises Unavailable."""
    found = unfinished(text)
    if found is None:
        return []
    if not found.field:
        named = [one for one in QUERY_FIELDS.values() if found.start and one.query.startswith(found.start.lower())]
        return [Completion(completed(found, one.query), one.example) for one in named[:MOST]]
    if found.field in FACETS:
        return await _counted(index, found)
    if found.field in KEYWORD_FIELDS:
        values = await index.values_starting(found.field, found.start, MOST)
        return [Completion(completed(found, value)) for value in values]
    return [Completion(f"{found.before}{QUERY_FIELDS[found.field].example.partition(':')[2]}", found.field)]


async def _counted(index: Index, found: Unfinished) -> list[Completion]:
    """Values of a facet as they are shown, the most frequent first."""
    results = await index.search(Search(limit=0, facets=(found.field,)))
    start = keyword(found.start)
    fitting = [(value, n) for value, n in results.facets[found.field].items() if keyword(value).startswith(start)]
    return [Completion(completed(found, value), str(n)) for value, n in fitting[:MOST]]

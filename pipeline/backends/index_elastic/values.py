"""Completes values of keyword fields.

What queries compare can only be searched. So what starts right is searched there, and the values are those of the field
that people see; of one that has none, of the newest articles found.
"""

from __future__ import annotations

from typing import Any

from pipeline.backends.index_elastic.search import BY_TIME, COUNT, KEPT, WHOLE, documents_of
from pipeline.core.documents.fields import QUERY_FIELDS, keyword, query_value

COUNTED = 1_000  # values, the most frequent, of which those that start right are taken
SAMPLE = 200  # articles

#: Of fields that are computed, where Elasticsearch has the same values.
SHOWN = {
    "site": "url.domain", "place": "news.places.name", "host": "news.facts.host", "sender": "news.facts.senders",
    "outcome": "news.facts.outcome", "instrument": "news.facts.instrument.kind",
    "instrument_number": "news.facts.instrument.number", "body": "news.facts.body", "armed": "news.facts.armed",
    "weapon": "news.facts.weapons", "unit": "news.facts.units", "purpose": "news.facts.purpose",
}  # fmt: skip


def values_request(field: str, prefix: str) -> dict[str, Any]:
    """Arguments of the client's `search` for the values of `field` that start with `prefix`, which is folded."""
    query = {"prefix": {f"key.{field}": prefix}} if prefix else {"exists": {"field": f"key.{field}"}}
    if shown := _shown(field):
        counted = {"values": {"terms": {"field": shown, "size": COUNTED}}}
        return {"query": query, "aggregations": counted, **COUNT}
    return {"query": query, "size": SAMPLE, "sort": BY_TIME, "source": KEPT, **WHOLE}


def values_of(field: str, prefix: str, answer: dict[str, Any]) -> list[str]:
    """The values in the answer, folded, in their order."""
    if _shown(field):
        buckets = answer.get("aggregations", {}).get("values", {}).get("buckets", ())
        found = {keyword(bucket["key"]) for bucket in buckets}
    else:
        found = {keyword(value) for document in documents_of(answer) for value in query_value(field, document)}
    return sorted(value for value in found if value.startswith(prefix))


def _shown(field: str) -> str:
    names = QUERY_FIELDS[field].elastic
    return names[-1] if names else SHOWN.get(field, "")

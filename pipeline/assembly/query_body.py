"""Shows what a query is in Elasticsearch."""

from __future__ import annotations

from typing import Any

from pipeline.core.query.tree import Node


def elasticsearch_body(node: Node) -> dict[str, Any]:
    """The body of a search for the query, in Query DSL. Raises ValueError for a tree nested too deep."""
    from pipeline.backends.index_elastic.query import translate

    return {"query": translate(node)}

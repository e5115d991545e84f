"""The index in Elasticsearch as its tests open it, fill it and ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec

from pipeline.backends.index_elastic import ElasticIndex, ElasticOptions
from pipeline.records import Document, Place
from tests.contracts.indices import numbered

MONTH = timedelta(days=31)


@asynccontextmanager
async def opened(options: ElasticOptions) -> AsyncIterator[ElasticIndex]:
    index = await ElasticIndex.open(options)
    try:
        yield index
    finally:
        await index.close()


async def ask(index: ElasticIndex, method: str, path: str, body: Any = None) -> Any:
    """A request as a person would make it; `{}` in the path is the prefix."""
    client, options = index._cluster.client("test"), index._cluster.options
    headers = {"accept": "application/json"} | ({"content-type": "application/json"} if body is not None else {})
    answer = await client.perform_request(method, path.replace("{}", options.prefix), headers=headers, body=body)
    return answer.body


async def indices(index: ElasticIndex) -> dict[str, list[str]]:
    """Index without its prefix -> its aliases, likewise."""
    start = len(index._cluster.options.prefix) + 1
    found = await ask(index, "GET", "/{}-*/_alias")
    return {name[start:]: sorted(alias[start:] for alias in about["aliases"]) for name, about in sorted(found.items())}


async def fill(options: ElasticOptions, *documents: Document) -> None:
    async with opened(options) as index:
        await index.put(documents)


def misplaced(n: int) -> Document:
    """One that Elasticsearch never takes: it is nowhere on Earth."""
    nowhere = Place(name="Nowhere", country="PE", lat=999.0, lon=0.0, geoname=1, field="text", start=0, end=1)
    document = numbered(n)
    return msgspec.structs.replace(document, tags=msgspec.structs.replace(document.tags, places=(nowhere,)))

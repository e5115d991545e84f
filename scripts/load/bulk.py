"""Compares the throughput of `ElasticIndex.put` with the client's `helpers.async_bulk` on the same sources, in turns.

Both write into indices with the same templates. `put` also builds the source and key fields of each record, sends
versions, and handles the answers.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch, helpers

from pipeline.assembly.backends import elastic_options
from pipeline.backends.index_elastic import ElasticIndex
from pipeline.config.settings import Elasticsearch, Settings
from pipeline.core.documents.ecs import document_source, month
from pipeline.records import Document
from scripts.load.hops import Records
from scripts.load.place import Servers

BATCH = 500  # documents per request, as in the index stage and the helper
WRITERS = 2  # as in the settings


@dataclass
class Bulk:
    """Documents per second, for each round."""

    documents: int
    bytes: float  # per source, on average
    put: list[float] = field(default_factory=list)
    async_bulk: list[float] = field(default_factory=list)
    stored: float = 0.0  # bytes per document in the index, as written, before merging


async def compare(servers: Servers, records: Records, rounds: int) -> Bulk:
    documents = [record for _, record in records["documents"] if isinstance(record, Document)]
    sources = [msgspec.json.decode(msgspec.json.encode(document_source(one))) for one in documents]
    result = Bulk(len(documents), sum(len(msgspec.json.encode(source)) for source in sources) / len(sources))
    for number in range(rounds + 1):
        put, stored = await _put(servers, documents)
        plain = await _plain(servers, documents, sources)
        if number:  # the first warms the node
            result.put.append(put)
            result.async_bulk.append(plain)
            result.stored = stored / len(documents)
    return result


async def _put(servers: Servers, documents: Sequence[Document]) -> tuple[float, int]:
    index = await _index(servers, "put", documents)
    gate = asyncio.Semaphore(WRITERS)

    async def put(part: Sequence[Document]) -> None:
        async with gate:
            await index.put(part)

    started = time.perf_counter()
    await asyncio.gather(*(put(documents[n : n + BATCH]) for n in range(0, len(documents), BATCH)))
    took = time.perf_counter() - started
    stored = (await index.sizes())["documents"]
    await index.delete()
    await index.close()
    return len(documents) / took, stored


async def _plain(servers: Servers, documents: Sequence[Document], sources: Sequence[dict[str, Any]]) -> float:
    index = await _index(servers, "plain", documents)

    async def actions() -> AsyncIterator[dict[str, Any]]:
        for document, source in zip(documents, sources, strict=True):
            alias = f"{_prefix('plain')}-documents-{month(document.relation.first_seen)}"
            yield {"_index": alias, "_id": document.article.id, "_source": source}

    async with AsyncElasticsearch(servers.elasticsearch) as client:
        started = time.perf_counter()
        await helpers.async_bulk(client, actions(), chunk_size=BATCH)
        took = time.perf_counter() - started
    await index.delete()
    await index.close()
    return len(documents) / took


async def _index(servers: Servers, name: str, documents: Sequence[Document]) -> ElasticIndex:
    """An empty index with its months created."""
    elasticsearch = Elasticsearch(prefix=_prefix(name), writers=WRITERS)
    settings = Settings(index_url=servers.elasticsearch, elasticsearch=elasticsearch)
    index = await ElasticIndex.open(elastic_options(settings))
    await index.delete()
    firsts = {month(one.relation.first_seen): one for one in documents}
    await index.put(list(firsts.values()))
    return index


def _prefix(name: str) -> str:
    return f"load-{os.getpid()}-{name}"

"""Compares the write throughput of `ElasticIndex.put` with `helpers.async_bulk` on the same sources, in turns.

    ./test python scripts/bench_elastic.py http://127.0.0.1:9200 [DOCUMENTS]

Both write the same JSON into indices with the same templates. `put` also builds the source and key fields of each
record, sends versions, handles the answers, and has two requests in flight. Prints a line per round and the ratio of
the medians. Use a dedicated server: the script creates and deletes the prefixes bench-ours and bench-plain.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch, helpers

from pipeline.assembly.backends import elastic_options
from pipeline.backends.index_elastic import ElasticIndex
from pipeline.config.settings import Elasticsearch, Settings
from pipeline.core.documents.ecs import document_source
from pipeline.records import Article, Document, Relation, Sourced, Tags, Topic

ROUNDS = 5
WORDS = ("the", "of", "senate", "vote", "army", "peru", "congress", "troops", "foreign", "minister", "says", "border")
SEEN = datetime(2026, 3, 2, tzinfo=UTC)


def document(n: int, rng: random.Random) -> Document:
    """An article of about 3,000 characters, with words as varied as in real ones."""
    words = (
        rng.choice(WORDS) if rng.random() < 0.5 else f"w{int(rng.paretovariate(0.7)) % 50_000}" for _ in range(500)
    )
    text = " ".join(words)
    article = Article(
        id=f"{n:032x}", url=f"https://news.example.org/world/{n}", feed="example-world", source="The Example",
        title=Sourced(value=text[:70], source="feed"), text=text, content_hash="0", seen=SEEN, language="en",
        country="PE",
    )  # fmt: skip
    tags = Tags(rules="r", topics=(Topic(id="coup", score=1.0),), countries=("PE", "US"))
    seen = SEEN + timedelta(seconds=n % 86_400)
    relation = Relation(kind="new", first_seen=seen, seq=n, version=1, story_id=f"{n:032x}")
    return Document(article=article, tags=tags, relation=relation)


def _settings(url: str, prefix: str) -> Settings:
    return Settings(index_url=url, elasticsearch=Elasticsearch(prefix=prefix))


async def ours(url: str, documents: list[Document], batch: int = 500) -> float:
    """As the stage does it: in batches, one per writer at a time."""
    index = await ElasticIndex.open(elastic_options(_settings(url, "bench-ours")))
    await index.delete()
    await index.put(documents[:1])
    started = time.perf_counter()
    gate = asyncio.Semaphore(2)

    async def put(part: list[Document]) -> None:
        async with gate:
            await index.put(part)

    await asyncio.gather(*(put(documents[n : n + batch]) for n in range(0, len(documents), batch)))
    took = time.perf_counter() - started
    await index.delete()
    await index.close()
    return len(documents) / took


async def plain(url: str, documents: list[Document], chunk: int = 500) -> float:
    """The client's own helper over prepared sources: one request at a time."""
    index = await ElasticIndex.open(elastic_options(_settings(url, "bench-plain")))
    await index.delete()
    await index.put(documents[:1])
    sources: list[tuple[str, Any]] = [
        (one.article.id, msgspec.json.decode(msgspec.json.encode(document_source(one)))) for one in documents
    ]

    async def actions() -> AsyncIterator[dict[str, Any]]:
        for name, source in sources:
            yield {"_index": "bench-plain-documents-2026.03", "_id": name, "_source": source}

    client = AsyncElasticsearch(url)
    started = time.perf_counter()
    await helpers.async_bulk(client, actions(), chunk_size=chunk)
    took = time.perf_counter() - started
    await client.close()
    await index.delete()
    await index.close()
    return len(documents) / took


async def main(url: str, n: int) -> None:
    rng = random.Random(1)
    documents = [document(i, rng) for i in range(n)]
    size = statistics.mean(len(msgspec.json.encode(document_source(one))) for one in documents[:100])
    started = time.process_time()
    for one in documents[:1000]:
        msgspec.json.encode(document_source(one))
    print(f"{n} documents of {size:,.0f} bytes; a source costs {(time.process_time() - started) * 1000:.0f} µs")
    rates: dict[str, list[float]] = {"put": [], "async_bulk": []}
    for number in range(ROUNDS + 1):
        pair = {"put": await ours(url, documents), "async_bulk": await plain(url, documents)}
        print("warm-up" if number == 0 else number, {name: round(rate) for name, rate in pair.items()}, flush=True)
        if number:
            for name, rate in pair.items():
                rates[name].append(rate)
    put, bulk = (statistics.median(found) for found in rates.values())
    print(f"median: put {put:,.0f}/s, async_bulk {bulk:,.0f}/s, ratio {put / bulk:.2f}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 6_000))

"""Rebuilding an index in Elasticsearch, and refusing one of another schema."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace

import msgspec
import pytest
from structlog.testing import capture_logs

from pipeline.backends.index_elastic import ElasticIndex, ElasticOptions, months
from pipeline.core.query.search import Search
from pipeline.core.query.tree import Word
from pipeline.records import Document
from pipeline.stage import Unavailable
from tests.builders import SEEN, alert
from tests.contracts.elastic_index import MONTH, ask, fill, indices, misplaced, opened
from tests.contracts.indices import find, numbered

slow = pytest.mark.slow


@pytest.fixture
def older(options: ElasticOptions) -> ElasticOptions:
    """With an older template of documents: topics could not be counted."""
    template = deepcopy(options.templates["documents"])
    del template["mappings"]["properties"]["tags"]
    del template["mappings"]["properties"]["news"]["properties"]["topics"]
    return replace(options, templates={**options.templates, "documents": template})


@slow
async def test_an_index_of_another_schema_is_refused(options: ElasticOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(months, "SCHEMA", 1)
        await fill(options, numbered(1, "vote"))
    with pytest.raises(Unavailable, match=r"schema 1, .*delete the indices .*, or set another elasticsearch.prefix"):
        await ElasticIndex.open(options)
    with monkeypatch.context() as earlier:
        earlier.setattr(months, "SCHEMA", 1)
        async with opened(options) as index:
            await index.delete()


@slow
async def test_an_outdated_index_stays_in_use_and_is_reported(options: ElasticOptions, older: ElasticOptions) -> None:
    await fill(older, numbered(1, "vote", topics=("coup",)))
    with capture_logs() as logs:
        async with opened(options) as index:
            assert [line["event"] for line in logs] == ["index outdated"]
            assert await index.outdated() == [f"{options.prefix}-documents-2026.03-001"]
            assert await index.put([numbered(2, "vote", topics=("coup",))]) == ["ok"]
            assert await find(index, "vote topic:coup") == ["a1", "a2"]
            await index.put_alerts([alert()])
            done: list[tuple[int, int]] = []
            assert await index.reindex(lambda *counts: done.append(counts)) == 2
            assert done[-1] == (2, 2)
            assert await index.outdated() == []
            assert (await index.search(Search(facets=("topic",)))).facets == {"topic": {"coup": 2}}
            assert await indices(index) == {
                "alerts-2026.03-001": ["alerts", "alerts-2026.03"],
                "documents-2026.03-002": ["documents", "documents-2026.03"],
            }
            assert await index.reindex() == 0
            await index.delete()


@slow
async def test_nothing_is_lost_or_missing_while_it_is_rebuilt(options: ElasticOptions, older: ElasticOptions) -> None:
    """Writers, a searcher and a scan go on; old versions that come late do not undo newer ones."""
    first = [numbered(n, "vote", "before", seq=n + 1, first_seen=SEEN + (n % 2) * MONTH) for n in range(3_000)]
    await fill(older, *first)
    seq = iter(range(10_000, 1_000_000))
    newest: dict[str, int] = {}
    over = asyncio.Event()

    async def write(writer: ElasticIndex, start: int) -> None:
        n = start
        while not over.is_set():
            # One writer changes what is there, the other adds; each sends an older version after it.
            batch = [
                numbered(n + i, "vote", "after", seq=next(seq), first_seen=SEEN + ((n + i) % 2) * MONTH)
                for i in range(20)
            ]
            assert await writer.put(batch) == ["ok"] * 20
            stale = [replace_seq(document, 5) for document in batch]
            assert await writer.put(stale) == ["stale"] * 20
            newest.update((document.article.id, document.relation.seq) for document in batch)
            n = start + (n + 20 - start) % 2_000

    async def look(index: ElasticIndex) -> None:
        while not over.is_set():
            assert (await index.search(Search(Word("vote"), limit=1))).total >= 3_000
            assert len(await asyncio.to_thread(lambda: list(index.scan(Search(Word("before", "text")))))) >= 1_000

    async with opened(options) as index, opened(older) as other:
        jobs = [asyncio.create_task(job) for job in (write(index, 0), write(other, 5_000), look(index))]
        await asyncio.sleep(0.5)
        assert await index.reindex() >= 3_000
        await asyncio.sleep(0.5)
        over.set()
        await asyncio.gather(*jobs)
        found = {document.article.id: document.relation.seq for document in index.scan()}
        assert found == {document.article.id: document.relation.seq for document in first} | newest
        assert list(await indices(index)) == ["documents-2026.03-002", "documents-2026.04-002"]
        await index.delete()


def replace_seq(document: Document, seq: int) -> Document:
    return msgspec.structs.replace(document, relation=msgspec.structs.replace(document.relation, seq=seq))


REINDEX = """
import asyncio, sys
from pathlib import Path
from pipeline.backends.index_elastic import ElasticIndex
from tests.options import elastic_options

async def main():
    index = await ElasticIndex.open(elastic_options(sys.argv[1], prefix=sys.argv[2], refresh=True))
    await index.reindex()

asyncio.run(main())
"""


@slow
@pytest.mark.parametrize("place", ["reindex.made", "reindex.copied", "reindex.blocked", "reindex.swapped"])
async def test_the_next_rebuild_finishes_a_killed_one(
    options: ElasticOptions, older: ElasticOptions, place: str
) -> None:
    await fill(older, *(numbered(n, "vote") for n in range(20)))
    killed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", REINDEX, options.url, options.prefix),
        env=os.environ | {"ALMENARA_FAILPOINT": f"{place}:1"}, start_new_session=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert await killed.wait() == -signal.SIGKILL
    async with opened(options) as index:
        assert await index.count() == 20
        if place == "reindex.blocked":
            with pytest.raises(Unavailable, match="almenara reindex"):
                await index.put([numbered(20)])
        else:
            assert await index.put([numbered(20)]) == ["ok"]
        await index.reindex()
        assert await index.put([numbered(20)]) == ["ok"]
        assert sorted(document.relation.seq for document in index.scan()) == list(range(21))
        assert list(await indices(index)) == ["documents-2026.03-002"]
        await index.delete()


@slow
async def test_a_rebuild_that_would_lose_a_document_changes_nothing(
    options: ElasticOptions, older: ElasticOptions
) -> None:
    async with opened(older) as index:
        await index.put([numbered(1)])
        source = {"record": json.loads(msgspec.json.encode(misplaced(2))), "news": {"title": "", "text": ""}}
        await ask(index, "PUT", "/{}-documents-2026.03/_doc/a2?refresh=true", source)
    async with opened(options) as index:
        with pytest.raises(Unavailable, match=r"a2: .*latitude"):
            await index.reindex()
        assert await index.put([numbered(3)]) == ["ok"]
        assert await index.count() == 3
        assert (await indices(index))["documents-2026.03-001"] == ["documents", "documents-2026.03"]
        await index.delete()

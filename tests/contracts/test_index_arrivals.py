"""Candidates in order of arrival: what backtests and the look-up of new rules read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.backends.index_tantivy import TantivyIndex, store
from pipeline.core.query.search import Search
from pipeline.core.query.tree import And, Node, Or, Word
from pipeline.records import Document
from tests.builders import SEEN
from tests.contracts.indices import BACKENDS, PARAMS, closed, numbered


@pytest.fixture(params=PARAMS)
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    opened = await BACKENDS[request.param](request, tmp_path / "index")
    yield opened
    await closed(opened)


async def test_arrivals_come_in_order_and_a_query_only_narrows_them_down(index: Any) -> None:
    texts = ("Troops came.", "Rain fell.")
    times = [SEEN + timedelta(minutes=n // 3) for n in range(12)]  # several at once
    made = [numbered(n, f"T{n}", texts[n % 2], seq=100 - n, first_seen=times[n], seen=times[n]) for n in range(12)]
    await index.put(made)
    edited = numbered(2, "T2", "Troops came again.", seq=200, version=2, first_seen=times[2])
    await index.put([edited])

    def arrived(search: Search) -> list[Document]:
        return list(index.arrivals(search))

    every = await asyncio.to_thread(arrived, Search())
    assert sorted(document.article.id for document in every) == sorted(f"a{n}" for n in range(12))
    assert [one.relation.first_seen for one in every] == sorted(times)
    some = await asyncio.to_thread(arrived, Search(Word("troops"), times[1] + timedelta(minutes=0), times[9]))
    assert {f"a{n}" for n in range(0, 9, 2)} <= {one.article.id for one in some}
    assert all(times[1] <= one.relation.first_seen < times[9] for one in some)
    assert [one.relation.version for one in some if one.article.id == "a2"] == [2]


async def test_arrivals_in_blocks(index: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.backends.index_tantivy.search.SCANNED", 2)
    monkeypatch.setattr("pipeline.backends.index_elastic.search.PAGE", 2)
    await index.put([numbered(n, f"T{n}", "Troops came.", first_seen=SEEN) for n in range(9)])  # all in one moment
    for search in (Search(), Search(Word("troops"))):
        found = await asyncio.to_thread(list, index.arrivals(search))
        assert sorted(one.article.id for one in found) == [f"a{n}" for n in range(9)]


async def test_a_query_nested_too_deep_narrows_nothing_down(index: Any) -> None:
    await index.put([numbered(0, "T", "Troops came.")])
    node: Node = Word("troops")
    for n in range(200):
        node = (And if n % 2 else Or)((node, Word("came")))
    found = await asyncio.to_thread(list, index.arrivals(Search(node)))
    assert [one.article.id for one in found] == ["a0"]


async def test_arrivals_have_what_tantivy_lacks(tmp_path: Path) -> None:
    index = TantivyIndex.open(tmp_path / "index", write=True)
    await index.put([numbered(n, f"T{n}", "The vote came.") for n in range(4)])
    store.Store.create(tmp_path / "index").put([numbered(9, "T9", "Another vote.")])
    found = [document.article.id for document in index.arrivals(Search(Word("vote")))]
    assert found == ["a0", "a1", "a2", "a3", "a9"]
    await index.close()

"""What only the embedded index does: retention, backup, scans, candidates, limits."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.backends.index_tantivy import CannotOpen, TantivyIndex, database, store, writer
from pipeline.backends.index_tantivy import search as searching
from pipeline.backends.index_tantivy.query import DEPTH
from pipeline.core.query.parse import parse
from pipeline.core.query.search import Search
from pipeline.core.query.tree import Node, Not, Or, Word
from pipeline.stage import Unavailable
from tests.builders import SEEN
from tests.contracts.indices import find, numbered
from tests.contracts.tantivy_index import opened, settled

# -- keeping, expiring, copying


async def test_a_document_that_cannot_be_stored_fails_its_whole_batch(tmp_path: Path) -> None:
    async with opened(tmp_path) as index:
        with pytest.raises(UnicodeEncodeError):
            await index.put([numbered(1, "fine"), numbered(2, "half a pair \ud800")])
        assert await index.count() == 0
        assert await index.put([numbered(1, "fine")]) == ["ok"]


async def test_every_version_is_kept(tmp_path: Path) -> None:
    versions = [numbered(1, f"text {n}", seq=n, version=n) for n in (1, 2, 5)]
    async with opened(tmp_path) as index:
        for version in versions:
            await index.put([version, numbered(2, "other", seq=7)])
        assert await index.versions("a1") == versions
        assert await index.versions("a9") == []
        assert await index.max_seq() == 7


async def test_expired_documents_leave_store_and_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "AT_ONCE", 3)
    async with opened(tmp_path) as index:
        await index.put([numbered(n, "vote " + os.urandom(3000).hex()) for n in range(10)])
        await index.put([numbered(1, "vote again", seq=20, version=2)])
        size = (await index.sizes())["documents"]
        assert await index.expire(SEEN + timedelta(minutes=8)) == 8
        assert await index.expire(SEEN + timedelta(minutes=8)) == 0
        assert await find(index, "vote") == ["a8", "a9"]
        assert await index.get("a1") is None
        assert await index.versions("a1") == []
        assert (await index.count(), (await index.search(Search())).missing) == (2, 0)
        await index.put([numbered(30, "vote")])  # takes no number of a dead one
        assert await find(index, "vote") == ["a30", "a8", "a9"]
    assert (tmp_path / database.FILE).stat().st_size < size / 2
    async with opened(tmp_path) as index:
        assert await find(index, "vote") == ["a30", "a8", "a9"]
        assert await index.expire(SEEN + timedelta(days=9)) == 3
        assert await index.put([numbered(40, "vote")]) == ["ok"]
    async with opened(tmp_path) as index:
        assert await find(index, "vote") == ["a40"]


async def test_backup_while_writing_and_restore(tmp_path: Path) -> None:
    here, there = tmp_path / "index", tmp_path / "backup"
    async with opened(here) as index:
        await index.put([numbered(n, "vote") for n in range(5)])
        await index.backup(there)
        await index.put([numbered(9, "vote")])
        await index.backup(there)  # replaces the first
        await index.put([numbered(10, "vote")])
        with pytest.raises(CannotOpen, match="another process writes"):
            TantivyIndex.restore(there, here)
    assert [path.name for path in there.iterdir()] == [database.FILE]
    TantivyIndex.restore(there, here)
    async with opened(here) as index:
        await settled(index)
        assert await find(index, "vote") == ["a0", "a1", "a2", "a3", "a4", "a9"]
    fresh = tmp_path / "elsewhere"
    TantivyIndex.restore(there, fresh)
    async with opened(fresh) as index:
        assert await index.count() == 6


async def test_a_damaged_backup_is_refused(tmp_path: Path) -> None:
    here, there = tmp_path / "index", tmp_path / "backup"
    with pytest.raises(CannotOpen, match="nothing is indexed yet"):
        TantivyIndex.restore(there, here)
    async with opened(here) as index:
        await index.put([numbered(n, os.urandom(5000).hex()) for n in range(50)])
        await index.backup(there)
    os.truncate(there / database.FILE, 200_000)
    with pytest.raises(Unavailable, match="damaged"):
        TantivyIndex.restore(there, here)
    async with opened(here) as index:
        assert await index.count() == 50


# -- reading all of it


QUERIES: list[Node | None] = [
    None,
    Word("vote"),
    parse('"vote now"~4').node,
    Not(Word("vote")),
    Or((Word("x"), Word("vote"))),
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
async def test_a_scan_gives_every_match_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: Node | None
) -> None:
    monkeypatch.setattr(searching, "SCANNED", 7)
    async with opened(tmp_path) as index:
        order = [(n * 17) % 40 for n in range(40)]
        await index.put([numbered(n, "x", ("vote " if n % 3 else "y ") + "then it is now" * (n % 2)) for n in order])
        search = Search(query, since=SEEN + timedelta(minutes=5), until=SEEN + timedelta(minutes=35))
        expected = await index.search(Search(query, search.since, search.until, limit=100))
        got = [document.relation.seq for document in index.scan(search)]
        assert got == sorted(hit.document.relation.seq for hit in expected.hits)
        assert len(got) == expected.total > 0


async def test_too_many_candidates_make_the_total_an_upper_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "VERIFIED", 10)
    monkeypatch.setattr(searching, "BLOCK", 5)
    monkeypatch.setattr(searching, "FIRST", 5)
    async with opened(tmp_path) as index:
        await index.put(
            [numbered(n, "vote it is now" if n % 2 else "now " + "filler " * 9 + "vote") for n in range(40)]
        )
        near = parse('"vote now"~3').node
        found = await index.search(Search(near, sort="time", facets=("source",)))
        assert (found.total, found.exact) == (5 + 30, False)
        assert [hit.document.relation.seq % 2 for hit in found.hits] == [1] * 5
        assert found.facets["source"] == {"El Ejemplo": 40}
        page = await index.search(Search(near, sort="time", limit=2))
        assert page.hits == found.hits[:2]
        assert (page.total, page.exact) == (38, False)  # of 5 looked at, 3 match; no more fit the page
        monkeypatch.setattr(searching, "VERIFIED", 40)
        found = await index.search(Search(near, sort="time", facets=("source",)))
        assert (found.total, found.exact, found.facets["source"]) == (20, True, {"El Ejemplo": 20})


async def test_a_query_nested_too_deep_is_refused(tmp_path: Path) -> None:
    """tantivy would overflow the C stack."""
    node: Node = Word("vote")
    for _ in range(400):
        node = Not(Or((node, Word("x"))))
    async with opened(tmp_path) as index:
        with pytest.raises(ValueError, match="nested"):
            await index.search(Search(node))


async def test_the_deepest_query_allowed_is_answered(tmp_path: Path) -> None:
    node: Node = Word("vote")
    for _ in range(DEPTH // 2):
        node = Not(Or((node, Word("x"))))
    async with opened(tmp_path) as index:
        await index.put([numbered(1, "vote"), numbered(2, "y")])
        assert (await index.search(Search(node))).total in (1, 2)


async def test_sizes_are_of_both_halves(tmp_path: Path) -> None:
    async with opened(tmp_path) as index:
        await index.put([numbered(n, "vote") for n in range(100)])
        sizes = await index.sizes()
        assert set(sizes) == {"documents", "search"}
        assert min(sizes.values()) > 5_000


async def test_a_reader_beside_a_writer_that_has_just_started_finds_nothing_yet(tmp_path: Path) -> None:
    store.Store.create(tmp_path).close()  # as if it was killed before it created the first directory
    reader = TantivyIndex.open(tmp_path, write=False)
    try:
        with pytest.raises(Unavailable, match="nothing is indexed yet"):
            await reader.search(Search())
    finally:
        await reader.close()
    async with opened(tmp_path) as index:
        assert (await index.search(Search())).total == 0


async def test_closing_leaves_one_file_behind(tmp_path: Path) -> None:
    async with opened(tmp_path) as index:
        await index.put([numbered(1, "one")])
        assert await find(index, "one") == ["a1"]
    assert not [path.name for path in tmp_path.glob("documents.sqlite-*")]


async def test_several_readers_leave_no_file_behind(tmp_path: Path) -> None:
    async with opened(tmp_path) as index:
        await index.put([numbered(1, "fine")])
    before = sorted(path.name for path in tmp_path.iterdir())
    reader = TantivyIndex.open(tmp_path, write=False)
    scan = reader.scan()
    assert next(scan).article.id == "a1"  # a connection of its own, open while those of the searches are
    await asyncio.gather(*(reader.search(Search(Word("fine"))) for _ in range(8)))
    list(scan)  # to its end, which closes its connection
    await reader.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == before

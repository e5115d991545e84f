"""The embedded index as its tests open it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.core.query.search import Search
from pipeline.records import Document


@asynccontextmanager
async def opened(path: Path, write: bool = True) -> AsyncIterator[TantivyIndex]:
    index = TantivyIndex.open(path, write)
    try:
        yield index
    finally:
        await index.close()


async def fill(path: Path, *documents: Document) -> None:
    async with opened(path) as index:
        await index.put(documents)


async def settled(index: TantivyIndex) -> None:
    """Wait for the background building."""
    while (await index.search(Search())).missing:
        await index.put([])


def search_directory(path: Path) -> Path:
    (found,) = path.glob("search-*")
    return found

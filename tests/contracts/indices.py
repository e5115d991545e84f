"""How tests of every index open one in an empty place, fill it and search it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from pipeline.backends.index_elastic import ElasticIndex
from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.core.query.parse import parse
from pipeline.core.query.search import Results, Search
from pipeline.records import Document
from tests.builders import SEEN, document
from tests.options import elastic_options

Open = Callable[[pytest.FixtureRequest, Path], Coroutine[Any, Any, Any]]


async def open_tantivy(request: pytest.FixtureRequest, path: Path) -> TantivyIndex:
    return TantivyIndex.open(path, write=True)


async def open_elastic(request: pytest.FixtureRequest, path: Path) -> ElasticIndex:
    """Beside the others on the one server of the run; what is put is found at once."""
    url = request.getfixturevalue("elasticsearch")
    return await ElasticIndex.open(elastic_options(url, prefix=f"t-{uuid4().hex[:12]}", refresh=True))


BACKENDS: dict[str, Open] = {"tantivy": open_tantivy, "elasticsearch": open_elastic}
PARAMS = ["tantivy", pytest.param("elasticsearch", marks=pytest.mark.slow)]


async def closed(index: Any) -> None:
    if isinstance(index, ElasticIndex):
        await index.delete()
    await index.close()


def numbered(n: int, title: str = "", text: str = "", **changes: Any) -> Document:
    """The n-th document: its own id, seq and a moment a minute after the one before."""
    seen = changes.pop("first_seen", SEEN + timedelta(minutes=n))
    return document(title, text, **{"id": f"a{n}", "seq": n, "first_seen": seen} | changes)


def ids(results: Results) -> list[str]:
    return [hit.document.article.id for hit in results.hits]


async def find(index: Any, query: str, **how: Any) -> list[str]:
    """Ids found for a query as people write it, sorted."""
    return sorted(ids(await index.search(Search(parse(query).node, **how))))

"""What the documentation says about which words match: every row of its tables, on the real indices."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.backends.index_elastic import ElasticOptions
from pipeline.core.query.parse import parse
from pipeline.core.query.search import Search
from tests.builders import SEEN, document
from tests.contracts.elastic_index import ask, opened
from tests.contracts.indices import BACKENDS, PARAMS, closed

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(params=PARAMS)
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    opened = await BACKENDS[request.param](request, tmp_path / "index")
    yield opened
    await closed(opened)


def rows(page: str, columns: tuple[str, ...]) -> list[list[str]]:
    """The rows of the table on this page with these columns."""
    _, _, rest = (DOCS / page).read_text(encoding="utf-8").partition(f"| {' | '.join(columns)} |\n")
    table = rest.split("\n\n", 1)[0].split("\n")[1:]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table]


def samples(cell: str) -> Iterator[str]:
    """The texts in italics in a cell of a table."""
    return (match[1] for match in re.finditer(r"\*(.+?)\*(?:, |$)", cell))


QUERIES = [(row[0].strip("`"), row[1], row[2]) for row in rows("queries.md", ("query", "finds", "does not find"))]
WORDS = [
    (row[0].strip("`"), row[1].strip("`"), row[2], row[3])
    for row in rows("elasticsearch.md", ("field", "word", "finds", "does not find"))
]


def test_the_tables_are_there() -> None:
    assert len(QUERIES) > 10
    assert len(WORDS) > 10
    assert all([*samples(finds)] and [*samples(misses)] for *_, finds, misses in (*QUERIES, *WORDS))


@pytest.mark.slow
async def test_every_query_of_the_page_finds_what_it_says(index: Any) -> None:
    texts = sorted({text for _, *cells in QUERIES for cell in cells for text in samples(cell)})
    await index.put([document("Untitled", text, id=f"a{n}", seq=n + 1) for n, text in enumerate(texts)])
    for query, finds, misses in QUERIES:
        found = await index.search(Search(parse(query, now=SEEN).node, limit=100))
        hits = {hit.document.article.text for hit in found.hits}
        assert set(samples(finds)) <= hits, query
        assert not set(samples(misses)) & hits, query


@pytest.mark.slow
async def test_every_word_of_the_page_finds_what_it_says_in_kibana(options: ElasticOptions) -> None:
    async with opened(options) as index:
        given = {
            f"{field}-{text}": document("Untitled", text, id=f"{field}-{text}", language=_language(field), seq=1)
            for field, _, *cells in WORDS for cell in cells for text in samples(cell)
        }  # fmt: skip
        await index.put(list(given.values()))
        await ask(index, "POST", "/{}-documents/_refresh")
        for field, word, finds, misses in WORDS:
            body = {"query": {"match": {field: word}}, "size": 100, "_source": False}
            answer = await ask(index, "POST", "/{}-documents/_search", body)
            hits = {hit["_id"] for hit in answer["hits"]["hits"]}
            assert {f"{field}-{text}" for text in samples(finds)} <= hits, (field, word)
            assert not {f"{field}-{text}" for text in samples(misses)} & hits, (field, word)
        await index.delete()


def _language(field: str) -> str:
    return field.removeprefix("news.stemmed.") if field.startswith("news.stemmed.") else "en"

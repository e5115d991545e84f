"""Query parity: all queries of queries.txt and pairs.py find the same in-stream, embedded and in Elasticsearch.

The naive evaluator gives the expected answers. `-rP` prints every query with its hits; the last lines sum up.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.backends.index_elastic import ElasticIndex
from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.leaves import name_parts
from pipeline.core.query.match import holds
from pipeline.core.query.names import read_names
from pipeline.core.query.parse import parse
from pipeline.core.query.search import Search
from pipeline.core.query.tree import Node
from pipeline.core.query.written import to_text
from tests.options import elastic_options
from tests.parity import naive, pairs, reading
from tests.parity.corpus import NOW, articles, documents
from tests.parity.trees import tree

Find = Callable[[Node], tuple[set[str], int]]  # ids, and the total of a search

#: As in alerts: `now` is the time each article was first seen.
RELATIVE = (
    "published:>=now-1d", "published:<now-2d", "published:[now-36h TO now-12h}", "first_seen:>now-1m lima",
    "NOT published:>now-12h AND (troops OR tropas)", "kind:new AND first_seen:[2026-01-15 TO now]", "published:>=now",
)  # fmt: skip


#: Queries of pairs.py: every two kinds of conditions twice, every two operands of nearness.
PAIRS = 468

LISTS = {name: read_names(name, "\n".join(names), name_parts)[0] for name, names in reading.LISTS.items()}


@cache
def queries() -> tuple[str, ...]:
    """Those that people wrote."""
    lines = (Path(__file__).parent / "queries.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("# "))


@cache
def every_query() -> tuple[str, ...]:
    return (*queries(), *pairs.queries(PAIRS))


@cache
def readers() -> list[naive.Reader]:
    return [naive.Reader(article) for article in articles()]


@cache
def expected(query: str) -> frozenset[str]:
    return frozenset(naive.hits(query, readers(), NOW))


def expected_when_seen(query: str) -> frozenset[str]:
    found = (one for one in readers() if one.matches(reading.read(query, one.article["first_seen"]).tree))
    return frozenset(one.article["id"] for one in found)


@cache
def views() -> list[DocumentView]:
    return [DocumentView(document) for document in documents()]


def in_stream(node: Node) -> tuple[set[str], int]:
    pairs = zip(documents(), views(), strict=True)
    found = {document.article.id for document, view in pairs if holds(node, view)}
    return found, len(found)


@contextmanager
def indexed(index: Any) -> Iterator[Find]:
    """A function that finds articles in `index`: ids by an export, the total by a search."""

    def find(node: Node) -> tuple[set[str], int]:
        counted = runner.run(index.search(Search(node, limit=0)))
        assert counted.exact
        return {document.article.id for document in index.scan(Search(node))}, counted.total

    with asyncio.Runner() as runner:
        for start in range(0, len(documents()), 200):  # several segments
            assert set(runner.run(index.put(documents()[start : start + 200]))) == {"ok"}
        while runner.run(index.count()) < len(documents()):  # Elasticsearch refreshes once a second
            time.sleep(0.2)
        try:
            yield find
        finally:
            if isinstance(index, ElasticIndex):
                runner.run(index.delete())
            runner.run(index.close())


# -- the queries themselves


@pytest.mark.slow
def test_the_articles_and_queries_are_what_the_proof_needs(record_property: Callable[[str, object], None]) -> None:
    assert len(articles()) >= 1_000
    assert len({article["language"] for article in articles()} - {None}) >= 25
    assert len(every_query()) == len(set(every_query())) >= 1_000
    shares = {query: len(expected(query)) / len(articles()) for query in queries()}
    for query, share in shares.items():
        print(f"{len(expected(query)):5} {share:6.1%}  {query}")
    telling = sum(len(expected(query)) >= 5 and share <= 0.5 for query, share in shares.items())
    record_property(
        "figure",
        f"query parity: {len(every_query())} queries over {len(articles())} articles; of {len(queries())} that people "
        f"wrote {telling / len(queries()):.0%} hit 5 articles to half of all; "
        f"{sum(map(len, map(expected, every_query())))} hits in all",
    )
    assert telling / len(queries()) >= 0.8
    found = [len(expected(query)) for query in pairs.queries(PAIRS)]
    assert sum(map(bool, found)) / len(found) >= 0.6


def test_every_operator_is_used_often_and_beside_every_other() -> None:
    read = [reading.read(query, NOW) for query in every_query()]
    uses = Counter(use for one in read for use in one.uses)
    print(*(f"{times:5}  {use}" for use, times in uses.most_common()), sep="\n")
    assert {use: uses[use] for use in reading.OPERATORS if uses[use] < 20} == {}
    assert set(uses) == set(reading.OPERATORS)
    pairs = {pair for one in read for pair in combinations(sorted(one.uses), 2)}
    assert set(combinations(sorted(reading.OPERATORS), 2)) - pairs == set()
    fields = Counter(field for one in read for field in one.fields)
    assert {field for field in reading.FIELDS if fields[field] < 2} == set()


# -- every engine


def differences(find: Find, asked: dict[str, Node]) -> dict[str, str]:
    """Query -> how its answer differs."""
    wrong = {}
    for query, node in asked.items():
        (found, total), wanted = find(node), expected_when_seen(query) if query in RELATIVE else expected(query)
        if found != wanted or total != len(wanted):
            missing, strange = sorted(wanted - found), sorted(found - wanted)
            wrong[query] = f"{total} of {len(wanted)}, missing {missing}, not wanted {strange}"
    return wrong


def written() -> dict[str, Node]:
    relative = {query: parse(query).node for query in RELATIVE}
    return relative | {query: parse(query, NOW, LISTS).node for query in every_query()}


def grown(number: int) -> dict[str, Node]:
    """Random trees with a fixed seed."""
    dice = Random(4)
    return {to_text(node): node for node in (tree(dice) for _ in range(number))}


@cache
def some() -> tuple[tuple[naive.Reader, DocumentView], ...]:
    """Some of the articles, as the naive evaluator and the program read them."""
    pairs = list(zip(articles(), documents(), strict=True))[::12]
    return tuple((naive.Reader(article), DocumentView(document)) for article, document in pairs)


def test_in_stream_finds_the_same_for_a_sample() -> None:
    for query in every_query()[::5]:
        wanted, node = reading.read(query, NOW).tree, parse(query, NOW, LISTS).node
        assert [holds(node, view) for _, view in some()] == [reader.matches(wanted) for reader, _ in some()], query


@pytest.mark.slow
def test_in_stream_finds_the_same() -> None:
    assert differences(in_stream, written()) == {}


@pytest.mark.slow
def test_the_embedded_index_finds_the_same(tmp_path: Path) -> None:
    with indexed(TantivyIndex.open(tmp_path, write=True)) as find:
        assert differences(find, written() | grown(100)) == {}


@pytest.mark.slow
def test_elasticsearch_finds_the_same(elasticsearch: str, prefix: str) -> None:
    with indexed(asyncio.run(ElasticIndex.open(elastic_options(elasticsearch, prefix)))) as find:
        assert differences(find, written() | grown(300)) == {}


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False).map(tree))
def test_in_stream_finds_the_same_for_any_tree(node: Node) -> None:
    wanted = reading.read(to_text(node), NOW).tree
    assert [holds(node, view) for _, view in some()] == [reader.matches(wanted) for reader, _ in some()]

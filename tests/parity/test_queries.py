"""Query parity: the queries of queries.txt find the same articles in-stream, embedded and in Elasticsearch.

The expected answers are of the naive evaluator. `-rP` prints every query with its hits; the run's last lines sum up.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.core.dialect import parse
from pipeline.core.match import View, holds
from pipeline.core.query import Node, to_text
from pipeline.ports import Search
from tests.parity import naive, reading
from tests.parity.corpus import NOW, articles, documents
from tests.parity.trees import tree

Find = Callable[[Node], set[str]]


@cache
def queries() -> tuple[str, ...]:
    lines = (Path(__file__).parent / "queries.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("# "))


@cache
def readers() -> list[naive.Reader]:
    return [naive.Reader(article) for article in articles()]


@cache
def expected(query: str) -> frozenset[str]:
    return frozenset(naive.hits(query, readers(), NOW))


@cache
def views() -> list[View]:
    return [View.of(document) for document in documents()]


def in_stream(node: Node) -> set[str]:
    return {document.article.id for document, view in zip(documents(), views(), strict=True) if holds(node, view)}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Find]:
    with asyncio.Runner() as runner:
        index = TantivyIndex.open(tmp_path_factory.mktemp("parity"), write=True)
        for start in range(0, len(documents()), 200):  # several segments
            runner.run(index.put(documents()[start : start + 200]))

        def find(node: Node) -> set[str]:
            """As an export does, and the number as a search gives it."""
            found = {document.article.id for document in index.scan(Search(node))}
            counted = runner.run(index.search(Search(node, limit=0)))
            assert (counted.total, counted.exact) == (len(found), True), to_text(node)
            return found

        yield find
        runner.run(index.close())


# -- the queries themselves


def test_the_articles_and_queries_are_what_the_proof_needs(record_property: Callable[[str, object], None]) -> None:
    assert len(articles()) >= 500
    assert len(queries()) == len(set(queries())) >= 300
    shares = {query: len(expected(query)) / len(articles()) for query in queries()}
    for query, share in shares.items():
        print(f"{len(expected(query)):5} {share:6.1%}  {query}")
    telling = sum(0.01 <= share <= 0.5 for share in shares.values())
    record_property(
        "figure",
        f"query parity: {len(queries())} queries over {len(articles())} articles, {telling} of them "
        f"({telling / len(queries()):.0%}) hit 1 to 50 %; {sum(map(len, map(expected, queries())))} hits in all",
    )
    assert telling / len(queries()) >= 0.8


def test_every_operator_is_used_often_and_beside_every_other() -> None:
    read = [reading.read(query, NOW) for query in queries()]
    uses = Counter(use for one in read for use in one.uses)
    print(*(f"{times:5}  {use}" for use, times in uses.most_common()), sep="\n")
    assert {use: uses[use] for use in reading.OPERATORS if uses[use] < 20} == {}
    assert set(uses) == set(reading.OPERATORS)
    pairs = {pair for one in read for pair in combinations(sorted(one.uses), 2)}
    assert set(combinations(sorted(reading.OPERATORS), 2)) - pairs == set()
    fields = Counter(field for one in read for field in one.fields)
    assert {field for field in reading.FIELDS if fields[field] < 2} == set()


# -- every engine


def differences(find: Find, asked: dict[str, Node]) -> dict[str, tuple[list[str], list[str]]]:
    """Query -> ids that are missing, and those that are too many."""
    wrong = {}
    for query, node in asked.items():
        found, wanted = find(node), expected(query)
        if found != wanted:
            wrong[query] = (sorted(wanted - found), sorted(found - wanted))
    return wrong


def written() -> dict[str, Node]:
    return {query: parse(query, NOW).node for query in queries()}


def grown(number: int) -> dict[str, Node]:
    """Random trees, always the same."""
    dice = Random(4)
    return {to_text(node): node for node in (tree(dice) for _ in range(number))}


def test_in_stream_finds_the_same() -> None:
    assert differences(in_stream, written()) == {}


def test_the_embedded_index_finds_the_same(embedded: Find) -> None:
    assert differences(embedded, written() | grown(100)) == {}


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False).map(tree))
def test_in_stream_finds_the_same_for_any_tree(node: Node) -> None:
    assert in_stream(node) == expected(to_text(node))

"""What only the index in Elasticsearch does: months, templates, limits of queries, trouble with the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.backends.index_elastic import ElasticIndex, ElasticOptions
from pipeline.backends.index_elastic.bulk import Rejected
from pipeline.core.query.search import Search
from pipeline.core.query.tree import And, Equal, Node, Not, Or, Word
from pipeline.stage import Emit, Position, Unavailable
from pipeline.stages.index import Index
from tests.builders import SEEN, alert
from tests.contracts.elastic_index import MONTH, ask, indices, misplaced, opened
from tests.contracts.indices import find, ids, numbered
from tests.core.text.words_table import TABLE
from tests.options import elastic_options
from tests.services.servers import Elasticsearch

slow = pytest.mark.slow


@pytest.fixture
async def index(options: ElasticOptions) -> AsyncIterator[ElasticIndex]:
    async with opened(options) as index:
        yield index
        await index.delete()


# -- months


@slow
async def test_each_month_has_an_index_of_its_own(index: ElasticIndex) -> None:
    new_year = datetime(2027, 1, 1, tzinfo=UTC)
    documents = [
        numbered(1, "vote", first_seen=new_year - timedelta(microseconds=1)),
        numbered(2, "vote", first_seen=new_year),
        numbered(3, "vote", first_seen=new_year + MONTH),
    ]
    assert await index.put(documents) == ["ok"] * 3
    assert await index.put_alerts([alert(first_seen=new_year)]) == ["ok"]
    assert await indices(index) == {
        "alerts-2027.01-001": ["alerts", "alerts-2027.01"],
        "documents-2026.12-001": ["documents", "documents-2026.12"],
        "documents-2027.01-001": ["documents", "documents-2027.01"],
        "documents-2027.02-001": ["documents", "documents-2027.02"],
    }
    assert ids(await index.search(Search(sort="time"))) == ["a3", "a2", "a1"]
    assert [document.relation.seq for document in index.scan()] == [1, 2, 3]
    assert (await index.count(), await index.max_seq()) == (3, 3)
    sizes = await index.sizes()
    assert (sizes["documents"] > 0, sizes["versions"], sizes["alerts"] > 0) == (True, 0, True)


@slow
async def test_a_month_is_dropped_when_all_of_it_is_old(index: ElasticIndex) -> None:
    await index.put([numbered(n, "vote", first_seen=SEEN + n * MONTH) for n in range(3)])  # in March, April and May
    await index.put_alerts([alert()])
    assert await index.expire(datetime(2026, 4, 30, 23, 59, tzinfo=UTC)) == 1
    assert await find(index, "vote") == ["a1", "a2"]
    assert await index.expire(datetime(2026, 5, 1, tzinfo=UTC)) == 1
    assert list(await indices(index)) == ["documents-2026.05-001"]
    assert await index.expire(datetime(2026, 5, 1, tzinfo=UTC)) == 0
    assert await index.put([numbered(0, "late", first_seen=SEEN)]) == ["ok"]  # what comes late begins the month again
    assert await find(index, "late") == ["a0"]


@slow
async def test_concurrent_writers_create_one_index_for_a_new_month(options: ElasticOptions) -> None:
    async with opened(options) as one, opened(options) as two:
        writes = (index.put([numbered(n)]) for n, index in enumerate([one, two] * 3))
        assert await asyncio.gather(*writes) == [["ok"]] * 6
        assert await one.count() == 6
        assert list(await indices(one)) == ["documents-2026.03-001"]
        await one.delete()


@slow
async def test_a_lost_template_is_restored_before_the_next_month(index: ElasticIndex) -> None:
    await index.put([numbered(1, "Perú")])
    await index._months.delete_templates()
    await index.put([numbered(2, "Perú", first_seen=SEEN + MONTH)])
    assert await find(index, "peru") == ["a1", "a2"]
    mapping = await ask(index, "GET", "/{}-documents-2026.04/_mapping")
    assert [about["mappings"]["dynamic"] for about in mapping.values()] == ["false"]


# -- what is stored


@slow
async def test_a_word_is_what_it_is_everywhere(index: ElasticIndex) -> None:
    await index.put([numbered(1)])
    for _, text, words in TABLE:
        answer = await ask(index, "POST", "/{}-documents/_analyze", {"analyzer": "words", "text": text})
        tokens = [(token["token"], token["position"]) for token in answer["tokens"]]
        assert tokens == [(word, n) for n, word in enumerate(words)], text


@slow
async def test_text_is_stored_once_and_found_by_its_stems(index: ElasticIndex) -> None:
    await index.put([numbered(1, "Autorizan tropas", "Las autorizaciones llegaron", language="es"), numbered(2)])
    stems = {"query": {"match": {"news.stemmed.es": "autorización"}}}
    [hit] = (await ask(index, "POST", "/{}-documents/_search", stems))["hits"]["hits"]
    assert json.dumps(hit["_source"], ensure_ascii=False).count("Las autorizaciones llegaron") == 1
    assert "key" not in hit["_source"]
    assert await find(index, "autorizacion") == []


@slow
async def test_keywords_too_long_for_elasticsearch_are_cut(index: ElasticIndex) -> None:
    long = "𝐀b" * 20_000
    one = numbered(1, long, source=long, author=long, section=long, topics=(long,), countries=("PE",))
    assert await index.put([one]) == ["ok"]
    assert await index.get("a1") == one
    assert ids(await index.search(Search(Equal("author", long.lower())))) == ["a1"]
    facets = (await index.search(Search(facets=("source", "topic")))).facets
    assert [list(counts) for counts in facets.values()] == [[long[:512]], [long[:512]]]


@slow
async def test_alerts_are_kept_for_kibana(index: ElasticIndex) -> None:
    assert await index.put_alerts([]) == []
    assert await index.put_alerts([alert("a1"), alert("a2"), alert("a1")]) == ["ok"] * 3
    answer = await ask(index, "POST", "/{}-alerts/_search", {"query": {"term": {"rule.id": "Troops"}}})
    sources = {hit["_source"]["news"]["article_id"]: hit["_source"] for hit in answer["hits"]["hits"]}
    assert sorted(sources) == ["a1", "a2"]
    assert sources["a1"]["news"]["quotes"] == ["The troops came"]
    assert await find(index, "troops") == []  # alerts are no documents


@slow
async def test_a_rule_and_an_article_have_one_entry_that_of_the_newest_version(index: ElasticIndex) -> None:
    versions = [alert("a1", version=number, title=f"Version {number}") for number in (1, 3, 2, 3)]
    assert [await index.put_alerts([one]) for one in versions] == [["ok"], ["ok"], ["stale"], ["ok"]]
    assert await index.put_alerts([alert("a1", rule="Votes")]) == ["ok"]
    answer = await ask(index, "POST", "/{}-alerts/_search", {"sort": ["rule.id"]})
    shown = [(hit["_source"]["rule"]["id"], hit["_source"]["news"]["title"]) for hit in answer["hits"]["hits"]]
    assert shown == [("Troops", "Version 3"), ("Votes", "Title of a1")]


@slow
async def test_a_record_of_a_newer_version_cannot_be_read(index: ElasticIndex) -> None:
    await index.put([numbered(1, "vote")])
    newer = {"v": 99, "article": {}, "tags": {}, "relation": {}}
    source = {"record": newer, "news": {"title": "vote", "text": ""}, "key": {"id": "a2", "seq": 2}}
    await ask(index, "PUT", "/{}-documents-2026.03/_doc/a2?refresh=true", source)
    with pytest.raises(ValueError, match="upgrade"):
        await index.get("a2")


# -- queries


@slow
@pytest.mark.parametrize("groups", [10, 26, 40])
async def test_elasticsearch_accepts_what_is_not_refused_as_too_deep(index: ElasticIndex, groups: int) -> None:
    node: Node = Word("vote")
    for n in range(groups):
        node = And((node, Word("a"))) if n % 2 else Or((node, Not(Word("b", "text"))))
    await index.put([numbered(1, "vote a")])
    search = Search(node, since=SEEN - MONTH)
    if groups < 28:
        assert ids(await index.search(search)) == ["a1"]
    else:
        with pytest.raises(ValueError, match="nested more than 30"):
            await index.search(search)


@slow
async def test_more_words_than_elasticsearch_accepts_are_refused_with_a_reason(index: ElasticIndex) -> None:
    await index.put([numbered(1, "vote")])
    with pytest.raises(ValueError, match="too many"):
        await index.search(Search(Or(tuple(Word(f"w{n}") for n in range(40_000)))))


@slow
async def test_a_scan_is_in_order_and_follows_the_query(index: ElasticIndex) -> None:
    documents = [
        numbered(n, "vote" if n % 3 else "other", first_seen=SEEN - n * timedelta(hours=3)) for n in range(1200)
    ]
    await index.put(documents)
    assert list(await asyncio.to_thread(lambda: list(index.scan()))) == documents
    some = Search(Word("vote"), since=SEEN - timedelta(hours=1500), until=SEEN)
    expected = [n for n in range(1, 501) if n % 3]
    assert [document.relation.seq for document in index.scan(some)] == expected


# -- trouble


@slow
async def test_only_what_the_mapping_refuses_is_dead(index: ElasticIndex) -> None:
    documents = [numbered(1), misplaced(2), numbered(3), numbered(4, seq=0)]
    with pytest.raises(Rejected, match=r"documents a2: .*latitude"):
        await index.put(documents)
    stage = Index(index, batch=4, delay=0.01)
    steps = (stage.step(document, Position("documents", 0, n)) for n, document in enumerate(documents))
    ends = await asyncio.gather(*steps, return_exceptions=True)
    assert [end for end in ends if not isinstance(end, Exception)] == [Emit()] * 3
    assert isinstance(ends[1], Rejected)
    assert ends[1].reason == "index_rejected"
    assert await index.count() == 3


@slow
@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("index.blocks.read_only", "accepts no writes .*lift the block"),
        ("index.blocks.read_only_allow_delete", "flood-stage"),
        ("index.blocks.write", "almenara reindex"),
    ],
)
async def test_writers_wait_for_an_index_that_accepts_no_writes(index: ElasticIndex, block: str, message: str) -> None:
    await index.put([numbered(1)])
    await ask(index, "PUT", "/{}-documents/_settings", {block: True})
    with pytest.raises(Unavailable, match=message):
        await index.put([numbered(2), numbered(3)])
    assert await index.count() == 1
    await ask(index, "PUT", "/{}-documents/_settings", {block: None})
    assert await index.put([numbered(2), numbered(3)]) == ["ok", "ok"]


@slow
async def test_a_full_disk_delays_writes_and_loses_none(own_elasticsearch: Elasticsearch) -> None:
    async with opened(elastic_options(own_elasticsearch.url, refresh=True)) as index:
        await index.put([numbered(1)])
        disk = "cluster.routing.allocation.disk."
        marks = {f"{disk}watermark.{mark}": "9000tb" for mark in ("low", "high", "flood_stage")}
        full = marks | {f"{disk}threshold_enabled": True}
        await ask(index, "PUT", "/_cluster/settings", {"persistent": full})

        async def write_on() -> None:
            for n in range(600):
                await index.put([numbered(2, seq=n)])
                await asyncio.sleep(0.2)

        with pytest.raises(Unavailable, match=r"disk is full.*free space"):
            await write_on()
        await ask(index, "PUT", "/_cluster/settings", {"persistent": dict.fromkeys(full)})
        await until(lambda: index.put([numbered(2, seq=1_000)]))
        assert sorted(document.article.id for document in index.scan()) == ["a1", "a2"]


@slow
async def test_a_restarted_server_is_waited_for(own_elasticsearch: Elasticsearch) -> None:
    async with opened(elastic_options(own_elasticsearch.url, refresh=True, timeout=5)) as index:
        await index.put([numbered(1)])
        own_elasticsearch.kill()
        for attempt in (index.put([numbered(2)]), index.search(Search()), index.get("a1")):
            with pytest.raises(Unavailable, match="cannot be reached at http://127"):
                await attempt
        with pytest.raises(Unavailable):
            next(index.scan())
        own_elasticsearch.start()
        await until(lambda: index.put([numbered(2)]))
        await until(lambda: index.search(Search()))
        assert await index.count() == 2


async def until(act: Callable[[], Any], seconds: float = 60) -> None:
    """`act` as soon as it is not Unavailable."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                await act()
                return
            except Unavailable:
                await asyncio.sleep(0.3)

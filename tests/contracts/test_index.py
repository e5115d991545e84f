"""What every index does, whichever backend it is."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds
from pipeline.core.query.parse import parse
from pipeline.core.query.search import Results, Search
from pipeline.core.query.snippets import CLOSE, OPEN
from pipeline.core.query.tree import Node, Word, phrase
from pipeline.core.text.words import words
from pipeline.records import Document
from tests.builders import SEEN
from tests.contracts.indices import BACKENDS, PARAMS, closed, find, ids, numbered
from tests.core.query.queries import NODES, VOCABULARY
from tests.core.text.words_table import TABLE


@pytest.fixture(params=PARAMS)
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    opened = await BACKENDS[request.param](request, tmp_path / "index")
    yield opened
    await closed(opened)


async def test_a_written_document_is_found(index: Any) -> None:
    one = numbered(1, "Senate votes", "The senate has voted.", topics=("coup",), countries=("PE",), section="World")
    assert await index.put([one]) == ["ok"]
    assert await index.get("a1") == one
    assert await index.get("a2") is None
    found = await index.search(Search(Word("senate")))
    assert (found.total, found.exact, found.missing) == (1, True, 0)
    assert found.hits[0].document == one


async def test_an_empty_index_answers(index: Any) -> None:
    assert await index.put([]) == []
    assert await index.search(Search(Word("senate"), facets=("topic",))) == Results(0, (), {"topic": {}})
    assert (await index.search(Search())).total == 0


async def test_topics_without_terms_in_the_language_are_searched(index: Any) -> None:
    one, other = numbered(1, "votes"), numbered(2, "votes")
    tags = msgspec.structs.replace(other.tags, untagged=("sanctions", "coup"))
    await index.put([one, msgspec.structs.replace(other, tags=tags)])
    queries = ("untagged:sanctions", "votes -untagged:coup", "untagged:elections OR topic:sanctions")
    assert [await find(index, query) for query in queries] == [["a2"], ["a1"], []]


async def test_only_a_higher_seq_replaces(index: Any) -> None:
    old, new = numbered(1, "old", seq=10), numbered(1, "new", seq=11, version=2)
    assert await index.put([old]) == ["ok"]
    assert await index.put([new]) == ["ok"]
    assert await index.put([old]) == ["stale"]
    assert await index.put([new]) == ["ok"]  # a repeat
    assert await index.get("a1") == new
    assert await find(index, "old") == []
    assert await find(index, "new") == ["a1"]
    assert (await index.search(Search())).total == 1


async def test_several_versions_in_one_batch(index: Any) -> None:
    batch = [numbered(1, "first", seq=1), numbered(1, "third", seq=3), numbered(1, "second", seq=2), numbered(2, "x")]
    assert await index.put(batch) == ["ok", "ok", "stale", "ok"]
    assert await index.get("a1") == batch[1]
    assert await find(index, "first OR second OR third") == ["a1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("senate", ["a1", "a2"]),
        ("SÉNATE", ["a1", "a2"]),
        ("title:senate", ["a1"]),
        ("senate army", ["a1"]),  # one in the title, one in the text
        ("senate -army", ["a2"]),
        ("army OR ejército", ["a1", "a3"]),
        ('"foreign army"', ["a1"]),
        ('"army foreign"', []),
        ('"army foreign"~2', ["a1"]),
        ('title:"foreign army"', []),
        ("sen*", ["a1", "a2"]),
        ("language:ES", ["a3"]),
        ('source:"diario ELÉCTRICO"', ["a3"]),
        ('source:"diario"', []),
        ("topic:coup", ["a1", "a3"]),
        ("country:pe", ["a1"]),
        ("site:example.org -language:es", ["a1", "a2"]),
        ("kind:copy", ["a2"]),
        ("duplicate_of:a1", ["a2"]),
        ("story:a1", ["a1", "a2"]),
        ('author:"ANA ruiz"', ["a3"]),
        ("published:2026-03-01", ["a1"]),
        ("published:[2026-03-01 TO 2026-03-02]", ["a1", "a3"]),
        ("published:<2026-03-02", ["a1"]),
        ("published:>=1969", ["a1", "a3"]),
        ("version:2", ["a2"]),
        ("seq:[2 TO 3]", ["a2", "a3"]),
        ("word_count:[3 TO *]", ["a1", "a2", "a3"]),
        ("word_count:[4 TO *]", ["a1"]),
        ("word_count:3 language:es", ["a3"]),
        ("senate -word_count:>3", ["a2"]),
        ("(senate OR ejército) NOT (topic:coup AND language:en)", ["a2", "a3"]),
    ],
)
async def test_the_language_of_queries(index: Any, query: str, expected: list[str]) -> None:
    day = SEEN.replace(hour=0)
    await index.put([
        numbered(1, "Senate votes", "It lets a foreign army in.", topics=("coup",), countries=("PE", "US"),
                 story_id="a1", published=day - timedelta(microseconds=1)),
        numbered(2, "Votes", "The senate sat.", kind="copy", duplicate_of="a1", story_id="a1", version=2),
        numbered(3, "Votan", "El ejercito entra", language="es", source="Diario Eléctrico", topics=("coup", "troops"),
                 author="Ana Ruiz", story_id="a3", published=day),
    ])  # fmt: skip
    assert await find(index, query) == expected


@pytest.mark.parametrize(("language", "text", "expected"), TABLE, ids=[row[0] for row in TABLE])
async def test_every_word_of_every_language_is_found(
    index: Any, language: str, text: str, expected: tuple[str, ...]
) -> None:
    await index.put([numbered(1, "", text), numbered(2, text, ""), numbered(3, "other", "thing")])
    for word in expected:
        assert sorted(ids(await index.search(Search(Word(word))))) == ["a1", "a2"], word
        assert ids(await index.search(Search(Word(word, "text")))) == ["a1"]
    if len(expected) > 1:
        assert sorted(ids(await index.search(Search(phrase(expected))))) == ["a1", "a2"]


async def test_a_word_too_long_is_not_found_but_keeps_its_position(index: Any) -> None:
    longest, longer = "ab" + "x" * 253, "ab" + "y" * 254
    await index.put([numbered(1, "", f"one {longest} two {longer} three")])
    assert await find(index, "abx*") == await find(index, longest) == ["a1"]
    assert await find(index, "aby*") == await find(index, '"two three"') == []
    assert await find(index, '"two three"~1') == ["a1"]


async def test_hits_are_marked(index: Any) -> None:
    text = "Nothing here. " * 40 + "Then the <b>senate</b> of Peru voted. " + "Nothing more. " * 40
    await index.put([numbered(1, "Perú: the Senate votes", text)])
    hit = (await index.search(Search(parse("peru senate").node))).hits[0]
    assert hit.title == f"{OPEN}Perú{CLOSE}: the {OPEN}Senate{CLOSE} votes"
    assert f"the <b>{OPEN}senate{CLOSE}</b> of {OPEN}Peru{CLOSE} voted" in hit.snippet
    assert len(hit.snippet) < 300
    plain = (await index.search(Search(parse("language:en").node))).hits[0]
    assert plain.title == "Perú: the Senate votes"
    assert plain.snippet.startswith("Nothing here.")


async def test_by_time_the_newest_is_first_and_versions_keep_their_place(index: Any) -> None:
    await index.put([numbered(n, "vote") for n in (3, 1, 2)])
    await index.put([numbered(1, "vote again", seq=9, version=2)])
    assert ids(await index.search(Search(Word("vote"), sort="time"))) == ["a3", "a2", "a1"]
    assert ids(await index.search(Search())) == ["a3", "a2", "a1"]


async def test_by_relevance_a_title_counts_more(index: Any) -> None:
    filler = "other words stand here " * 20
    await index.put([numbered(1, "Weather", filler + "vote"), numbered(2, "Vote", filler), numbered(3, "Else", filler)])
    found = await index.search(Search(Word("vote")))
    assert ids(found) == ["a2", "a1"]
    assert found.hits[0].score > found.hits[1].score > 0


async def test_times_are_half_open(index: Any) -> None:
    await index.put([numbered(n, "vote") for n in range(1, 6)])
    since, until = SEEN + timedelta(minutes=2), SEEN + timedelta(minutes=4)
    assert await find(index, "vote", since=since, until=until) == ["a2", "a3"]
    assert await find(index, "vote", since=since + timedelta(microseconds=1), until=until) == ["a3"]
    assert await find(index, "vote", until=until + timedelta(microseconds=1)) == ["a1", "a2", "a3", "a4"]
    assert (await index.search(Search(since=until))).total == 2


@pytest.mark.parametrize("query", ["vote", '"vote now"~3'])
async def test_pages_join_without_gap_or_overlap(index: Any, query: str) -> None:
    await index.put([numbered(n, "vote", "now or never") for n in range(25)])
    await index.put([numbered(n, "x", "vote then now") for n in range(25, 40)])
    node = parse(query).node
    whole = ids(await index.search(Search(node, sort="time", limit=100)))
    pages = [await index.search(Search(node, sort="time", limit=4, offset=offset)) for offset in range(0, 44, 4)]
    assert [found for page in pages for found in ids(page)] == whole
    assert {page.total for page in pages} == {len(whole)}
    assert len(set(whole)) == len(whole) > 10
    counted = await index.search(Search(node, limit=0, facets=("source",)))
    assert (counted.total, counted.hits, counted.facets["source"]) == (len(whole), (), {"El Ejemplo": len(whole)})


@pytest.mark.parametrize(
    ("search", "message"),
    [
        (Search(limit=20, offset=9_990), "10,000"),
        (Search(limit=-1), "negative"),
        (Search(offset=-1), "negative"),
        (Search(sort="luck"), "luck"),
        (Search(facets=("topic", "weekday")), "weekday"),
    ],
)
async def test_an_invalid_search_is_refused(index: Any, search: Search, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        await index.search(search)


async def test_facets_count_what_matches(index: Any) -> None:
    await index.put([
        numbered(1, "vote", topics=("coup", "troops"), countries=("PE",), source="La Voz", language="es"),
        numbered(2, "vote", topics=("coup",), countries=("PE", "US"), source="La Voz", language=None),
        numbered(3, "vote", first_seen=SEEN + timedelta(days=1)),
        numbered(4, "other", topics=("coup",)),
    ])  # fmt: skip
    found = await index.search(Search(Word("vote"), facets=("topic", "source", "language", "country", "day")))
    assert found.facets == {
        "topic": {"coup": 2, "troops": 1},
        "source": {"La Voz": 2, "El Ejemplo": 1},
        "language": {"es": 1, "en": 1},
        "country": {"PE": 2, "US": 1},
        "day": {"2026-03-02": 2, "2026-03-03": 1},
    }


async def test_a_writer_and_searchers_at_once(index: Any) -> None:
    """A search never fails while batches are written; in one process it never sees half a batch."""

    async def write() -> None:
        for start in range(0, 60, 10):
            await index.put([numbered(n, "vote") for n in range(start, start + 10)])

    async def look() -> set[int]:
        seen = set()
        for _ in range(15):
            seen.add((await index.search(Search(Word("vote"), limit=0))).total % 10)
            await asyncio.sleep(0)
        return seen

    jobs: list[Coroutine[Any, Any, Any]] = [write(), look(), look()]
    _, *seen = await asyncio.gather(*jobs)
    if isinstance(index, TantivyIndex):  # Elasticsearch refreshes once a second, also within a batch
        assert seen == [{0}, {0}]
    assert (await index.search(Search(Word("vote")))).total == 60


# -- against the plainest statement of what matches


@cache
def corpus() -> list[Document]:
    """150 documents of the words that random queries use; seeded, so the same every time."""
    rng = random.Random(7)
    return [
        numbered(
            n,
            " ".join(rng.choices(VOCABULARY, k=rng.randrange(6))),
            " ".join(rng.choices(VOCABULARY, k=rng.randrange(25))),
            language=rng.choice(["en", "es", None]),
            topics=rng.choice([(), ("coup",), ("troops", "coup")]),
            version=rng.randrange(1, 3),
            source=rng.choice(["EL PAIS", "Or", 'A "B" \\ C', "x:y"]),
        )
        for n in range(150)
    ]


@pytest.fixture(scope="module", params=PARAMS)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with asyncio.Runner() as runner:
        index = runner.run(BACKENDS[request.param](request, tmp_path_factory.mktemp("corpus")))
        documents = corpus()
        for start in range(0, len(documents), 40):  # several segments
            runner.run(index.put(documents[start : start + 40]))
        yield lambda search: runner.run(index.search(search))
        runner.run(closed(index))


@settings(max_examples=80, deadline=None)
@given(node=NODES)
@pytest.mark.slow
def test_the_index_and_the_evaluator_agree(filled: Any, node: Node) -> None:
    expected = [document for document in corpus() if holds(node, DocumentView(document))]
    found = filled(Search(node, limit=200, sort="time", facets=("topic", "source")))
    assert (found.total, found.exact) == (len(expected), True)
    assert ids(found) == [document.article.id for document in reversed(expected)]
    assert found.facets["source"] == Counter(document.article.source for document in expected)
    assert found.facets["topic"] == Counter(topic.id for document in expected for topic in document.tags.topics)


def test_the_random_corpus_is_of_whole_words() -> None:
    assert all(len(words(word)) == 1 for word in VOCABULARY)

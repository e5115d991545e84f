"""End to end: the bundled site over real HTTP, the daemon's own pipeline, and what the site knows must come out."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pipeline.assembly.backends import clock
from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.commands import demo
from pipeline.config.settings import Logs
from pipeline.demo.site import Site
from pipeline.records import Document
from pipeline.terminal import logs

SITES: list[Site] = []  # the site of the run, to be asked for its truth


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Document], Path]:
    """The summary, and the documents by the key that the site knows them under."""
    folder = tmp_path_factory.mktemp("demo") / "run"
    logs.configure(Logs(), quiet=True)
    demo.prepare(folder)
    site = Site(clock())
    SITES.append(site)
    summary = asyncio.run(_read(folder, site))
    documents = list(TantivyIndex.open(folder / "data" / "index", write=False).scan())
    keyed = {site.key(document.article.url) or document.article.url: document for document in documents}
    assert len(keyed) == len(documents)
    return summary, keyed, folder


async def _read(folder: Path, site: Site) -> dict[str, Any]:
    async with site:
        return await demo.read_site(folder, site)


pytestmark = pytest.mark.slow


def test_every_article_is_one_document(outcome: Any) -> None:
    summary, documents, _ = outcome
    expected = SITES[0].expected
    assert set(documents) == set(expected.articles)
    assert summary["documents"] == len(expected.articles) >= 40
    assert Counter(d.article.language for d in documents.values()) == expected.languages
    assert len(expected.languages) >= 5
    assert summary["dead"] == 0
    assert summary["seconds"] < 60


def test_copies_are_linked_to_what_they_copy_and_nothing_else_is(outcome: Any) -> None:
    _, documents, _ = outcome
    keys = {document.article.id: key for key, document in documents.items()}
    found = [
        (key, keys[document.relation.duplicate_of])
        for key, document in documents.items()
        if document.relation.duplicate_of
    ]
    assert len(found) == len(SITES[0].expected.copies)
    assert groups(found) == groups(SITES[0].expected.copies)  # which of a group is met first is up to the network


def groups(pairs: Iterable[tuple[str, str]]) -> set[frozenset[str]]:
    """What is linked, directly or through another."""
    found: list[set[str]] = []
    for pair in pairs:
        touched = [group for group in found if group & set(pair)]
        found = [group for group in found if group not in touched] + [set(pair).union(*touched)]
    return {frozenset(group) for group in found}


def test_corrections_make_versions_and_typography_does_not(outcome: Any) -> None:
    summary, documents, _ = outcome
    for key, kind in SITES[0].expected.updates.items():
        assert documents[key].relation.version == (2 if kind == "material" else 1), key
    assert summary["versions"] == list(SITES[0].expected.updates.values()).count("material")


def test_the_troop_authorization_is_one_story_in_three_languages(outcome: Any) -> None:
    _, documents, _ = outcome
    expected = SITES[0].expected
    [name] = [story for story in expected.stories if "paraguay" in story or "troops" in story][:1]
    members = expected.stories[name]
    assert len({documents[key].relation.story_id for key in members}) == 1
    assert len({documents[key].article.source for key in members}) >= 4
    assert len({documents[key].article.language for key in members}) >= 3
    for key in members:
        assert "foreign-troop-authorization" in {topic.id for topic in documents[key].tags.topics}, key


def test_no_story_mixes_two_events(outcome: Any) -> None:
    _, documents, _ = outcome
    story_of = {key: story for story, keys in SITES[0].expected.stories.items() for key in keys}
    by_story: dict[str, set[str]] = {}
    for key, document in documents.items():
        by_story.setdefault(document.relation.story_id, set()).add(story_of.get(key, key))
    assert {story: events for story, events in by_story.items() if len(events) > 1} == {}


def test_the_records_of_stories_have_each_article_once(outcome: Any) -> None:
    _, documents, folder = outcome
    stories = [one for one in TantivyIndex.open(folder / "data" / "index", write=False).scan_stories() if one.size]
    listed = {article.id: story for story in stories for article in story.articles}
    assert sorted(listed) == sorted(document.article.id for document in documents.values())
    assert sum(story.size for story in stories) == len(documents)
    assert sum(story.copies for story in stories) == len(SITES[0].expected.copies)
    senate = max(stories, key=lambda story: story.independent)
    assert len(senate.languages) >= 3
    differing = {fact.field: {said.value for said in fact.said} for fact in senate.facts if fact.differs}
    assert differing["personnel"] == {430, 450}


def test_what_is_not_an_article_is_dropped_under_its_reason(outcome: Any) -> None:
    summary, _, _ = outcome
    expected = SITES[0].expected
    drops = Counter(summary["drops"])
    for reason, n in expected.drops.items():
        assert drops[reason] == n, reason
    assert set(drops) <= set(expected.drops) | {"unchanged", "superseded"}


def test_where_the_feed_stands_in_the_document_says_that_it_is_a_part(outcome: Any) -> None:
    _, documents, _ = outcome
    found = {key: document.article.partial for key, document in documents.items() if document.article.partial}
    assert found == SITES[0].expected.partial
    assert len(found) >= 3


def test_alerts_are_sent_once(outcome: Any) -> None:
    _, documents, folder = outcome
    lines = [json.loads(line) for line in (folder / "data" / "alerts.jsonl").read_text().splitlines()]
    assert len({line["id"] for line in lines}) == len(lines)
    keys = {document.article.id: key for key, document in documents.items()}
    alerted: dict[str, set[str]] = {}
    for line in lines:
        alerted.setdefault(line["rule"], set()).add(keys[line["article"]])
    copies = {copy for copy, _ in SITES[0].expected.copies} | {original for _, original in SITES[0].expected.copies}
    for rule, articles in SITES[0].expected.alerts.items():
        assert alerted[rule] <= set(articles), rule
        assert set(articles) - alerted[rule] <= copies, rule  # a copy of an alerted article fires no alert

"""The pages of topics."""

from __future__ import annotations

import httpx
from msgspec.structs import replace

from pipeline.config.folder import Configuration
from pipeline.records import Sourced
from pipeline.reports.near_misses import near_misses
from tests.builders import document
from tests.console.conftest import words_of


async def test_topics_with_what_they_found(client: httpx.AsyncClient) -> None:
    answer = await client.get("/topics")
    assert "Foreign troops 2 articles" in words_of(answer)
    assert 'href="/topics/troops"' in answer.text


async def test_one_topic_with_its_articles_and_languages(client: httpx.AsyncClient) -> None:
    answer = await client.get("/topics/troops")
    assert "Deputies agree to Canadian troops" in words_of(answer)
    assert "English" in words_of(answer)
    assert "Look for near misses" in words_of(answer)
    assert (await client.get("/topics/nothing")).status_code == 404


async def test_near_misses_with_and_without_a_script(client: httpx.AsyncClient) -> None:
    whole = await client.get("/topics/troops?near=1")
    part = await client.get("/topics/troops", headers={"HX-Request": "true"})
    assert "<html" in whole.text
    assert "<html" not in part.text
    for answer in (whole, part):
        assert 'id="near-answer"' in answer.text


def test_what_nearly_has_a_topic(configuration: Configuration) -> None:
    made = [document(title, "They came at night.", id=id, language="en") for id, title in
            (("a", "Foreign troops came"), ("b", "A sunny day"))]  # fmt: skip
    assert near_misses(made, configuration.rules, "troops") == []  # one has it, the other is far from it
    rules = configuration.rules
    (rule,) = rules.rules.topics
    object.__setattr__(rule, "threshold", 0.9)
    found = near_misses(made, rules, "troops")
    assert [(miss.document.article.id, miss.score, miss.threshold, miss.by) for miss in found] == [
        ("a", 0.6, 0.9, "patterns")
    ]
    assert replace(made[0].article, title=Sourced(value="x", source="feed"))  # the documents are not changed

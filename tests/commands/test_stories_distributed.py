"""`almenara stories` and `watch` with Kafka and Elasticsearch."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.commands.asking import Ask, Use
from tests.commands.test_stories import filled, requests

pytestmark = pytest.mark.slow


def test_stories_are_listed_shown_and_corrected(config: Path, ask: Ask, use: Use) -> None:
    use("kafka", "elasticsearch")
    asyncio.run(filled(config))
    asyncio.run(asyncio.sleep(1.5))  # until Elasticsearch finds what was written
    listed = json.loads(ask("stories", "list", "language:es", "--json").out)
    assert [story["id"] for story in listed["stories"]] == ["a1"]
    assert [story["id"] for story in json.loads(ask("stories", "list", "--json").out)["stories"]] == ["a1", "a4"]
    assert json.loads(ask("stories", "show", "a5", "--json").out)["size"] == 5
    exported = ask("export", "--query", "story:a5").out.splitlines()
    assert sorted(json.loads(line)["id"] for line in exported) == ["a1", "a2", "a3", "a5", "a6"]
    found = json.loads(ask("query", "story:a5 title:boats", "--json").out)
    assert [hit["id"] for hit in found["results"]["hits"]] == ["a5"]
    answer = ask("stories", "merge", "a4", "a1")
    assert (answer.code, answer.err) == (0, "")
    assert [(one.kind, one.story, one.into) for one in requests()] == [("merge", "a4", "a1")]
    assert ask("watch").out.startswith("no authorisation to watch")

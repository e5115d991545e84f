"""What every index does with the versions of an article, and with notes about it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders import SEEN
from tests.contracts.indices import BACKENDS, PARAMS, closed, find, numbered


@pytest.fixture(params=PARAMS)
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    opened = await BACKENDS[request.param](request, tmp_path / "index")
    yield opened
    await closed(opened)


async def test_earlier_versions_stay(index: Any) -> None:
    versions = [numbered(1, f"text {n}", seq=n, version=n) for n in (1, 2, 3)]
    for version in versions:
        assert await index.put([version, numbered(2, "other", seq=7)]) == ["ok", "ok"]
    assert await index.put([versions[1]]) == ["stale"]
    assert await index.versions("a1") == versions
    assert await index.versions("a2") == [numbered(2, "other", seq=7)]
    assert await index.versions("a9") == []
    assert await index.count() == 2
    assert await index.get("a1") == versions[2]


async def test_a_note_is_added_to_the_stored_document(index: Any) -> None:
    first, second = numbered(1, "old text", seq=1), numbered(1, "new text", seq=2, version=2)
    await index.put([first])
    await index.put([second])
    gone: dict[str, Any] = {"removed_at": SEEN, "removed": "http_410", "noted": "removed"}
    note = numbered(1, "", seq=5, version=2, **gone)
    assert await index.put([note, numbered(3, "", seq=6, **gone)]) == ["ok", "stale"]
    assert await index.put([note]) == ["ok"]  # again
    stored = await index.get("a1")
    assert (stored.article, stored.tags) == (second.article, second.tags)
    assert (stored.relation.seq, stored.relation.removed, stored.relation.noted) == (5, "http_410", "")
    for query, found in (("removed:http_410", ["a1"]), ("removed_at:>2026-01-01", ["a1"]), ("new", ["a1"])):
        assert await find(index, query) == found
    assert [one.article.title.value for one in await index.versions("a1")] == ["old text", "new text"]
    back = numbered(1, "", seq=8, version=2, noted="returned")
    assert await index.put([back]) == ["ok"]
    assert await find(index, "removed:http_410") == []
    assert (await index.get("a1")).relation.removed_at is None
    assert await index.get("a3") is None

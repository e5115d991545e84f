"""What every index does with the records of stories, whichever backend it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.ports import StoryList, StoryPage
from pipeline.records import Said, Story, StoryArticle, StoryFact, StoryHour
from tests.builders import SEEN
from tests.contracts.indices import BACKENDS, PARAMS, closed, numbered

HOUR = timedelta(hours=1)


@pytest.fixture(params=PARAMS)
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    opened = await BACKENDS[request.param](request, tmp_path / "index")
    yield opened
    await closed(opened)


def story(n: int, **changes: Any) -> Story:
    """The n-th story, changed n hours after SEEN."""
    first = StoryArticle(id=f"s{n}", seq=n, seen=SEEN, source="A", title=f"Story {n}", url=f"https://a.example/{n}")
    fields: dict[str, Any] = {
        "id": f"s{n}", "seq": n, "changed": SEEN + n * HOUR, "opened": SEEN, "title": f"Story {n}", "first": first,
        "articles": (first,), "size": 1, "independent": 1, "sources": ("A",), "topics": ("coup",),
    }  # fmt: skip
    return Story(**fields | changes)


async def listed(index: Any, **how: Any) -> list[str]:
    return [one.id for one in (await index.list_stories(StoryList(**how))).stories]


async def test_a_story_is_found_by_its_id(index: Any) -> None:
    assert await index.put_stories([]) == []
    assert await index.put_stories([story(1), story(2)]) == ["ok", "ok"]
    assert await index.get_stories(["s1", "s3"]) == {"s1": story(1)}
    assert await index.get_stories([]) == {}


async def test_an_empty_index_has_no_stories(index: Any) -> None:
    assert await index.list_stories(StoryList()) == StoryPage(0)
    assert await index.get_stories(["s1"]) == {}
    assert await asyncio.to_thread(lambda: list(index.scan_stories())) == []


async def test_an_older_record_replaces_no_newer(index: Any) -> None:
    grown = story(1, seq=7, size=2)
    assert await index.put_stories([story(1)]) == ["ok"]
    assert await index.put_stories([grown]) == ["ok"]
    assert await index.put_stories([story(1)]) == ["stale"]
    assert await index.put_stories([grown]) == ["ok"]
    assert await index.get_stories(["s1"]) == {"s1": grown}


async def test_of_two_records_of_one_seq_the_last_counts(index: Any) -> None:
    """What a person asks for changes a story without a document."""
    split = story(1, split_from="s9")
    assert [await index.put_stories([one]) for one in (story(1), split)] == [["ok"], ["ok"]]
    assert await index.get_stories(["s1"]) == {"s1": split}


async def test_stories_are_listed_newest_first_or_by_importance(index: Any) -> None:
    """More sources come first, then more or newer reports."""
    many, late = (StoryHour(at=SEEN, articles=5, own=5),), (StoryHour(at=SEEN + 48 * HOUR, articles=1, own=1),)
    await index.put_stories([
        story(1, independent=3, size=3), story(2, independent=1, timeline=late), story(3, independent=3, timeline=many),
        story(4),
    ])  # fmt: skip
    assert await listed(index) == ["s4", "s3", "s2", "s1"]
    assert await listed(index, sort="importance") == ["s2", "s3", "s1", "s4"]
    assert await listed(index, limit=2, offset=1) == ["s3", "s2"]
    assert await listed(index, since=SEEN + 3 * HOUR) == ["s4", "s3"]
    assert (await index.list_stories(StoryList(limit=1))).total == 4


async def test_a_merged_story_keeps_its_redirect_and_is_not_listed(index: Any) -> None:
    redirect = Story(id="s1", seq=5, changed=SEEN + 5 * HOUR, opened=SEEN, redirect="s2")
    await index.put_stories([story(1), story(2)])
    assert await index.put_stories([story(2, seq=5, merged=("s1",), size=2), redirect]) == ["ok", "ok"]
    assert await listed(index) == ["s2"]
    assert (await index.get_stories(["s1"]))["s1"] == redirect


async def test_stories_about_hosts_of_foreign_forces(index: Any) -> None:
    await index.put_stories([story(1, hosts=("NO",)), story(2), story(3, hosts=("DK", "NO"))])
    assert await listed(index, hosted=True) == ["s3", "s1"]


async def test_every_record_is_scanned_in_order(index: Any) -> None:
    many = [story(n, seq=1000 - n) for n in range(450)]
    await index.put_stories(many)
    assert await asyncio.to_thread(lambda: list(index.scan_stories())) == many[::-1]


async def test_a_story_with_everything_comes_back_whole(index: Any) -> None:
    whole = story(1, countries=("FR",), languages=("fr", "en"), moved={"a": "s2"}, merged=("s5",), copies=2)
    await index.put_stories([whole])
    assert (await index.get_stories(["s1"]))["s1"] == whole


async def test_old_stories_expire(index: Any) -> None:
    old = SEEN - timedelta(days=400)
    await index.put([numbered(1)])
    await index.put_stories([story(1, opened=old, changed=old), story(2)])
    await index.expire(SEEN - timedelta(days=300))
    assert await listed(index) == ["s2"]


async def test_stories_are_narrowed_down_by_their_values(index: Any) -> None:
    await index.put_stories([
        story(1, topics=("coup", "strike"), countries=("FR",), languages=("fr", "en")),
        story(2, topics=("coup",), countries=("FR", "DE"), sources=("Le <b>Monde</b>", "A"), independent=2),
        story(3, topics=(), countries=("DE",), languages=("de",)),
    ])  # fmt: skip
    assert await listed(index, where={"topic": ("coup",)}) == ["s2", "s1"]
    assert await listed(index, where={"topic": ("strike", "none")}) == ["s1"]
    assert await listed(index, where={"country": ("FR", "DE"), "topic": ("coup",)}) == ["s2", "s1"]
    assert await listed(index, where={"language": ("fr",), "country": ("DE",)}) == []
    assert await listed(index, where={"source": ("Le <b>Monde</b>",)}) == ["s2"]
    assert await listed(index, independent=2) == ["s2"]
    assert await listed(index, where={"country": ("DE",)}, since=SEEN + 3 * HOUR, sort="importance") == ["s3"]


async def test_values_of_stories_are_counted(index: Any) -> None:
    said = Said(article="a", source="A", at=SEEN, value=3, sentence="Three were hurt.")
    await index.put_stories([
        story(1, countries=("FR",)), story(2, countries=("FR", "DE"), topics=()),
        story(3, countries=("DE",), facts=(StoryFact(topic="", field="injured", said=(said,), differs=True),)),
        Story(id="s9", seq=9, changed=SEEN, opened=SEEN, redirect="s1"),
    ])  # fmt: skip
    page = await index.list_stories(StoryList(limit=0, facets=("country", "topic", "differs")))
    assert (page.total, page.stories) == (3, ())
    assert page.facets == {"country": {"DE": 2, "FR": 2}, "topic": {"coup": 2}, "differs": {"injured": 1}}
    assert await listed(index, having=("differs",)) == ["s3"]
    assert await listed(index, having=("topic", "country")) == ["s3", "s1"]
    page = await index.list_stories(StoryList(where={"country": ("FR",)}, facets=("country",)))
    assert (page.total, page.facets) == (2, {"country": {"FR": 2, "DE": 1}})


async def test_counts_follow_a_story_that_changes(index: Any) -> None:
    await index.put_stories([story(1, countries=("FR",)), story(2, countries=("FR",))])
    redirect = Story(id="s2", seq=4, changed=SEEN, opened=SEEN, redirect="s1")
    await index.put_stories([story(1, seq=3, countries=("DE",)), redirect])
    assert (await index.list_stories(StoryList(facets=("country",)))).facets == {"country": {"DE": 1}}
    assert await listed(index, where={"country": ("FR",)}) == []


async def test_an_unknown_facet_of_stories_is_refused(index: Any) -> None:
    with pytest.raises(ValueError, match="unknown facet of stories shape"):
        await index.list_stories(StoryList(facets=("shape",)))
    with pytest.raises(ValueError, match="there are topic, country"):
        await index.list_stories(StoryList(where={"x' OR 1": ("a",)}))

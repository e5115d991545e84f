"""Whatever people ask for about stories, the records and the window agree."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stages.relate.house import House, reason, relation
from tests.stages.relate.test_stories import Said, all_pairs, house_of, id_of, report, request, stories


async def test_what_was_split_merged_and_split_again_has_its_id_again() -> None:
    house = await house_of(all_pairs("abcd"))
    for outlet in "abc":
        await house.feed(report(outlet))
    for _ in range(2):
        await house.ask(request("split", "a", articles="b"))
        assert agreed(house, "abc") == {"a": "a", "b": "b", "c": "a"}
        await house.ask(request("merge", "b", into="a"))
        assert agreed(house, "abc") == {"a": "a", "b": "a", "c": "a"}
    assert stories(house)[id_of("a")].size == 3


async def test_a_story_that_was_merged_may_be_split_off_again() -> None:
    house = await house_of(all_pairs("ab", "cd"))
    for outlet in "abcd":
        await house.feed(report(outlet))
    assert isinstance(house.score, Said)
    house.score.say({(one, "e"): 0.9 for one in "abcd"} | {(one, other): 0.5 for one in "ab" for other in "cd"})
    assert relation(await house.feed(report("e"))).corrections[0].kind == "merge"
    house.score.say({(one, other): 0.05 for one in "ab" for other in "cdefgh"} | all_pairs("cdefgh"))
    for outlet in "fgh":
        found = relation(await house.feed(report(outlet)))
    assert (found.corrections[0].kind, found.corrections[0].into, found.story_id) == ("split", id_of("c"), id_of("c"))
    assert agreed(house, "abcdefgh") == dict(zip("abcdefgh", "aacccccc", strict=True))
    assert [stories(house)[id_of(outlet)].size for outlet in "ac"] == [2, 6]


@pytest.mark.parametrize(
    ("kind", "story", "into", "articles", "why"),
    [
        ("split", "a", "x", "c", "no_story"),
        ("split", "a", "d", "b", "no_articles"),
        ("split", "a", "e", "c", "same_story"),
        ("merge", "a", "a", "", "same_story"),
        ("merge", "a", "e", "", "same_story"),
        ("merge", "a", "x", "", "no_story"),
        ("split", "a", None, "aceghf", "all_articles"),
    ],
)
async def test_requests_that_ask_for_nothing_possible_change_nothing(
    kind: Any, story: str, into: str | None, articles: str, why: str
) -> None:
    house = await house_of(all_pairs("abc", "d", "ef"))
    for outlet in "abcdef":
        await house.feed(report(outlet))
    await house.ask(request("split", "a", articles="b"))
    await house.ask(request("merge", "e", into="a"))
    before = stories(house)
    assert reason(await house.ask(request(kind, story, into, articles))) == why
    assert stories(house) == before
    assert agreed(house, "abcdef") == dict(zip("abcdef", "abadaa", strict=True))


def agreed(house: House, outlets: str) -> dict[str, str]:
    """The story of each outlet's article, in which records and window agree."""
    names = {id_of(outlet): outlet for outlet in outlets}
    listed = {names[one.id]: names[id] for id, story in stories(house).items() for one in story.articles}
    window = house.stage._stories.window
    assert {outlet: names[window.story_of(id_of(outlet)) or ""] for outlet in outlets} == listed
    return dict(sorted(listed.items()))

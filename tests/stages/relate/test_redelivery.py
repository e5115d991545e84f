"""Requests anywhere, also again and out of their order, restarts between: records and window agree in the end."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pipeline.records import Known, Story, StoryRequest
from pipeline.stage import Position
from tests.contracts.test_state_cache import CacheMemory
from tests.stages.relate.house import T0, House
from tests.stages.relate.test_stories import house_of, id_of, play, report, stories

COUNT = 24  # articles


def asked(pick: random.Random, fed: list[str]) -> StoryRequest:
    kind: Any = pick.choice(["merge", "split"])
    one, other = pick.choice(fed), pick.choice(fed)
    some = pick.sample(fed, min(len(fed), pick.randrange(1, 6)))
    return StoryRequest(
        at=T0, kind=kind, story=id_of(one), into=id_of(other) if kind == "merge" or pick.random() < 0.4 else None,
        articles=tuple(map(id_of, some)) if kind == "split" else (),
    )  # fmt: skip


async def lived(pick: random.Random, hours: int) -> House:
    """A house that was fed, asked, restarted with and without its cache, and asked the same again."""
    house, fed, requests, at = await house_of(None), list[str](), list[StoryRequest](), 0
    for number in range(COUNT):
        fed.append(f"n{number}")
        await play(house, report(fed[-1], pick.randrange(hours)), Position("tagged", 0, number))
        while pick.random() < 0.5:
            again = bool(requests) and pick.random() < 0.3
            requests.append(pick.choice(requests) if again else asked(pick, fed))
            await play(house, requests[-1], Position("story-requests", 0, at))
            at += 1
        if pick.random() < 0.2:
            await house.restart(CacheMemory(Known))
        if requests and pick.random() < 0.15:
            for back in range(pick.randrange(len(requests)), len(requests)):
                await play(house, requests[back], Position("story-requests", 0, back))
    return house


def end_of(story: Story, records: dict[str, Story]) -> Story:
    for _ in range(len(records)):
        if story.redirect is None:
            return story
        story = records[story.redirect]
    raise AssertionError("redirects in a circle")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
async def test_records_and_window_agree_in_the_end(seed: int) -> None:
    house = await lived(random.Random(seed), 40 if seed % 2 else 600)
    records, listed = stories(house), dict[str, str]()
    for id, story in records.items():
        assert end_of(story, records).redirect is None
        assert story.size == len(story.articles)
        assert not listed.keys() & {one.id for one in story.articles}
        listed |= {one.id: id for one in story.articles}
    assert listed.keys() == {id_of(f"n{number}") for number in range(COUNT)}
    window = house.stage._stories.window
    assert all(window.story_of(id) in (None, story) for id, story in listed.items())

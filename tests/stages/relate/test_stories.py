"""Stories are corrected by articles and by people; and whenever relate dies, it decides the same."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.core.stories.features import Rows
from pipeline.core.stories.keys import key
from pipeline.core.stories.place import Probabilities
from pipeline.core.stories.rarity import Rarity
from pipeline.core.urls import article_id
from pipeline.records import Correction, Decided, Known, Story, StoryRequest, Tagged
from pipeline.stage import Drop, Emit, Outcome, Position
from tests.contracts.test_state_cache import CacheMemory
from tests.stages.relate.house import HOUR, T0, House, reason, records_of, relation, tagged
from tests.stages.relate.test_crashes import alike, lines

Pairs = dict[tuple[str, str], float]


class Said:
    """A score that says of each pair of outlets what `pairs` says, of others 0."""

    threshold = 0.5

    def __init__(self, pairs: Pairs) -> None:
        self._pairs: dict[tuple[int, int], float] = {}
        self.say(pairs)

    def say(self, pairs: Pairs) -> None:
        for (one, other), probability in pairs.items():
            self._pairs[_key(one), _key(other)] = self._pairs[_key(other), _key(one)] = probability

    def probabilities(self, one: Rows, others: Rows, rarity: Rarity) -> Probabilities:
        return np.array([self._pairs.get((int(one["source"][0]), int(n)), 0.0) for n in others["source"]])


class Chance:
    """A score that says of each pair something else, but always the same."""

    threshold = 0.5

    def probabilities(self, one: Rows, others: Rows, rarity: Rarity) -> Probabilities:
        own = int(one["source"][0])
        return np.array([self._of(*sorted((own, int(other)))) for other in others["source"]])

    @staticmethod
    def _of(one: int, other: int) -> float:
        return hashlib.sha256(f"{one} {other}".encode()).digest()[0] / 255


def _key(outlet: str) -> int:
    return key("source", f"{outlet}.example")


def report(outlet: str, hour: int = 0) -> Tagged:
    """A report of its own, near all others."""
    text = " ".join(f"{outlet}{n}" for n in range(60)) + "."
    return tagged(f"https://{outlet}.example/", text, title=f"{outlet} reports", vector="v", seen=T0 + HOUR * hour)


def id_of(outlet: str) -> str:
    return article_id(f"https://{outlet}.example/")


def all_pairs(*groups: str) -> Pairs:
    return {(a, b): 0.9 for group in groups for a in group for b in group if a < b}


async def house_of(pairs: Pairs | None) -> House:
    house = House(score=Said(pairs) if pairs is not None else Chance())
    await house.restart()
    return house


def stories(house: House) -> dict[str, Story]:
    """The newest record of each story on the log."""
    return records_of(house)


# -- one after the other ------------------------------------------------------------------------------


async def test_two_stories_become_one_and_the_old_id_leads_on() -> None:
    house = await house_of(all_pairs("ac", "bc") | {("a", "b"): 0.4})
    for outlet in "ab":
        assert relation(await house.feed(report(outlet))).story_id == id_of(outlet)
    found = relation(await house.feed(report("c")))
    assert found.corrections == (Correction(kind="merge", story=id_of("b"), into=id_of("a")),)
    assert found.story_id == id_of("a")
    await house.restart()
    kept = stories(house)
    assert kept[id_of("b")].redirect == id_of("a")
    assert {one.id for one in kept[id_of("a")].articles} == {id_of(outlet) for outlet in "abc"}
    correction = report("b", 2)
    changed = tagged(
        correction.article.url, correction.article.text + " And 7 more.", title="b reports", seen=T0 + HOUR
    )
    assert relation(await house.feed(changed)).story_id == id_of("a")


async def test_a_story_that_is_two_is_split() -> None:
    pairs = all_pairs("ab", "cd") | {("a", "c"): 0.6, ("b", "c"): 0.0, ("a", "d"): 0.5, ("b", "d"): 0.0}
    house = await house_of(pairs | {("b", "c"): 0.1})
    for outlet in "abc":
        assert relation(await house.feed(report(outlet))).story_id == id_of("a")
    found = relation(await house.feed(report("d")))
    assert found.corrections == ()  # a mean of 0.3 across is too much for a split
    house = await house_of(pairs)
    for outlet in "abc":
        await house.feed(report(outlet))
    assert isinstance(house.score, Said)
    house.score.say({("a", "c"): 0.1, ("a", "d"): 0.3})
    found = relation(await house.feed(report("d")))
    assert found.corrections == (Correction(kind="split", story=id_of("a"), into=id_of("c"), articles=(id_of("c"),)),)
    assert found.story_id == id_of("c")
    assert {id: [one.id for one in story.articles] for id, story in stories(house).items()} == {
        id_of("a"): [id_of("a"), id_of("b")], id_of("c"): [id_of("c"), id_of("d")],
    }  # fmt: skip


# -- what people ask ------------------------------------------------------------------------------


def request(kind: Any, story: str, into: str | None = None, articles: str = "") -> StoryRequest:
    return StoryRequest(
        at=T0, kind=kind, story=id_of(story), into=into and id_of(into), articles=tuple(map(id_of, articles))
    )


async def test_what_people_decided_is_done_once_and_never_undone() -> None:
    house = await house_of(all_pairs("abcdef"))
    for outlet in "abc":
        await house.feed(report(outlet))
    outcome = await house.ask(request("split", "a", articles="bc"))
    assert isinstance(outcome, Emit)
    assert {id: len(story.articles) for id, story in stories(house).items()} == {id_of("a"): 1, id_of("b"): 2}
    await house.restart(CacheMemory(Known))
    found = relation(await house.feed(report("d")))  # links both
    assert found.corrections == ()
    assert found.story_id in (id_of("a"), id_of("b"))
    again = await house.stage.step(request("split", "a", articles="bc"), Position("story-requests", 0, 0))
    assert isinstance(again, Emit)
    assert [out.record for out in again.outs if isinstance(out.record, Decided)] == [
        out.record for out in outcome.outs if isinstance(out.record, Decided)
    ]
    await house.ask(request("merge", "b", into="a"))
    assert relation(await house.feed(report("e"))).story_id == id_of("a")
    assert stories(house)[id_of("b")].redirect == id_of("a")
    assert reason(await house.ask(request("split", "x", articles="b"))) == "no_story"


async def test_a_person_may_split_what_is_older_than_the_window() -> None:
    house = await house_of(all_pairs("ab"))
    for outlet in "ab":
        await house.feed(report(outlet))
    await house.feed(report("c", 24 * 20))
    assert len(house.stage._stories.window) == 1
    await house.ask(request("split", "a", articles="b"))
    late = report("b", 24 * 20)
    changed = tagged(late.article.url, late.article.text + " And 7 more.", title="b reports", seen=T0 + HOUR * 500)
    assert relation(await house.feed(changed)).story_id == id_of("b")


async def test_a_request_waits_until_the_articles_before_it_are_durable() -> None:
    house = await house_of(all_pairs("ab"))
    outcome = await house.stage.step(report("a"), Position("tagged", 0, 0))
    asked = asyncio.create_task(house.stage.step(request("split", "a", articles="a"), Position("story-requests", 0, 0)))
    await asyncio.sleep(0)
    assert not asked.done()
    assert isinstance(outcome, Emit)
    await house.stage.settled(outcome.outs)
    assert reason(await asked) == "all_articles"


# -- crashes ------------------------------------------------------------------------------


@st.composite
def histories(draw: st.DrawFn) -> list[Tagged | StoryRequest]:
    outlets = [f"n{n}" for n in range(draw(st.integers(2, 16)))]
    events: list[Tagged | StoryRequest] = []
    for n, outlet in enumerate(outlets):
        events.append(report(outlet, draw(st.integers(0, 400))))
        if n and draw(st.integers(0, 3)) == 0:
            one, other = (draw(st.sampled_from(outlets[: n + 1])) for _ in range(2))
            kind: Any = draw(st.sampled_from(("merge", "split")))
            asked = StoryRequest(
                at=T0, kind=kind, story=id_of(one), into=id_of(other) if kind == "merge" else None,
                articles=(id_of(other),) if kind == "split" else (),
            )  # fmt: skip
            events.append(asked)
        if draw(st.integers(0, 4)) == 0:
            old = draw(st.sampled_from(outlets[: n + 1]))
            again = report(old)
            events.append(tagged(again.article.url, again.article.text + f" And {n + 20} more.", title=f"{old} reports",
                                 vector="v", seen=T0 + HOUR * draw(st.integers(0, 400))))  # fmt: skip
    return events


def places(events: Sequence[Tagged | StoryRequest]) -> Iterator[Position]:
    counts = {"tagged": 0, "story-requests": 0}
    for event in events:
        stream = "story-requests" if isinstance(event, StoryRequest) else "tagged"
        yield Position(stream, 0, counts[stream])
        counts[stream] += 1


async def play(house: House, event: Tagged | StoryRequest, at: Position) -> Outcome:
    outcome = await house.stage.step(event, at)
    assert isinstance(outcome, Emit | Drop)
    house.log.publish(outcome.outs)
    await house.stage.settled(outcome.outs)
    return outcome


def decisions(outcome: Outcome) -> list[tuple[str, str, bytes]]:
    """What was decided. A repeated input gives the records of stories as they are since."""
    return [line for line in lines(outcome) if line[0] != "stories"]


@pytest.mark.slow
@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(data=st.data())
async def test_restarts_change_no_story(data: st.DataObject) -> None:
    """Killed after any number of the outputs of any input, it gives the bytes of a run without interruption."""
    events = data.draw(histories())
    whole, house = await house_of(None), await house_of(None)
    at = list(places(events))
    expected = [decisions(await play(whole, event, place)) for event, place in zip(events, at, strict=True)]
    crashes = data.draw(st.lists(st.integers(0, len(events) - 1), max_size=4))
    place = 0
    while place < len(events):
        outcome = await house.stage.step(events[place], at[place])
        assert isinstance(outcome, Emit | Drop)
        assert alike(decisions(outcome), expected[place])
        if place in crashes:
            crashes.remove(place)
            house.log.publish(outcome.outs[: data.draw(st.integers(0, len(outcome.outs)))])
            await house.restart(CacheMemory(Known) if data.draw(st.booleans()) else None)
            back = data.draw(st.integers(0, 3))
            while back and place and at[place - 1].stream == at[place].stream == "tagged":
                place, back = place - 1, back - 1
            continue
        house.log.publish(outcome.outs)
        await house.stage.settled(outcome.outs)
        place += 1
    assert stories(house) == stories(whole)
    for number in range(20):
        one = house.stage._stories.window.story_of(id_of(f"n{number}"))
        assert one == whole.stage._stories.window.story_of(id_of(f"n{number}"))


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(histories())
async def test_records_and_window_agree(events: list[Tagged | StoryRequest]) -> None:
    """Each article that is in the window is listed in the record of the story that the window names."""
    house = await house_of(None)
    for event, place in zip(events, places(events), strict=True):
        await play(house, event, place)
    records = stories(house)
    for event in events:
        if isinstance(event, Tagged):
            story = house.stage._stories.window.story_of(event.article.id)
            if story is not None:
                assert event.article.id in {one.id for one in records[story].articles}
    listed = [one.id for story in records.values() for one in story.articles]
    assert len(listed) == len(set(listed))

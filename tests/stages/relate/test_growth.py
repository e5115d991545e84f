"""A story that grows large is written in steps; whenever relate dies, the record that follows is the same."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.records import Known, Story, Tagged, encode
from pipeline.repair.stories import StoriesRebuild
from pipeline.stage import Drop, Emit, Position
from tests.contracts.test_state_cache import CacheMemory
from tests.repair.test_state import Log
from tests.stages.relate.house import FERRY, HOUR, T0, House, document, records_of, tagged


def article(number: int, changed: bool = False) -> Tagged:
    text = FERRY.replace("31 to 12", "33 to 12") if changed else FERRY
    return tagged(f"https://p{number}.example/ferry", text, title=f"Ferry line {number}", seen=T0 + number * HOUR)


INPUTS = [article(n) for n in range(40)] + [article(7, changed=True)] + [article(n) for n in range(40, 48)]


async def uninterrupted() -> House:
    house = House(absorb_every=3)
    await house.restart()
    for one in INPUTS:
        await house.feed(one)
    return house


async def test_it_is_written_in_steps_and_read_back() -> None:
    house = await uninterrupted()
    [story] = records_of(house).values()
    assert (story.size, story.copies) == (48, 47)
    steps = [message for message in house.log.messages["stories"] if "+" in message.key]
    assert 1 < len(steps) <= 12
    assert max(len(message.value or b"") for message in steps) < 1500 < len(encode(story)) / 8
    await house.restart(CacheMemory(Known))
    [kept] = house.stage._records.get([story.id]).values()
    assert replace(kept, steps=0) == story
    house.stories = CacheMemory(Story)
    await house.restart()
    assert house.stage._records.get([story.id])[story.id] == kept


async def test_what_is_there_is_read_by_a_rebuild() -> None:
    house = await uninterrupted()
    before = records_of(house)
    assert await StoriesRebuild(Log(house), None, CacheMemory(Story), T0).run() == 0  # type: ignore[arg-type]
    assert records_of(house) == before


@settings(max_examples=12, deadline=None)
@given(data=st.data())
async def test_a_crash_changes_no_record(data: st.DataObject) -> None:
    expected = await uninterrupted()
    house = House(absorb_every=data.draw(st.sampled_from((1, 3, 100))))
    await house.restart()
    crashes = data.draw(st.lists(st.integers(9, len(INPUTS) - 1), max_size=6))
    place = 0
    while place < len(INPUTS):
        outcome = await house.stage.step(INPUTS[place], Position("tagged", 0, place))
        assert isinstance(outcome, Emit | Drop)
        if place in crashes:
            crashes.remove(place)
            house.log.publish(outcome.outs[: data.draw(st.integers(0, len(outcome.outs)))])
            if data.draw(st.booleans()):
                house.stories = CacheMemory(Story)
            await house.restart(CacheMemory(Known) if data.draw(st.booleans()) else None)
            place = max(0, place - data.draw(st.integers(0, 3)))
            continue
        house.log.publish(outcome.outs)
        await house.stage.settled([])
        place += 1
    assert records_of(house) == records_of(expected)
    assert document(await house.feed(article(60))) == document(await expected.feed(article(60)))

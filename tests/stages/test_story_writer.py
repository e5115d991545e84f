"""Records of stories reach the index whole, also from steps, whatever fails in between."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from pipeline.core.stories.record import with_document
from pipeline.core.stories.steps import written
from pipeline.records import Document, Story
from pipeline.stage import Unavailable
from pipeline.stages.story_writer import StoryWriter
from tests.core.stories.test_steps import report, with_seq


class Records:
    """An index of records of stories. `down`: how many writes fail first; `shown`: searches find only that."""

    def __init__(self) -> None:
        self.stories: dict[str, Story] = {}
        self.shown: dict[str, Story] | None = None  # what searches find, if not yet what was written
        self.down = self.writes = 0

    async def put(self, documents: Sequence[Document]) -> list[str]:
        raise AssertionError

    async def put_stories(self, stories: Sequence[Story]) -> list[str]:
        return [await self.put_one(one) for one in stories]

    async def put_one(self, story: Story) -> str:
        await asyncio.sleep(0)
        if self.down:
            self.down -= 1
            raise Unavailable("the index is down")
        self.writes += 1
        assert story.after is None
        before = self.stories.get(story.id)
        if before and before.seq > story.seq:
            return "stale"
        self.stories[story.id] = story
        return "ok"

    async def get_stories(self, ids: Sequence[str]) -> dict[str, Story]:
        await asyncio.sleep(0)
        shown = self.stories if self.shown is None else self.shown
        return {id: shown[id] for id in ids if id in shown}


def records(size: int) -> tuple[list[Story], Story]:
    """What is written of a story while it grows, and its last record."""
    found, story = [], None
    for seq in range(1, size + 1):
        _, out, story = written(story, with_document(story, with_seq(report(seq - 1, hours=seq / 9), seq)))
        found.append(out)
    assert story
    return found, story


async def test_steps_are_put_together() -> None:
    index, (outs, last) = Records(), records(60)
    writer = StoryWriter(index, index.put_one)
    for first in range(0, 60, 7):
        answers = await asyncio.gather(*(writer.write(one) for one in outs[first : first + 7]))
        assert set(answers) == {"ok"}
    assert index.stories["a0"] == last
    assert index.writes == 9
    assert await writer.write(outs[30]) == "stale"
    assert writer._lines == {}


@pytest.mark.parametrize("down", [1, 2])
async def test_what_failed_is_tried_again_in_any_order(down: int) -> None:
    index, (outs, last) = Records(), records(40)
    writer = StoryWriter(index, index.put_one)
    for one in outs[:32]:
        await writer.write(one)
    index.down = down

    async def step(one: Story, turns: int) -> str:
        while True:
            try:
                return await writer.write(one)
            except Unavailable:
                for _ in range(turns):  # the later ones are tried first
                    await asyncio.sleep(0)

    answers = await asyncio.gather(*(step(one, 3 * (40 - n)) for n, one in enumerate(outs[32:], 32)))
    assert set(answers) <= {"ok", "stale"}
    assert index.stories["a0"] == last


async def test_a_step_without_the_record_before_is_given_up_until_the_next_whole_one() -> None:
    """The index was restored from an older copy."""
    index, (outs, last) = Records(), records(80)
    writer = StoryWriter(index, index.put_one, patience=0.01)
    steps = [one for one in outs if one.after is not None and one.seq > 40]
    assert await writer.write(steps[0]) == "stale"
    await writer.write(outs[0])
    assert await writer.write(steps[0]) == "stale"
    assert index.stories["a0"] == outs[0]
    for one in outs[40:]:
        await writer.write(one)
    assert replace(index.stories["a0"], steps=last.steps) == last
    assert writer._lines == {}


async def test_a_step_waits_while_the_record_before_it_is_tried_again() -> None:
    """An outage may last longer than a step waits for a record that may never come."""
    index, (outs, last) = Records(), records(12)
    writer = StoryWriter(index, index.put_one, patience=0.01)
    for one in outs[:10]:
        await writer.write(one)
    index.down = 1
    with pytest.raises(Unavailable):
        await writer.write(outs[10])
    later = asyncio.create_task(writer.write(outs[11]))
    await asyncio.sleep(0.1)  # many times its patience
    assert not later.done()
    assert await writer.write(outs[10]) == "ok"
    assert await later == "ok"
    assert replace(index.stories["a0"], steps=last.steps) == last
    assert (writer._lines, writer._failed) == ({}, {})


async def test_an_index_may_show_later_what_was_written() -> None:
    index, (outs, last) = Records(), records(12)
    writer = StoryWriter(index, index.put_one, patience=0.2)
    for one in outs[:11]:
        await writer.write(one)
    index.shown = {"a0": outs[0]}  # a search does not find what was written just now
    again = StoryWriter(index, index.put_one, patience=0.2)  # such as after a restart
    later = asyncio.create_task(again.write(outs[11]))
    await asyncio.sleep(0.1)
    assert not later.done()
    index.shown = None
    assert await later == "ok"
    assert replace(index.stories["a0"], steps=last.steps) == last


async def test_the_next_step_needs_no_look_at_the_index() -> None:
    index, (outs, last) = Records(), records(12)
    writer = StoryWriter(index, index.put_one)
    index.shown = {}
    assert [await writer.write(one) for one in outs] == ["ok"] * 12
    assert index.stories["a0"] == last

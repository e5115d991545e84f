"""Whenever old records of stories are deleted, and whenever relate dies, it decides the same."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.backends.state_sqlite import ArchiveSqlite
from pipeline.records import Known, Story, StoryRequest, Tagged
from pipeline.stage import Drop, Emit
from tests.contracts.test_state_cache import CacheMemory
from tests.stages.relate.house import HOUR, House, records_of
from tests.stages.relate.test_crashes import alike
from tests.stages.relate.test_old_stories import Index, indexed
from tests.stages.relate.test_stories import Chance, decisions, histories, house_of, places, play


@pytest.mark.slow
@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(data=st.data())
async def test_nothing_is_decided_otherwise(data: st.DataObject) -> None:
    """Whenever old records are deleted, also while their stories are in the window, and whenever it dies: the same
    decisions, and the same stories in the index, as if all had stayed."""
    events: list[Tagged | StoryRequest] = data.draw(histories())
    whole = await house_of(None)
    house, index = await indexed(score=Chance())
    for event, at in zip(events, places(events), strict=True):
        expected, given = await play(whole, event, at), await house.stage.step(event, at)
        assert isinstance(given, Emit | Drop)
        assert alike(decisions(given), decisions(expected))
        if data.draw(st.integers(0, 5)) == 0:  # dies with only some of it on the log, and does it again
            house.log.publish(given.outs[: data.draw(st.integers(0, len(given.outs)))])
            await restart(house, data)
            given = await house.stage.step(event, at)
            assert isinstance(given, Emit | Drop)
            assert alike(decisions(given), decisions(expected))
        house.log.publish(given.outs)
        await house.stage.settled(given.outs)
        if data.draw(st.integers(0, 2)) == 0:
            await half_deleted(house, index, data)
    assert index.kept() == records_of(whole)


async def half_deleted(house: House, index: Index, data: st.DataObject) -> None:
    """Delete old records; some outputs of the last tick do not reach the log, and the caches are lost, or not."""
    if data.draw(st.booleans()):
        index.read()
    await house.archive_old(data.draw(st.integers(0, 6)), days=data.draw(st.sampled_from((0.1, 20, 40))))
    emit = await house.stage.tick(house.log.now + 1000 * HOUR)
    if emit is not None:
        house.log.publish(emit.outs[: data.draw(st.integers(0, len(emit.outs)))])
        await restart(house, data)


async def restart(house: House, data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        house.archive, house.stories = ArchiveSqlite(":memory:"), CacheMemory(Story)
    await house.restart(CacheMemory(Known) if data.draw(st.booleans()) else None)

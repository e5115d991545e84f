"""What relate remembers, and a cache that is lost, ahead or of another log."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.records import (
    Decided,
    Known,
    encode,
)
from pipeline.stage import Drop, Unavailable
from tests.contracts.test_state_cache import CacheMemory
from tests.stages.relate.house import RAIN, A, B, House, MemoryLog, reason, relation, tagged


async def test_dropped_inputs_are_remembered_lightly(house: House) -> None:
    await house.feed(tagged(A))
    outcome = await house.feed(tagged(A))
    assert isinstance(outcome, Drop)
    (out,) = outcome.outs
    assert isinstance(out.record, Decided)
    assert out.record.fingerprint is None
    assert len(encode(out.record)) < 500


async def test_an_input_that_only_shares_its_place_with_an_earlier_one_is_decided(house: House) -> None:
    """The log was emptied and counts from 0 again; the state was kept."""
    await house.feed(tagged(A))
    house.offset = 0
    await house.restart()
    assert relation(await house.feed(tagged(B, RAIN, title="Rain"))).kind == "new"


class Flaky(CacheMemory[Known]):
    down = False

    def get(self, ids: Sequence[str]) -> dict[str, Known]:
        if self.down:
            self.clear()  # as the file does that finds itself damaged
            raise Unavailable("gone")
        return super().get(ids)


async def test_a_cache_lost_while_running_is_read_again_before_the_next_decision() -> None:
    house = House(absorb_every=1)
    house.cache = cache = Flaky(Known)
    await house.restart()
    await house.feed(tagged(A))
    cache.down = True
    with pytest.raises(Unavailable):
        await house.feed(tagged(A))
    cache.down = False
    assert reason(await house.feed(tagged(A))) == "unchanged"


async def test_a_cache_ahead_of_the_log_is_dropped(house: House) -> None:
    """The log was restored from a backup."""
    await house.feed(tagged(A))
    await house.restart()
    backup = {topic: list(messages) for topic, messages in house.log.messages.items()}
    ends = dict(house.log.ends)
    await house.feed(tagged(B, RAIN, title="Rain"))
    await house.restart()  # the cache has read both
    house.log.messages, house.log.ends = backup, ends
    await house.restart()
    assert relation(await house.feed(tagged(B, RAIN, title="Rain"))).seq == 2
    assert reason(await house.feed(tagged(A))) == "unchanged"


async def test_a_cache_of_another_log_is_dropped(house: House) -> None:
    await house.feed(tagged(A))
    await house.restart()
    house.log = MemoryLog()
    house.offset = 0
    other = House()
    await other.restart()
    await other.feed(tagged(B, RAIN, title="Rain"))
    house.log = other.log
    await house.restart()
    house.offset = 1
    assert relation(await house.feed(tagged(A))).kind == "new"
    assert reason(await house.feed(tagged(B, RAIN, title="Rain"))) == "unchanged"

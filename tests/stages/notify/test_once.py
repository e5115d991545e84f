"""A message goes to each of its channels once, and a repeat after a kill has the same key."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from pipeline.core.notification.streams import ALERT_STATE, DELIVERIES, MESSAGES
from pipeline.records import Message
from pipeline.stage import Drop, Emit
from tests.builders import alert
from tests.fakes import MemoryChannel
from tests.stages.notify.daemon import Daemon


async def test_an_alert_goes_to_each_of_its_channels_once() -> None:
    one, two, other = MemoryChannel(), MemoryChannel(), MemoryChannel()
    daemon = await Daemon({"one": one, "two": two, "other": other}).start()
    fired = alert(channels=("one", "two"))
    (outcome,) = await daemon.give(fired)
    assert isinstance(outcome, Emit)
    assert {out.stream for out in outcome.outs} == {ALERT_STATE, MESSAGES}
    assert (one.ids, two.ids, other.ids) == ([fired.id], [fired.id], [])
    (message,) = daemon.records(MESSAGES)
    assert set(daemon.records(DELIVERIES)) == {f"{message}/one", f"{message}/two"}
    assert daemon.statuses("one") == daemon.statuses("two") == ["sent"]
    assert daemon.stage.health["one"].sent == 1
    assert daemon.stage.waiting == 0


async def test_a_step_sends_nothing_before_its_records_are_durable() -> None:
    channel = MemoryChannel()
    daemon = await Daemon({"one": channel}).start()
    (outcome,) = await daemon.give(alert(), commit=False)
    assert channel.tried == 0
    await daemon.commit(outcome)
    await daemon.settle()
    assert channel.ids == [alert().id]


@pytest.mark.parametrize("restart", [False, True])
async def test_a_repeated_alert_is_dropped(restart: bool) -> None:
    channel = MemoryChannel()
    daemon = await Daemon({"one": channel}).start()
    await daemon.give(alert())
    if restart:
        await daemon.restart()
    (outcome,) = await daemon.give(alert())
    assert isinstance(outcome, Drop)
    assert outcome.reason == "repeat"
    assert len(channel.ids) == 1


async def test_killed_before_the_commit_it_is_sent_once_killed_after_the_send_again_with_the_same_key() -> None:
    channel = MemoryChannel()
    daemon = await Daemon({"one": channel}).start()
    await daemon.give(alert(), commit=False)
    await daemon.restart()
    await daemon.give(alert())
    assert len(channel.keys) == 1
    log = [out for out in daemon.log if out.stream != DELIVERIES]
    daemon.log = log
    await daemon.restart()
    await daemon.settle()
    assert len(channel.keys) == 2
    assert len(set(channel.keys)) == 1
    await daemon.restart()
    await daemon.settle()
    assert len(channel.keys) == 2


@pytest.mark.parametrize("kept", [1, 2])
async def test_after_any_prefix_of_a_steps_records_nothing_is_lost_or_doubled(kept: int) -> None:
    channel = MemoryChannel()
    daemon = await Daemon({"one": channel}).start()
    (outcome,) = await daemon.give(alert(), commit=False)
    assert isinstance(outcome, Emit)
    daemon.log += outcome.outs[:kept]
    await daemon.restart()
    await daemon.give(alert())
    assert channel.ids == [alert().id]


async def test_nothing_is_sent_while_another_process_may_own_the_state() -> None:
    channel, owned = MemoryChannel(), False

    async def owns() -> bool:
        return owned

    daemon = await Daemon({"one": channel}).start()
    daemon.stage.asks(owns)
    await daemon.give(alert())
    await daemon.later(60)
    assert channel.tried == 0
    owned = True
    await daemon.later(1)
    assert channel.ids == [alert().id]


async def test_what_is_in_progress_when_partitions_are_taken_away_is_noted_and_nothing_new_begins() -> None:
    class Slow(MemoryChannel):
        async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
            await gate.wait()
            return await super().send(message, key)

    gate, channel = asyncio.Event(), Slow()
    daemon = await Daemon({"one": channel}).start()
    await daemon.give(alert("a1", story_id="s1"), alert("a2", story_id="s2"), settle=False)
    await asyncio.sleep(0)
    suspending = asyncio.create_task(daemon.stage.suspend(5))
    await asyncio.sleep(0)
    gate.set()
    assert await suspending
    await daemon.tick()
    assert daemon.statuses() == ["sent"]
    assert channel.ids == [alert("a1").id]
    await daemon.restart()
    await daemon.settle()
    assert channel.ids == [alert("a1").id, alert("a2").id]

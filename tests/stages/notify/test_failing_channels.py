"""Channels that fail, hang or change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from pipeline.core.alerts.ledger import DeliveryOptions
from pipeline.records import Message
from tests.builders import alert
from tests.fakes import MemoryChannel
from tests.stages.notify.daemon import OPTIONS, Daemon


async def test_a_failing_channel_is_tried_again_and_the_others_are_not() -> None:
    good, bad = MemoryChannel(), MemoryChannel(fails=2)
    daemon = Daemon({"good": good, "bad": bad})
    await daemon.give(alert(channels=("good", "bad")))
    state = daemon.state()
    assert (state.status, state.pending, state.attempt, state.alert) == (
        "pending", ("bad",), 1, alert(channels=("good", "bad")),
    )  # fmt: skip
    assert daemon.stage.health["bad"].error == "not now"
    assert state.due == daemon.now + timedelta(seconds=10) == daemon.stage.next_tick()
    assert await daemon.later(9) is None
    await daemon.later(1)
    assert daemon.state().attempt == 2
    await daemon.restart()
    assert await daemon.later(19) is None
    await daemon.later(1)
    assert daemon.states() == [("a1", "sent")]
    assert daemon.state().alert is None
    assert (len(good.ids), len(bad.ids)) == (1, 1)
    assert daemon.stage.health["bad"].error is None


async def test_after_the_last_attempt_an_alert_has_failed_and_stays_on_the_log() -> None:
    channel = MemoryChannel(fails=99)
    daemon = Daemon({"one": channel})
    await daemon.give(alert())
    for _ in range(20):
        await daemon.later(40)
    assert channel.tried == OPTIONS.attempts
    state = daemon.state()
    assert (state.status, state.pending, state.alert) == ("failed", ("one",), alert())
    assert daemon.stage.waiting == 0


async def test_a_channel_that_is_down_costs_one_try_not_one_an_alert() -> None:
    channel = MemoryChannel(fails=2)
    daemon = Daemon({"one": channel})
    await daemon.give(*(alert(f"a{n}") for n in range(8)))
    assert channel.tried == 1
    assert {status for _, status in daemon.states()} == {"pending"}
    await daemon.later(10)
    assert channel.tried == 2
    await daemon.later(40)
    assert [len(message) for message in channel.messages] == [3, 3, 2]
    assert sorted(channel.ids) == sorted(alert(f"a{n}").id for n in range(8))


async def test_one_alert_that_is_never_taken_does_not_keep_the_others_back() -> None:
    channel = MemoryChannel(bad=[alert("a1").id])
    daemon = Daemon({"one": channel})
    await daemon.give(*(alert(f"a{n}") for n in range(3)))
    for _ in range(12):
        await daemon.later(40)
    assert sorted(channel.ids) == sorted(alert(f"a{n}").id for n in (0, 2))
    assert ("a1", "failed") in daemon.states()


class Hanging(MemoryChannel):
    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        await asyncio.sleep(3600)
        return ""


class Broken(MemoryChannel):
    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        raise RuntimeError("https://user:secret@example.org")


@pytest.mark.parametrize(
    ("channels", "error"),
    [({"bad": Hanging()}, "no answer in 0.01 s"), ({"bad": Broken()}, "RuntimeError"), ({}, "no such channel")],
)
async def test_whatever_goes_wrong_in_a_channel_stays_there(channels: dict[str, MemoryChannel], error: str) -> None:
    good = MemoryChannel()
    daemon = Daemon({"good": good, **channels}, DeliveryOptions(timeout=0.01))
    await daemon.give(alert(channels=("bad", "good")))
    assert len(good.ids) == 1
    assert daemon.state().pending == ("bad",)
    said = daemon.stage.health["bad"].error
    assert said is not None
    assert error in said
    assert "secret" not in said


async def test_new_channels_are_used_at_once_and_old_ones_closed() -> None:
    closed = []

    class Old(MemoryChannel):
        async def close(self) -> None:
            closed.append(self)

    old, new = Old(fails=9), MemoryChannel()
    daemon = Daemon({"one": old})
    await daemon.give(alert("a1"))
    daemon.stage.reload({"one": new})
    await daemon.give(alert("a2"))
    await daemon.later(10)
    assert sorted(new.ids) == sorted([alert("a1").id, alert("a2").id])
    assert closed == [old]


async def test_a_channel_that_does_not_answer_is_shown_while_it_is_waited_for() -> None:
    shown: list[str | None] = []

    class Slow(MemoryChannel):
        async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
            async with asyncio.timeout(5):
                while not daemon.stage.health.get("one"):
                    await asyncio.sleep(0.005)
            shown.append(daemon.stage.health["one"].error)
            return await super().send(message, key)

    daemon = Daemon({"one": Slow()}, DeliveryOptions(slow=0.01))
    await daemon.give(alert())
    assert shown == ["no answer for 0.01 s, and still waiting"]
    assert daemon.stage.health["one"].error is None
    assert daemon.states() == [("a1", "sent")]

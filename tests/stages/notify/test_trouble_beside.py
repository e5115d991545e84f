"""Channels that hang, change or go away: nothing else is held up, and nothing is lost. Sending again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.notification.planning.planner import Plan
from pipeline.records import AlertRequest, Message
from pipeline.stage import Drop
from tests.builders import alert
from tests.fakes import MemoryChannel
from tests.stages.notify.daemon import Daemon

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
FOREVER = 10**6


async def give(daemon: Daemon, *numbers: int, channels: tuple[str, ...] = ("one",)) -> None:
    await daemon.give(*(alert(f"a{n}", channels=channels, story_id=f"s{n}") for n in numbers))


def ids(*numbers: int) -> list[str]:
    return [alert(f"a{n}").id for n in numbers]


class Hanging(MemoryChannel):
    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        self.tried += 1
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
    bad = {"bad": ChannelSpec("bad", "mail", timeout=0.01)} if channels else {}
    daemon = await Daemon({"good": good, **channels}, **bad).start()
    await give(daemon, 1, channels=("bad", "good"))
    assert len(good.ids) == 1
    assert daemon.statuses("bad") == ["waiting"]
    said = daemon.stage.health["bad"].error
    assert said is not None
    assert error in said
    assert "secret" not in said


async def test_a_channel_that_hangs_delays_neither_steps_nor_other_channels() -> None:
    good, hanging = MemoryChannel(), Hanging()
    daemon = await Daemon({"good": good, "bad": hanging}).start()
    async with asyncio.timeout(5):
        await daemon.give(alert("a1", channels=("bad", "good")), settle=False)
        while not hanging.tried:
            await asyncio.sleep(0)
        for n in range(2, 9):
            await daemon.give(alert(f"a{n}", channels=("bad", "good")), settle=False)
            for _ in range(4):
                await asyncio.sleep(0)
                await daemon.tick()
    assert good.ids == ids(*range(1, 9))
    assert hanging.tried == 1
    await daemon.die()


async def test_new_channels_are_used_at_once_and_old_ones_closed() -> None:
    closed = []

    class Old(MemoryChannel):
        async def close(self) -> None:
            closed.append(self)

    old, new = Old(fails=9), MemoryChannel()
    daemon = await Daemon({"one": old}).start()
    await give(daemon, 1)
    daemon.stage.reload(daemon.plan, {"one": new})
    await give(daemon, 2)
    assert new.ids == ids(1, 2)
    assert closed == [old]


async def test_what_waits_for_a_channel_that_is_gone_waits_until_there_is_one() -> None:
    old, new = MemoryChannel(fails=FOREVER), MemoryChannel()
    daemon = await Daemon({"one": old}).start()
    await give(daemon, 1)
    daemon.stage.reload(Plan(), {})
    await daemon.later(DAY)
    assert daemon.statuses() == ["waiting"]
    daemon.stage.reload(daemon.plan, {"one": new})
    await daemon.later(0)
    assert new.ids == ids(1)


async def test_far_more_messages_than_fit_in_memory_arrive_in_order() -> None:
    channel = MemoryChannel(fails=1)
    daemon = await Daemon({"one": channel}, one=ChannelSpec("one", "file")).start()
    await give(daemon, *range(700))
    line = daemon.stage.senders.queue.line("one")
    assert (len(line.waiting), line.bodies) == (700, 300)
    await daemon.later(30)
    assert channel.ids == ids(*range(700))
    assert line.bodies == 0


# -- sending again


async def test_a_message_is_sent_again_when_asked_once_for_each_request() -> None:
    one, two = MemoryChannel(bad=ids(1), kind="refused"), MemoryChannel()
    daemon = await Daemon({"one": one, "two": two}).start()
    await give(daemon, 1, channels=("one", "two"))
    (message,) = [record for record in daemon.records("messages").values() if record.kind == "alert"]
    one.bad = set()
    request = AlertRequest(at=daemon.now, resend=message, again=("one",))
    await daemon.give(request)
    await daemon.restart()
    (again,) = await daemon.give(request)
    assert isinstance(again, Drop)
    assert (one.ids, one.keys) == (ids(1), [message.id])
    assert two.ids == ids(1)
    assert daemon.statuses() == ["sent"]
    await daemon.give(AlertRequest(at=daemon.now + timedelta(seconds=1), resend=message, again=("one", "two")))
    assert (one.keys, two.keys.count(message.id)) == ([message.id] * 2, 2)

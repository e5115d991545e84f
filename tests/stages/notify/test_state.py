"""What notify remembers, whatever happens in whatever order."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.notification.streams import DELIVERIES, MESSAGES
from pipeline.records import Message as Notice
from pipeline.stage import Unavailable
from tests.builders import alert
from tests.fakes import MemoryChannel
from tests.stages.notify.daemon import Daemon

ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("alert"), st.integers(0, 5)),
        st.tuples(st.just("die before the commit"), st.integers(0, 5)),
        st.tuples(st.just("die before the record"), st.integers(0, 5)),
        st.tuples(st.just("later"), st.integers(1, 4000)),
        st.tuples(st.just("restart"), st.just(0)),
        st.tuples(st.just("fail"), st.integers(1, 3)),
    ),
    min_size=4,
    max_size=30,
)
KINDS = [alert(f"n{n}", channels=("one", "two"), story_id=f"s{n}") for n in range(6)]


async def live(acts: list[tuple[str, int]]) -> tuple[Daemon, set[str], int]:
    """A daemon after `acts` and a long quiet time; the alerts it was given, and how many sends were not recorded."""
    daemon = await Daemon({"one": MemoryChannel(), "two": MemoryChannel()}).start()
    given: set[str] = set()
    unrecorded = 0
    for act, number in acts:
        if act == "alert":
            await daemon.give(KINDS[number])
            given.add(KINDS[number].id)
        elif act == "die before the commit":
            await daemon.give(KINDS[number], commit=False, settle=False)
            await daemon.restart()
        elif act == "die before the record":
            given.add(KINDS[number].id)
            await daemon.give(KINDS[number], settle=False)
            for _ in range(5):
                await asyncio.sleep(0)  # it is sent; no tick notes it
            await daemon.restart()
            unrecorded += 1
        elif act == "later":
            await daemon.later(number)
        elif act == "restart":
            await daemon.restart()
        else:
            channel = daemon.channels["two"]
            assert isinstance(channel, MemoryChannel)
            channel.fails = number
    for _ in range(6):
        await daemon.later(1000)
    await daemon.die()
    return daemon, given, unrecorded


@settings(max_examples=40)
@given(ACTS)
def test_every_message_arrives_and_only_a_death_repeats_one_with_the_same_key(acts: list[tuple[str, int]]) -> None:
    daemon, given_ids, unrecorded = asyncio.run(live(acts))
    for channel in daemon.channels.values():
        assert isinstance(channel, MemoryChannel)
        assert set(channel.ids) == given_ids
        repeats = sum(n - 1 for n in Counter(channel.keys).values())
        assert repeats <= unrecorded
        assert len(channel.ids) - len(given_ids) == repeats  # every repeat had the key of the first time
    assert {state.status for state in daemon.records(DELIVERIES).values()} <= {"sent"}


async def test_old_messages_lose_their_alerts_and_then_go_with_their_deliveries() -> None:
    daemon = await Daemon({"one": MemoryChannel()}).start()
    await daemon.give(alert("a1"))
    await daemon.later(timedelta(days=13).total_seconds())
    (message,) = daemon.records(MESSAGES).values()
    assert message.alerts
    await daemon.later(timedelta(days=2).total_seconds())
    (message,) = daemon.records(MESSAGES).values()
    assert (message.alerts, message.reported) == ((), (alert("a1").id,))
    await daemon.restart()
    await daemon.later(timedelta(days=90).total_seconds())
    assert not daemon.records(MESSAGES)
    assert not daemon.records(DELIVERIES)


async def test_a_message_that_waits_is_kept_whole_however_old_it_is() -> None:
    channel = MemoryChannel(fails=10**6)
    daemon = await Daemon({"one": channel}).start()
    daemon.stage.senders.queue.line("one").give_up = timedelta(days=60).total_seconds()
    await daemon.give(alert("a1"))
    await daemon.later(timedelta(days=20).total_seconds())
    (message,) = daemon.records(MESSAGES).values()
    assert message.alerts
    channel.fails = 0
    await daemon.later(900)
    assert channel.ids == [alert("a1").id]


async def test_results_are_published_while_old_messages_cannot_be_read() -> None:
    channel = MemoryChannel()
    daemon = await Daemon({"one": channel}).start()
    await daemon.give(alert("old", channels=("one",), story_id="s1"))
    load = daemon.stage.senders.load

    async def fails(wanted: set[str]) -> list[Notice]:
        raise Unavailable("the broker is down")

    daemon.stage.senders.load = fails
    daemon.now += timedelta(days=15)
    await daemon.give(alert("new", channels=("one",), story_id="s2"))
    assert daemon.statuses() == ["sent", "sent"]
    daemon.stage.senders.load = load
    await daemon.later(86_400 + 3_600)
    bodies = {record.at: len(record.alerts) for record in daemon.records(MESSAGES).values()}
    assert [bodies[at] for at in sorted(bodies)] == [0, 1]

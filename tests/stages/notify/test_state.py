"""What notify remembers, whatever happens in whatever order."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.backends.channels.file import JsonLinesChannel
from pipeline.core.alerts.ledger import DeliveryOptions
from pipeline.records import Alert, AlertState, decode
from pipeline.stage import Emit, Out
from pipeline.stages.notify import STATE
from tests.builders import alert
from tests.fakes import MemoryChannel
from tests.stages.notify.daemon import OPTIONS, Daemon


async def test_a_tick_waits_until_the_last_step_is_durable() -> None:
    daemon = Daemon({"one": MemoryChannel(fails=1)})
    (outcome,) = await daemon.give(alert(), commit=False)
    daemon.now += timedelta(seconds=60)
    ticking = asyncio.create_task(daemon.stage.tick(daemon.now))
    await asyncio.sleep(0.01)
    assert not ticking.done()
    await daemon.commit(outcome)
    emit = await ticking
    assert emit is not None
    assert [out.record.status for out in emit.outs if isinstance(out.record, AlertState)] == ["sent"]


async def test_a_tick_gives_up_while_nothing_becomes_durable() -> None:
    daemon = Daemon({"one": MemoryChannel(fails=1)})
    await daemon.give(alert(), commit=False)
    daemon.stage.settling = 0.01
    daemon.now += timedelta(seconds=60)
    assert await daemon.stage.tick(daemon.now) is None
    await daemon.stage.settled()
    assert await daemon.stage.tick(daemon.now) is not None


async def test_what_is_old_is_forgotten() -> None:
    daemon = Daemon({"one": MemoryChannel()}, DeliveryOptions(keep=1000))
    await daemon.give(alert("a1"))
    daemon.now += timedelta(seconds=900)
    await daemon.give(alert("a2"))
    emit = await daemon.later(200)
    assert emit == Emit((Out(STATE, alert("a1").id, None),))
    assert await daemon.later(0) is None
    await daemon.restart()
    await daemon.give(alert("a3", duplicate_of="a1"))
    assert ("a1", "sent") in daemon.states()


# -- anything that may happen, in any order

ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("alert"), st.integers(0, 7)),
        st.tuples(st.just("die between send and commit"), st.integers(0, 7)),
        st.tuples(st.just("tick"), st.integers(1, 60)),
        st.tuples(st.just("die in a tick"), st.integers(1, 60)),
        st.tuples(st.just("restart"), st.just(0)),
        st.tuples(st.just("fail"), st.integers(1, 3)),
    ),
    min_size=6,
    max_size=40,
)
KINDS = (
    [alert(f"n{n}", channels=("one", "two")) for n in range(3)]
    + [alert(f"b{n}", channels=("two",), backlog=True) for n in range(2)]
    + [alert(f"c{n}", duplicate_of="n0") for n in range(3)]
)


async def live(acts: list[tuple[str, int]]) -> tuple[Daemon, set[str], set[str]]:
    """A daemon after `acts` and a long quiet time; the alerts it was given, and those that died after a send."""
    daemon = Daemon({"one": MemoryChannel(), "two": MemoryChannel()}, replace(OPTIONS, attempts=1000))
    given: set[str] = set()
    deaths: set[str] = set()
    for act, number in acts:
        if act == "alert":
            await daemon.give(KINDS[number])
            given.add(KINDS[number].id)
        elif act == "die between send and commit":
            await daemon.give(KINDS[number], commit=False)
            deaths.add(KINDS[number].id)
            await daemon.restart()
            await daemon.give(KINDS[number])  # it was not acknowledged
            given.add(KINDS[number].id)
        elif act == "tick":
            await daemon.later(number)
        elif act == "die in a tick":
            daemon.now += timedelta(seconds=number)
            emit = await daemon.stage.tick(daemon.now)
            deaths |= {out.key for out in emit.outs} if emit else set()
            await daemon.restart()
        elif act == "restart":
            await daemon.restart()
        else:
            channel = daemon.channels["two"]
            assert isinstance(channel, MemoryChannel)
            channel.fails = number
    for _ in range(60):
        await daemon.later(40)
    return daemon, given, deaths


@given(ACTS)
def test_whatever_happens_every_alert_arrives_and_only_a_death_sends_one_twice(acts: list[tuple[str, int]]) -> None:
    daemon, given_ids, deaths = asyncio.run(live(acts))
    statuses = {out.key: out.record.status for out in daemon.log if isinstance(out.record, AlertState)}
    assert set(statuses) == given_ids
    for fired in KINDS:
        if fired.id not in given_ids:
            continue
        assert statuses[fired.id] in ("sent", "copy")
        copy = statuses[fired.id] == "copy"
        assert not copy or fired.duplicate_of is not None
        for name in fired.channels:
            channel = daemon.channels[name]
            assert isinstance(channel, MemoryChannel)
            times = channel.ids.count(fired.id)
            assert times >= (0 if copy else 1)
            assert times <= 1 or fired.id in deaths
    copies = {fired.id for fired in KINDS if fired.duplicate_of} & given_ids
    sent = [alert_id for alert_id in copies if statuses[alert_id] == "sent"]
    assert len(sent) <= 1
    assert not copies or sent or KINDS[0].id in given_ids


async def test_the_file_has_an_alert_once_even_when_it_is_sent_twice(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    for commit in (False, True):
        daemon = Daemon({"one": JsonLinesChannel(path)})
        await daemon.give(alert("a1"), commit=commit)
    await daemon.give(alert("a2"))
    assert [decode(Alert, line).article for line in path.read_bytes().splitlines()] == ["a1", "a2"]

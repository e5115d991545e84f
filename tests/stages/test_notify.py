from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import ports
from pipeline.backends.channels.file import JsonLinesChannel
from pipeline.core.alerts.ledger import DeliveryOptions
from pipeline.records import Alert, AlertState, decode, encode
from pipeline.stage import Drop, Emit, Message, Out, Outcome, Position
from pipeline.stages.notify import STATE, Notify
from tests.builders import alert
from tests.fakes import MemoryChannel

OPTIONS = DeliveryOptions(quiet=30, max_wait=100, retry=10, max_retry=40, attempts=6, timeout=1, batch=3, alone_from=3)


class Daemon:
    """A notify stage with its state topic, its clock and its channels; it can die and start again."""

    def __init__(self, channels: Mapping[str, ports.Notify], options: DeliveryOptions = OPTIONS) -> None:
        self.channels, self.options = channels, options
        self.now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
        self.log: list[Out] = []
        self.stage = Notify(channels, lambda: self.now, options)

    async def replay(self, stream: str, since: int = 0) -> AsyncIterator[Message]:
        newest = {out.key: n for n, out in enumerate(self.log)}  # compaction
        for n, out in enumerate(self.log):
            if newest[out.key] == n:
                value = encode(out.record) if out.record else None
                yield Message(Position(stream, 0, n), out.key, value, self.now)

    async def restart(self) -> None:
        self.stage = Notify(self.channels, lambda: self.now, self.options)
        await self.stage.restore(self.replay)

    async def give(self, *alerts: Alert, commit: bool = True) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for one in alerts:
            outcome = await self.stage.step(one, Position("alerts", 0, 0))
            outcomes.append(outcome)
            if commit:
                await self.commit(outcome)
        return outcomes

    async def commit(self, outcome: Outcome | None) -> None:
        if isinstance(outcome, Emit):
            self.log += outcome.outs
            await self.stage.settled()

    async def later(self, seconds: float) -> Emit | None:
        self.now += timedelta(seconds=seconds)
        emit = await self.stage.tick(self.now)
        await self.commit(emit)
        return emit

    def states(self) -> list[tuple[str, str]]:
        """(article, status) of the newest state of each alert."""
        newest = {out.key: out.record for out in self.log}
        return [(state.original, state.status) for state in newest.values() if isinstance(state, AlertState)]

    def state(self) -> AlertState:
        record = self.log[-1].record
        assert isinstance(record, AlertState)
        return record


async def test_an_alert_goes_to_each_of_its_channels_once() -> None:
    one, two, other = MemoryChannel(), MemoryChannel(), MemoryChannel()
    daemon = Daemon({"one": one, "two": two, "other": other})
    fired = alert(channels=("one", "two"))
    (outcome,) = await daemon.give(fired)
    assert isinstance(outcome, Emit)
    assert [(out.stream, out.key) for out in outcome.outs] == [(STATE, fired.id)]
    assert daemon.state() == AlertState(id=fired.id, rule="Troops", original="a1", status="sent", at=daemon.now)
    assert (one.ids, two.ids, other.ids) == ([fired.id], [fired.id], [])
    assert daemon.stage.health["one"].sent == 1


@pytest.mark.parametrize("restart", [False, True])
async def test_a_repeated_alert_is_dropped(restart: bool) -> None:
    channel = MemoryChannel()
    daemon = Daemon({"one": channel})
    await daemon.give(alert())
    if restart:
        await daemon.restart()
    (outcome,) = await daemon.give(alert())
    assert isinstance(outcome, Drop)
    assert outcome.reason == "repeat"
    assert len(channel.ids) == 1


async def test_between_send_and_commit_the_same_process_does_not_send_again_a_new_one_does() -> None:
    channel = MemoryChannel()
    daemon = Daemon({"one": channel})
    (first,) = await daemon.give(alert(), commit=False)
    (again,) = await daemon.give(alert())
    assert again == first
    assert len(channel.ids) == 1
    died = Daemon({"one": channel})
    await died.give(alert())
    assert channel.ids == [alert().id] * 2


# -- copies


@pytest.mark.parametrize(
    ("second", "sent"),
    [
        (alert("a2", duplicate_of="a1"), 1),
        (alert("a2", duplicate_of="a1", copies="alert"), 2),
        (alert("a2", duplicate_of="a1", rule="Other"), 2),
        (alert("a2", duplicate_of="a9"), 2),
        (alert("a1", version=2), 2),
        (alert("a2"), 2),
        (alert("a2", duplicate_of="a1", backlog=True), 1),
    ],
)
@pytest.mark.parametrize("restart", [False, True])
async def test_copies_of_what_was_told_are_not_told(second: Alert, sent: int, restart: bool) -> None:
    channel = MemoryChannel()
    daemon = Daemon({"one": channel})
    await daemon.give(alert("a1"))
    if restart:
        await daemon.restart()
    await daemon.give(second)
    await daemon.later(200)
    assert len(channel.ids) == sent
    assert ("a1", "copy") in daemon.states() or sent == 2


async def test_a_second_copy_of_an_article_that_did_not_match_is_not_told() -> None:
    channel = MemoryChannel()
    daemon = Daemon({"one": channel})
    await daemon.give(alert("a2", duplicate_of="a1"), alert("a3", duplicate_of="a1"))
    assert len(channel.ids) == 1


async def test_a_copy_is_told_where_the_original_could_not_be() -> None:
    channel = MemoryChannel(fails=1)
    daemon = Daemon({"one": channel}, DeliveryOptions(attempts=1, retry=1))
    await daemon.give(alert("a1"))
    assert daemon.states() == [("a1", "failed")]
    daemon.now += timedelta(seconds=60)
    await daemon.give(alert("a2", duplicate_of="a1"))
    assert channel.ids == [alert("a2").id]


# -- backlog


async def test_backlog_is_one_summary_a_rule_once_no_more_comes() -> None:
    channel = MemoryChannel()
    daemon = Daemon({"one": channel})
    await daemon.give(alert("a1", backlog=True), alert("b1", rule="Coups", backlog=True))
    assert await daemon.later(20) is None
    await daemon.give(alert("a2", backlog=True))
    await daemon.restart()
    assert daemon.stage.next_tick() == daemon.now + timedelta(seconds=10)
    await daemon.later(10)
    assert channel.messages == [[alert("b1", rule="Coups").id]]
    await daemon.later(20)
    assert channel.messages[1:] == [[alert("a1").id, alert("a2").id]]
    assert {status for _, status in daemon.states()} == {"sent"}
    assert daemon.stage.waiting == 0
    assert daemon.stage.next_tick() is None


async def test_backlog_that_keeps_coming_is_told_at_last() -> None:
    channel = MemoryChannel()
    daemon = Daemon({"one": channel})
    for n in range(6):
        await daemon.give(alert(f"a{n}", backlog=True))
        await daemon.later(20)
    assert [len(message) for message in channel.messages] == [5]


async def test_a_summary_that_failed_is_tried_again_as_one() -> None:
    channel = MemoryChannel(fails=1)
    daemon = Daemon({"one": channel})
    await daemon.give(*(alert(f"a{n}", backlog=True) for n in range(5)))
    await daemon.later(30)
    assert {status for _, status in daemon.states()} == {"pending"}
    await daemon.restart()
    await daemon.later(10)
    assert [len(message) for message in channel.messages] == [5]


async def test_an_ordinary_alert_does_not_wait_for_backlog() -> None:
    channel = MemoryChannel()
    daemon = Daemon({"one": channel})
    await daemon.give(alert("a1", backlog=True), alert("a2"))
    assert channel.ids == [alert("a2").id]


# -- channels that fail


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
    async def send(self, alerts: Sequence[Alert]) -> None:
        await asyncio.sleep(3600)


class Broken(MemoryChannel):
    async def send(self, alerts: Sequence[Alert]) -> None:
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


# -- state


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

"""An alert goes to each of its channels once; copies of it do not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.core.alerts.ledger import DeliveryOptions
from pipeline.records import Alert, AlertState
from pipeline.stage import Drop, Emit
from pipeline.stages.notify import STATE
from tests.builders import alert
from tests.fakes import MemoryChannel
from tests.stages.notify.daemon import Daemon


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
async def test_copies_of_what_was_reported_are_not_reported(second: Alert, sent: int, restart: bool) -> None:
    channel = MemoryChannel()
    daemon = Daemon({"one": channel})
    await daemon.give(alert("a1"))
    if restart:
        await daemon.restart()
    await daemon.give(second)
    await daemon.later(200)
    assert len(channel.ids) == sent
    assert ("a1", "copy") in daemon.states() or sent == 2


async def test_a_second_copy_of_an_article_that_did_not_match_is_not_reported() -> None:
    channel = MemoryChannel()
    daemon = Daemon({"one": channel})
    await daemon.give(alert("a2", duplicate_of="a1"), alert("a3", duplicate_of="a1"))
    assert len(channel.ids) == 1


async def test_a_copy_is_reported_where_the_original_could_not_be() -> None:
    channel = MemoryChannel(fails=1)
    daemon = Daemon({"one": channel}, DeliveryOptions(attempts=1, retry=1))
    await daemon.give(alert("a1"))
    assert daemon.states() == [("a1", "failed")]
    daemon.now += timedelta(seconds=60)
    await daemon.give(alert("a2", duplicate_of="a1"))
    assert channel.ids == [alert("a2").id]

"""Backlog is sent as one summary per rule."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import alert
from tests.fakes import MemoryChannel
from tests.stages.notify.daemon import Daemon


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


async def test_backlog_that_keeps_coming_is_reported_at_last() -> None:
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

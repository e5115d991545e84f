"""A month of virtual time through the stage: digests, quiet hours, a budget, restarts, and a change of clocks."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

from pipeline.core.alerts.rules import AlertRule, ChannelSpec, Reader
from pipeline.core.notification.planning.planner import Plan
from pipeline.core.query.tree import And
from tests.builders import alert
from tests.fakes import MemoryChannel
from tests.stages.notify.daemon import Daemon

MADRID = ZoneInfo("Europe/Madrid")  # summer time begins on 29 March 2026
DAYS, EVERY = 30, 7  # hours between two articles
SECONDS = 30.0  # of the real clock that the month may take


def rule(name: str, **changes: object) -> AlertRule:
    return AlertRule(name, "word", And(()), And(()), "high", (name,), **changes)  # type: ignore[arg-type]


def month(channels: dict[str, MemoryChannel]) -> Daemon:
    daemon = Daemon(channels)
    rules = [
        rule("digest", send="digest", digest="daily 08:00"),
        rule("quiet", group="none", quiet=("22:00-07:00",), send="now"),
        rule("budget", group="none", budget=2),
    ]
    specs = {name: ChannelSpec(name, "mail") for name in channels}
    daemon.plan = Plan({one.key: one for one in rules}, specs, Reader(zone="Europe/Madrid"))
    daemon.stage = daemon._made()
    return daemon


async def run(daemon: Daemon, time: timedelta) -> None:
    """Do whatever is due in this time, at the moment at which it is due."""
    until = daemon.now + time
    while (due := daemon.stage.next_tick()) is not None and due <= until:
        daemon.now = max(daemon.now, due)
        await daemon.settle()
    daemon.now = until
    await daemon.settle()


async def test_a_month() -> None:
    began = time.monotonic()
    channels = {name: MemoryChannel() for name in ("digest", "quiet", "budget")}
    daemon = await month(channels).start()
    start = daemon.now
    number = 0
    while daemon.now < start + timedelta(days=DAYS):
        number += 1
        await daemon.give(
            *(alert(f"a{number}", rule=name, story_id=f"s{number}", channels=(name,)) for name in channels)
        )
        if number % 20 == 0:
            await daemon.restart()
        await run(daemon, timedelta(hours=EVERY))
    await run(daemon, timedelta(days=2))
    assert time.monotonic() - began < SECONDS

    sent = {name: [message.at.astimezone(MADRID) for message in channels[name].sent] for name in channels}
    digests = [moment for moment in sent["digest"] if moment.hour == 8]
    assert len(digests) == len(sent["digest"])
    assert {moment.minute for moment in digests} == {0}
    assert DAYS - 1 <= len({moment.date() for moment in digests}) == len(digests)
    assert {moment.utcoffset() for moment in digests} == {timedelta(hours=1), timedelta(hours=2)}
    assert not [moment for moment in sent["quiet"] if moment.hour >= 22 or moment.hour < 7]
    alone = [message for message in channels["budget"].sent if message.kind == "alert"]
    assert max(Counter(message.at.astimezone(MADRID).date() for message in alone).values()) <= 2
    for name, channel in channels.items():  # each alert once: alone, or in a digest or summary
        shown = Counter(one.article for message in channel.sent for one in message.alerts)
        hidden = sum(message.held_back for message in channel.sent)
        assert max(shown.values()) == 1, name
        assert len(shown) + hidden == number, name
    await daemon.die()

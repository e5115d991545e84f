"""Three days of virtual time with real receivers over real sockets, each with a trouble of its own, and restarts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from pipeline.backends.channels.webhook import Target, WebhookChannel
from pipeline.core.alerts.rules import ChannelSpec
from pipeline.records import Delivery
from tests.builders import alert
from tests.contracts.channels.kinds import SECRET, given
from tests.contracts.channels.receivers import Answering, Hook, Request
from tests.stages.notify.daemon import Daemon

pytestmark = pytest.mark.slow

HOURS, TROUBLE = 72, 30  # of the three days; the trouble ends after this hour
TIMEOUT = 0.25  # seconds of the real clock that an attempt may take
NAMES = ("good", "failing", "hanging", "late", "redirect", "busy", "closed")


class Late(Hook):
    """Takes each message, and answers when nobody waits any more, as long as it is `slow`."""

    slow = True

    def keep(self) -> None:
        """Count what came while it was slow as taken: it has it."""
        self.taken = list(self.requests)


@pytest.fixture
def hooks() -> Iterator[dict[str, Hook]]:
    made: dict[str, Hook] = {name: Late() if name == "late" else Hook() for name in (*NAMES, "elsewhere")}
    yield made
    for hook in made.values():
        hook.close()


def trouble(hooks: dict[str, Hook]) -> None:
    hooks["failing"].answer(500)
    hooks["hanging"].next = Answering(hang=True)
    hooks["late"].next = Answering(hang=True)
    hooks["redirect"].answer(302, Location=f"http://127.0.0.1:{hooks['elsewhere'].port}/")
    hooks["busy"].answer(429, Retry_After="1800")
    hooks["closed"].answer(410)


def over(hooks: dict[str, Hook]) -> None:
    for hook in hooks.values():
        hook.go.set()  # those that hang answer at last, to nobody
        hook.next = Answering()


async def run(daemon: Daemon, until: datetime) -> None:
    """Do whatever is due, at the moment at which it is due."""
    while True:
        await daemon.settle()
        due = daemon.stage.next_tick()
        if due is None or due > until:
            break
        daemon.now = max(daemon.now, due)
    daemon.now = until
    await daemon.settle()


async def three_days(daemon: Daemon, hooks: dict[str, Hook], act: Callable[[int], object]) -> None:
    start = daemon.now
    trouble(hooks)
    for hour in range(HOURS):
        act(hour)
        if hour == TROUBLE:
            over(hooks)
        if hour % 17 == 16:
            await daemon.restart()
        await daemon.give(alert(f"a{hour}", story_id=f"s{hour}", channels=NAMES))
        await run(daemon, start + timedelta(hours=hour + 1))


def made(hooks: dict[str, Hook]) -> Daemon:
    daemon = Daemon({}, **{name: ChannelSpec(name, "webhook", timeout=TIMEOUT) for name in NAMES})
    targets = {name: Target(given(hooks[name].web), given(SECRET)) for name in NAMES}
    daemon.channels = {name: WebhookChannel(targets[name], lambda: daemon.now, TIMEOUT) for name in NAMES}
    daemon.stage = daemon._made()
    return daemon


def articles(requests: list[Request]) -> Counter[str]:
    """Article -> in how many messages it came; a repeat with the same id is the same message."""
    messages = {request.headers["webhook-id"]: request.json["data"]["alerts"] for request in requests}
    return Counter(one["article"] for alerts in messages.values() for one in alerts)


def said(hook: Hook, about: str) -> list[str]:
    """The reports about a channel that a receiver got."""
    rows: dict[str, Any] = {request.headers["webhook-id"]: request.json["data"] for request in hook.taken}
    return [
        row["text"] for row in rows.values() if row["kind"] == "report" and row["text"].startswith(f"Channel {about}")
    ]


def moments(hook: Hook) -> list[float]:
    return [float(request.headers["webhook-timestamp"]) for request in hook.requests]


def lost(daemon: Daemon, channel: str) -> set[str]:
    """The articles whose messages the log says did not arrive, or may not have."""
    states = [one for one in daemon.records("deliveries").values() if isinstance(one, Delivery)]
    gone = {one.message for one in states if one.channel == channel and one.status in ("refused", "unsure", "given_up")}
    return {one.article for id, message in daemon.records("messages").items() if id in gone for one in message.alerts}


async def test_three_days(hooks: dict[str, Hook]) -> None:
    daemon = await made(hooks).start()
    began = daemon.now.timestamp()
    waiting: dict[int, int] = {}
    await three_days(daemon, hooks, lambda hour: waiting.setdefault(hour, daemon.stage.waiting))
    everything = Counter(f"a{hour}" for hour in range(HOURS))

    # A channel in trouble delays no other: each alert reaches the good one in the moment it came, and once.
    assert articles(hooks["good"].taken) == everything
    alone = [request for request in hooks["good"].taken if request.json["data"]["alerts"]]
    assert [float(one.headers["webhook-timestamp"]) - began for one in alone] == [3600.0 * n for n in range(HOURS)]

    # What failed arrives whole when it works again, each article once; in few messages, not one for each.
    for name in ("failing", "busy", "redirect", "closed"):
        assert articles(hooks[name].taken) == everything, name
        assert len([one for one in hooks[name].taken if one.json["data"]["alerts"]]) < HOURS - TROUBLE / 2, name

    # What hung, or answered too late, was perhaps taken: the same id each time, at most a few times, then it is said.
    for name in ("hanging", "late"):
        came = articles(hooks[name].requests)
        assert max(came.values()) == 1, name
        assert set(everything) - set(articles(hooks[name].taken)) <= lost(daemon, name), name
        tries = Counter(request.headers["webhook-id"] for request in hooks[name].requests)
        assert max(tries.values()) <= 4, name

    # Nothing went where the redirect led, and nobody was asked again before the time that was told.
    assert not hooks["elsewhere"].requests
    while_busy = [at for at in moments(hooks["busy"]) if at < began + 3600 * TROUBLE]
    assert min(b - a for a, b in pairwise(while_busy)) >= 1800
    for name in ("redirect", "closed"):
        asked = [at for at in moments(hooks[name]) if at < began + 3600 * TROUBLE]
        assert len(asked) <= TROUBLE + 3, name  # one try an hour, and one after each restart

    # Each trouble, and its end, is said once to the others, however often it was tried and restarted.
    for name in set(NAMES) - {"good"}:
        reports = said(hooks["good"], name)
        reports = [text for text in reports if "did not arrive" not in text]
        assert ["has taken no message" in text for text in reports] == [True, False], reports
    assert daemon.stage.waiting == 0
    assert max(waiting.values()) < 8 * HOURS
    await daemon.die()
    await asyncio.gather(*(channel.close() for channel in daemon.channels.values()))


async def test_a_receiver_that_never_recovers_is_given_up_after_the_time_that_was_set(hooks: dict[str, Hook]) -> None:
    specs = {name: ChannelSpec(name, "webhook", timeout=TIMEOUT, give_up=43_200.0) for name in ("good", "failing")}
    daemon = Daemon({}, **specs)
    targets = {name: Target(given(hooks[name].web), given(SECRET)) for name in specs}
    daemon.channels = {name: WebhookChannel(targets[name], lambda: daemon.now, TIMEOUT) for name in specs}
    daemon.stage = daemon._made()
    await daemon.start()
    hooks["failing"].answer(500)
    start = daemon.now
    await daemon.give(alert("a1", channels=tuple(specs)))
    await run(daemon, start + timedelta(days=1))
    ours = [one for one in hooks["failing"].requests if one.json["data"]["kind"] == "alert"]
    tried = [float(one.headers["webhook-timestamp"]) - start.timestamp() for one in ours]
    assert len(tried) > 40  # never stopped by a number of tries
    assert 43_200 <= max(tried) < 43_200 + 1_000
    assert daemon.delivery("failing").status == "given_up"
    (text,) = [report for report in said(hooks["good"], "failing") if "did not arrive" in report]
    assert "1 given up" in text
    await daemon.die()
    await asyncio.gather(*(channel.close() for channel in daemon.channels.values()))

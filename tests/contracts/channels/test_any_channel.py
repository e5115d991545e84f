"""What every channel does: accepts, refuses, hangs, answers late, is closed, gets the same key again, hostile text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from pipeline.ports import SendFailed
from tests.builders import alert, message
from tests.contracts.channels.kinds import EVERY, REMOTE, Opened
from tests.contracts.channels.receivers import HOSTILE

Open = Callable[..., Opened]


@pytest.mark.parametrize("kind", EVERY)
async def test_an_alert_arrives(open_kind: Open, kind: str) -> None:
    one = open_kind(kind)
    assert await one.channel.send(message(alert("a1")), "k1")
    assert "Title of a1" in one.shown()
    assert one.count() == 1
    await one.channel.close()


@pytest.mark.parametrize("kind", EVERY)
async def test_every_alert_of_a_message_arrives(open_kind: Open, kind: str) -> None:
    one = open_kind(kind)
    await one.channel.send(message(*(alert(f"a{n}", story_id=f"s{n}") for n in range(4)), kind="summary"), "k1")
    assert all(f"Title of a{n}" in one.shown() for n in range(4))
    await one.channel.close()


@pytest.mark.parametrize("kind", EVERY)
async def test_a_message_without_alerts_arrives(open_kind: Open, kind: str) -> None:
    one = open_kind(kind)
    await one.channel.send(message(kind="report", rule="", name="channel desk", text="It fails since noon."), "k1")
    assert "It fails since noon" in one.shown()
    await one.channel.close()


@pytest.mark.parametrize("kind", EVERY)
async def test_the_same_key_again_is_safe(open_kind: Open, kind: str) -> None:
    one = open_kind(kind)
    for _ in range(2):
        await one.channel.send(message(alert("a1")), "k1")
    assert one.count() == (1 if kind in ("file", "atom") else 2)  # they keep records, and know what they have
    await one.channel.send(message(alert("a2")), "k2")
    assert "Title of a2" in one.shown()
    await one.channel.close()


@pytest.mark.parametrize("kind", EVERY)
async def test_what_is_not_accepted_is_reported(open_kind: Open, kind: str) -> None:
    one = open_kind(kind)
    await one.channel.send(message(alert("a1")), "k1")
    one.break_it()
    with pytest.raises(SendFailed) as caught:
        await one.channel.send(message(alert("a2")), "k2")
    assert str(caught.value)
    await one.channel.close()


@pytest.mark.parametrize("kind", EVERY)
async def test_hostile_text_is_taken(open_kind: Open, kind: str) -> None:
    one = open_kind(kind)
    fired = alert("a1", title=HOSTILE, source=HOSTILE, url="https://x.example/\x1b[2J", name=HOSTILE, branch=HOSTILE)
    await one.channel.send(message(fired, name=HOSTILE), "k1")
    assert "\x1b" not in one.shown()
    assert one.count() == 1
    await one.channel.close()


@pytest.mark.parametrize("kind", EVERY)
async def test_a_closed_channel_can_be_closed_again(open_kind: Open, kind: str) -> None:
    one = open_kind(kind)
    await one.channel.close()
    await one.channel.close()


#: What a receiver does -> the kind of failure, and the seconds that it asks to wait.
FAILURES = {
    "refused": ("refused", None),
    "too_long": ("too_long", None),
    "broken": ("broken", None),
    "redirects": ("broken", None),
    "busy": ("busy", 7.0),
    "down": ("busy", 7.0),
    "hangs": ("unsure", None),
    "closes": ("unsure", None),
    "gone": ("unreachable", None),
}


@pytest.mark.parametrize("mode", FAILURES)
@pytest.mark.parametrize("kind", REMOTE)
async def test_a_failure_says_what_kind_it_is_and_no_secret(open_kind: Open, kind: str, mode: str) -> None:
    one = open_kind(kind, timeout=0.5)
    if mode not in one.modes:
        pytest.skip("mail servers do not redirect")
    one.modes[mode]()
    with pytest.raises(SendFailed) as caught:
        await one.channel.send(message(alert("a1")), "k1")
    failed = caught.value
    kind_wanted, wait = FAILURES[mode]
    assert failed.kind == kind_wanted, str(failed)
    assert failed.retry_after == (None if kind == "mail" else wait)  # SMTP has no such answer
    seen = f"{failed!r} {failed.args} {failed.__cause__!r} {failed.__context__!r}"
    assert "S3CRET" not in str(failed)
    assert "127.0.0.1" not in str(failed)
    assert failed.__cause__ is None or "S3CRET" not in seen
    assert mode == "hangs" or one.count() == 0  # one that hangs may have taken it
    if mode != "gone":
        await one.channel.close()


@pytest.mark.parametrize("kind", REMOTE)
async def test_a_receiver_that_hangs_holds_up_no_other(open_kind: Open, kind: str) -> None:
    hanging, other = open_kind(kind), open_kind("memory")
    hanging.modes["hangs"]()
    sending = asyncio.create_task(hanging.channel.send(message(alert("a1")), "k1"))
    await asyncio.wait_for(other.channel.send(message(alert("a1")), "k1"), 1)
    assert not sending.done()
    hanging.go()
    assert await asyncio.wait_for(sending, 10)  # it answers late, but within the time-out
    assert hanging.count() == 1
    await hanging.channel.close()


@pytest.mark.parametrize("kind", REMOTE)
async def test_after_a_failure_the_channel_works(open_kind: Open, kind: str) -> None:
    one = open_kind(kind, timeout=0.5)
    one.modes["hangs"]()
    with pytest.raises(SendFailed):
        await one.channel.send(message(alert("a1")), "k1")
    one.go()
    await one.channel.send(message(alert("a2")), "k2")
    assert "Title of a2" in one.shown()
    await one.channel.close()

"""Channels that fail, hang, refuse or change: nothing is lost, nothing else is held up, and people hear of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.core.alerts.rules import ChannelSpec
from pipeline.ports import SendFailure
from tests.builders import alert
from tests.fakes import MemoryChannel
from tests.stages.notify.daemon import Daemon

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
FOREVER = 10**6


async def give(daemon: Daemon, *numbers: int, channels: tuple[str, ...] = ("one",)) -> None:
    await daemon.give(*(alert(f"a{n}", channels=channels, story_id=f"s{n}") for n in numbers))


def ids(*numbers: int) -> list[str]:
    return [alert(f"a{n}").id for n in numbers]


async def test_a_failing_channel_is_tried_again_and_the_others_are_not() -> None:
    good, bad = MemoryChannel(), MemoryChannel(fails=2)
    daemon = await Daemon({"good": good, "bad": bad}).start()
    await give(daemon, 1, channels=("good", "bad"))
    state = daemon.delivery("bad")
    assert (state.status, state.attempts, state.error) == ("waiting", 1, "not now")
    assert state.due == daemon.now + timedelta(seconds=30) == daemon.stage.next_tick()
    await daemon.later(29)
    assert bad.tried == 1
    await daemon.later(1)
    assert daemon.delivery("bad").attempts == 2
    await daemon.restart()
    await daemon.later(59)
    assert bad.tried == 2
    await daemon.later(1)
    assert daemon.statuses("bad") == ["sent"]
    assert (len(good.ids), len(bad.ids)) == (1, 1)
    assert daemon.stage.health["bad"].error is None


async def test_tries_go_on_for_days_and_end_by_time_not_by_number() -> None:
    channel = MemoryChannel(fails=FOREVER)
    daemon = await Daemon({"one": channel}).start()
    await give(daemon, 1)
    for _ in range(7 * 24 * 4 - 4):
        await daemon.later(15 * MINUTE)
    assert daemon.statuses() == ["waiting"]
    assert channel.tried > 500
    await daemon.later(2 * HOUR)
    assert daemon.statuses() == ["given_up"]
    assert daemon.stage.waiting == 0
    tried = channel.tried
    await daemon.later(2 * DAY)
    assert channel.tried == tried


async def test_after_an_outage_what_waited_comes_as_few_messages_each_alert_once() -> None:
    channel = MemoryChannel(fails=FOREVER)
    daemon = await Daemon({"one": channel}).start()
    for n in range(62):
        await give(daemon, n)
        await daemon.later(HOUR)
    await daemon.restart()
    channel.fails = 0
    await daemon.later(15 * MINUTE)
    await daemon.later(15 * MINUTE)
    assert sorted(channel.ids) == sorted(ids(*range(62)))
    assert len(channel.sent) == 2  # one tried whether it works again, one summary of the others
    assert channel.messages[1] == [one for one in ids(*range(62)) if one not in channel.messages[0]]
    assert channel.sent[1].kind == "summary"


async def test_a_channel_that_keeps_records_gets_each_alert_alone_after_an_outage_too() -> None:
    channel = MemoryChannel(fails=FOREVER)
    daemon = await Daemon({"one": channel}, one=ChannelSpec("one", "file")).start()
    for n in range(10):
        await give(daemon, n)
        await daemon.later(HOUR)
    channel.fails = 0
    await daemon.later(15 * MINUTE)
    assert sorted(map(tuple, channel.messages)) == sorted((one,) for one in ids(*range(10)))


async def test_killed_between_a_merged_send_and_its_record_it_repeats_with_the_same_key() -> None:
    channel = MemoryChannel(fails=FOREVER)
    daemon = await Daemon({"one": channel}).start()
    for n in range(9):
        await give(daemon, n)
        await daemon.later(10 * MINUTE)
    channel.fails = 0
    await daemon.later(15 * MINUTE)
    whole = [out for out in daemon.log if getattr(out.record, "key", "") != channel.keys[-1]]
    decided = [out for out in daemon.log if getattr(out.record, "key", "") == channel.keys[-1]]
    daemon.log = whole + [out for out in decided if getattr(out.record, "status", "") == "waiting"]
    await daemon.restart()
    await give(daemon, 20)  # came meanwhile, and does not change what is merged
    await daemon.later(15 * MINUTE)
    assert channel.keys.count(channel.keys[1]) == 2
    assert channel.messages[1] == channel.messages[2]
    assert set(channel.ids) == set(ids(*range(9), 20))


async def test_what_is_merged_is_not_sent_if_another_process_took_over_meanwhile() -> None:
    channel = MemoryChannel(fails=FOREVER)
    daemon = await Daemon({"one": channel}).start()
    for n in range(9):
        await give(daemon, n)
        await daemon.later(10 * MINUTE)

    async def owns() -> bool:
        return not any(getattr(out.record, "key", "").startswith("merged-") for out in daemon.log)

    daemon.stage.asks(owns)
    channel.fails = 0
    await daemon.later(15 * MINUTE)
    assert not await owns()
    assert [key for key in channel.keys if key.startswith("merged-")] == []


async def test_a_message_that_may_have_arrived_is_repeated_late_with_the_same_key_and_only_a_few_times() -> None:
    channel = MemoryChannel(fails=FOREVER, kind="unsure")
    daemon = await Daemon({"one": channel, "two": MemoryChannel()}).start()
    await give(daemon, 1)
    tries = []
    for _ in range(24 * 60):
        before = channel.tried
        await daemon.later(MINUTE)
        tries += [daemon.now] * (channel.tried - before)
    start = daemon.now - timedelta(days=1)
    assert [(moment - start).total_seconds() for moment in tries] == [10 * MINUTE, 70 * MINUTE, 430 * MINUTE]
    assert daemon.statuses() == ["unsure"]
    assert any("1 never confirmed" in text for text in daemon.reports())


async def test_a_receiver_that_answers_nobody_does_not_use_up_what_waits_behind() -> None:
    channel = MemoryChannel(fails=FOREVER, kind="unsure")
    daemon = await Daemon({"one": channel}).start()
    await give(daemon, *range(200))
    for _ in range(3 * 24 * 12):
        await daemon.later(5 * MINUTE)
    lost = [status for status in daemon.statuses() if status == "unsure"]
    assert len(lost) < 25
    channel.fails = 0
    for _ in range(24):
        await daemon.later(30 * MINUTE)
    assert len(set(channel.ids)) == 200 - len(lost)
    assert len(channel.sent) < 100  # those that were tried are not merged: the receiver would not know them again


@pytest.mark.parametrize("kind", ["refused", "unreachable", "too_long", "busy"])
async def test_one_message_that_is_never_taken_does_not_keep_the_others_back(kind: SendFailure) -> None:
    channel = MemoryChannel(bad=ids(1), kind=kind)
    daemon = await Daemon({"one": channel}).start()
    await give(daemon, *range(6))
    for _ in range(40):
        await daemon.later(MINUTE)
    assert sorted(channel.ids) == sorted(ids(0, 2, 3, 4, 5))
    await give(daemon, 7, 8)
    assert channel.ids[-2:] == ids(7, 8)
    assert daemon.stage.waiting == (1 if kind in ("unreachable", "busy") else 0)


async def test_a_refused_message_is_over_for_its_channel_and_reported_through_the_others() -> None:
    channel, other = MemoryChannel(bad=ids(1), kind="refused"), MemoryChannel()
    daemon = await Daemon({"one": channel, "two": other}).start()
    await give(daemon, 1)
    assert daemon.statuses() == ["refused"]
    assert daemon.reports() == [
        "Channel one: messages that did not arrive: 1 refused for good. "
        "`almenara alerts resend --since 14d` sends them again."
    ]
    assert [message.kind for message in other.sent] == ["report"]
    assert channel.sent == []


async def test_a_channel_that_refuses_everything_counts_as_broken() -> None:
    channel = MemoryChannel(fails=FOREVER, kind="refused")
    daemon = await Daemon({"one": channel}).start()
    await give(daemon, *range(50))
    await daemon.later(50 * MINUTE)
    assert channel.tried == 3
    assert daemon.stage.waiting == 47
    channel.fails = 0
    await daemon.later(HOUR)
    assert len(set(channel.ids)) == 47


async def test_one_bad_message_among_merged_ones_is_found() -> None:
    channel = MemoryChannel(fails=FOREVER, kind="unreachable")
    daemon = await Daemon({"one": channel}).start()
    for n in range(8):
        await give(daemon, n)
        await daemon.later(10 * MINUTE)
    channel.fails, channel.bad, channel.kind = 0, set(ids(3)), "refused"
    for _ in range(4):
        await daemon.later(15 * MINUTE)
    assert set(channel.ids) == set(ids(0, 1, 2, 4, 5, 6, 7))
    assert sorted(daemon.statuses())[0] == "refused"


async def test_a_busy_channel_is_left_alone_as_long_as_it_asks() -> None:
    channel = MemoryChannel(fails=1, kind="busy", retry_after=120)
    daemon = await Daemon({"one": channel}).start()
    await give(daemon, 1, 2)
    await daemon.later(119)
    assert channel.tried == 1
    assert daemon.delivery("one").attempts == 0
    await daemon.later(1)
    assert channel.ids == ids(1, 2)


async def test_a_broken_channel_is_reported_at_once_and_tried_rarely() -> None:
    channel, other = MemoryChannel(fails=FOREVER, kind="broken"), MemoryChannel()
    daemon = await Daemon({"one": channel, "two": other}).start()
    await give(daemon, 1, 2, 3)
    assert [text.split(":")[0] for text in daemon.reports()] == [
        "Channel one has taken no message since 2 Mar 2026, 12"
    ]
    for _ in range(24):
        await daemon.later(HOUR)
    assert channel.tried == 25
    assert len(daemon.reports()) == 1
    channel.fails, channel.new_secret = 0, True
    await daemon.later(1)
    assert set(channel.ids) >= set(ids(1, 2, 3))
    works = "Channel one works again. 2 messages that waited are sent now."
    assert [message.text for message in other.sent][1:] == [works]


async def test_an_episode_is_reported_once_over_restarts_too() -> None:
    channel, other = MemoryChannel(fails=FOREVER), MemoryChannel()
    daemon = await Daemon({"one": channel, "two": other}).start()
    await give(daemon, 1)
    await daemon.later(2 * MINUTE)
    assert daemon.reports() == []
    for _ in range(10):
        await daemon.later(10 * MINUTE)
        await daemon.restart()
    assert len(other.sent) == 1
    assert "1 message waits for it, and is sent when it works again, within 7 days" in other.sent[0].text
    channel.fails = 0
    await daemon.later(15 * MINUTE)
    assert [message.text for message in other.sent][1:] == ["Channel one works again."]
    await daemon.restart()
    await daemon.later(DAY)
    assert len(other.sent) == 2

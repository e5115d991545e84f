"""The channel that sends through Apprise."""

from __future__ import annotations

import pytest

from pipeline.backends.channels.apprise import AppriseChannel
from pipeline.ports import SendFailed
from tests.builders import alert
from tests.contracts.channels.receivers import HOSTILE, Hook


async def test_what_a_message_says(hook: Hook) -> None:
    channel = AppriseChannel([hook.url])
    await channel.send([alert("a1", title="Congress <b>lets</b> *them* in & out", topics=("troops",), version=2)])
    await channel.send([alert(f"b{n}", backlog=True) for n in range(25)])
    one, many = hook.bodies
    assert one["title"] == "[high] Troops: Congress <b>lets</b> *them* in & out"
    for part in ("https://news.example.org/a1", "The Example, first seen 2026-03-02 12:00 UTC", "The troops came",
                 "Matched: troops", "Because: troops", "Update 2", alert("a1", version=2).id):  # fmt: skip
        assert part in one["message"]
    assert one["type"] == "warning"
    assert many["title"] == "Troops: 25 earlier articles"
    assert many["message"].count("https://") == 20
    assert "… and 5 more" in many["message"]
    await channel.close()


async def test_nobody_is_called_by_a_title(hook: Hook) -> None:
    channel = AppriseChannel([hook.url])
    await channel.send([alert("a1", title=HOSTILE, snippet=HOSTILE, url="https://medium.example/@someone/1")])
    text = hook.bodies[0]["title"] + hook.bodies[0]["message"]
    assert "@everyone" not in text
    assert "<!here" not in text
    assert "\x1b" not in text
    assert "https://medium.example/@someone/1" in text
    await channel.close()


async def test_a_url_that_took_an_alert_is_not_used_again(hook: Hook) -> None:
    other = Hook()
    other.status = 503
    channel = AppriseChannel([hook.url, other.url])
    with pytest.raises(SendFailed):
        await channel.send([alert("a1")])
    other.status = 200
    await channel.send([alert("a1")])
    assert (len(hook.bodies), len(other.bodies)) == (1, 1)
    await channel.close()
    other.close()


async def test_nothing_listens() -> None:
    hook = Hook()
    hook.close()
    channel = AppriseChannel([hook.url])
    with pytest.raises(SendFailed, match="JSON did not accept the message"):
        await channel.send([alert("a1")])
    await channel.close()

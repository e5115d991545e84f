"""What every channel does."""

from __future__ import annotations

import pytest

from pipeline.ports import SendFailed
from tests.builders import alert
from tests.contracts.channels.receivers import Opened


async def test_one_alert_arrives(opened: Opened) -> None:
    await opened.channel.send([alert("a1")])
    assert "Title of a1" in opened.shown()
    await opened.channel.close()


async def test_several_alerts_arrive(opened: Opened) -> None:
    await opened.channel.send([alert(f"a{n}") for n in range(4)])
    assert all(f"Title of a{n}" in opened.shown() for n in range(4))
    await opened.channel.close()


async def test_sending_again_is_safe(opened: Opened) -> None:
    await opened.channel.send([alert("a1")])
    await opened.channel.send([alert("a1"), alert("a2")])
    assert "Title of a2" in opened.shown()
    await opened.channel.close()


async def test_what_is_not_accepted_is_reported(opened: Opened) -> None:
    await opened.channel.send([alert("a1")])
    opened.break_it()
    with pytest.raises(SendFailed) as caught:
        await opened.channel.send([alert("a2")])
    assert str(caught.value)
    assert "secret" not in str(caught.value)
    await opened.channel.close()

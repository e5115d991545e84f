"""What every channel does."""

from __future__ import annotations

import pytest

from pipeline.ports import SendFailed
from tests.builders import alert, message
from tests.contracts.channels.receivers import Opened


async def test_one_alert_arrives(opened: Opened) -> None:
    await opened.channel.send(message(alert("a1")), "key")
    assert "Title of a1" in opened.shown()
    await opened.channel.close()


async def test_several_alerts_arrive(opened: Opened) -> None:
    await opened.channel.send(message(*(alert(f"a{n}") for n in range(4))), "key")
    assert all(f"Title of a{n}" in opened.shown() for n in range(4))
    await opened.channel.close()


async def test_sending_again_is_safe(opened: Opened) -> None:
    await opened.channel.send(message(alert("a1")), "key")
    await opened.channel.send(message(alert("a1"), alert("a2")), "key")
    assert "Title of a2" in opened.shown()
    await opened.channel.close()


async def test_what_is_not_accepted_is_reported(opened: Opened) -> None:
    await opened.channel.send(message(alert("a1")), "key")
    opened.break_it()
    with pytest.raises(SendFailed) as caught:
        await opened.channel.send(message(alert("a2")), "key")
    assert str(caught.value)
    assert "secret" not in str(caught.value)
    await opened.channel.close()

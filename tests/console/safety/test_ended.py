"""Sessions that their users ended: no copy of a cookie works again, in any console, also after a restart."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial

import pytest

from pipeline.assembly.console import desk_of
from pipeline.assembly.deployment import Deployment
from pipeline.config.folder import Configuration
from pipeline.console.app import build
from pipeline.console.desk import NOBODY, Desk
from pipeline.console.safety.access import Access
from tests.console.conftest import browser, sent
from tests.console.safety.conftest import log_in


async def test_a_logout_ends_a_session_in_every_console_and_after_a_restart(
    desk: Desk, access: Access, deployment: Deployment, configuration: Configuration
) -> None:
    def another() -> AbstractAsyncContextManager[Desk]:
        return desk_of(deployment, lambda: configuration, desk.clock)

    async with another() as beside, browser(build(desk, access)) as client, browser(build(beside, access)) as thief:
        await beside.follower.look()
        await log_in(client, "ana")
        copied = client.cookies["almenara"]
        thief.cookies.set("almenara", copied, domain="127.0.0.1")
        assert (await thief.get("/system")).status_code == 200
        await sent(client, "/logout", {})
        await beside.follower.look()
        assert (await thief.get("/system")).status_code == 303
    async with another() as restarted, browser(build(restarted, access)) as thief:
        thief.cookies.set("almenara", copied, domain="127.0.0.1")
        asked = asyncio.create_task(thief.get("/system"))  # before the log was read
        await asyncio.sleep(0.05)
        await restarted.follower.look()
        assert (await asked).status_code == 303


async def test_a_session_is_not_believed_while_it_is_unknown_whether_it_was_ended(
    desk: Desk, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with browser(build(desk, access)) as client:
        await log_in(client, "ana")
        monkeypatch.setattr("pipeline.console.desk.FIRST", 0.01)
        desk.follower.caught_up.clear()
        assert (await client.get("/settings")).status_code == 503


async def test_ended_sessions_are_forgotten_when_their_cookies_are_over(desk: Desk, access: Access) -> None:
    now = desk.clock()
    for days in (0, 1, 20):
        desk.clock = partial(lambda days: now + timedelta(days=days), days)
        async with browser(build(desk, access)) as client:
            await log_in(client, "ana")
            await sent(client, "/logout", {})
    assert [one.at - now for one in desk.kept.of(NOBODY, "ended").values()] == [timedelta(days=20)]

"""Builds what looks at addresses before they are polled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pipeline.assembly.backends import clock, open_http
from pipeline.config.settings import Settings

if TYPE_CHECKING:
    from pipeline.discovery.look import Looker
    from pipeline.stages.robots import RobotsCache


@asynccontextmanager
async def looking(settings: Settings) -> AsyncIterator[tuple[Looker, RobotsCache]]:
    """A looker on the network, with the guard and pace of the settings, and what asks for robots.txt."""
    from pipeline.backends.robots_sqlite import RobotsSqlite
    from pipeline.core.timing.pace import Pace
    from pipeline.discovery.look import Looker
    from pipeline.stages.robots import RobotsCache, RobotsOptions

    http, store = open_http(settings), RobotsSqlite(":memory:")
    options = RobotsOptions(settings.fetch.robots_exempt, settings.fetch.robots_delay)
    try:
        pace = Pace(settings.fetch.delay_per_site, settings.fetch.per_domain)
        yield Looker(http, pace, clock), RobotsCache(http, store, clock, options)
    finally:
        store.close()
        await http.close()

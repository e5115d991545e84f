"""A web hook that receives alerts, and can hang or fail."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import Self

from aiohttp import web

HANG = 60.0  # seconds: longer than any channel waits
_LINK = re.compile(r"/news/(\d+)\b")


class Hook:
    """`async with Hook() as hook:`; `mode`: "" takes messages, "hang" does not answer, "fail" answers 500."""

    def __init__(self) -> None:
        self.mode = ""
        self.articles: Counter[int] = Counter()  # how often each was in a message

        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/alerts", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"json://127.0.0.1:{self._runner.addresses[0][1]}/alerts"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        if self.mode == "hang":
            await asyncio.sleep(HANG)
        if self.mode:
            return web.Response(status=500)
        text = str((await request.json())["message"])
        self.articles.update({int(number) for number in _LINK.findall(text)})
        return web.Response()

"""The news site of the drills: its articles can be corrected."""

from __future__ import annotations

from aiohttp import web

from tests.agents.machines import Desk


class Press(Desk):
    """A `Desk` whose pages in `corrected` state another number."""

    def __init__(self) -> None:
        super().__init__()
        self.corrected: set[int] = set()

    async def __aenter__(self) -> Press:
        await super().__aenter__()
        return self

    async def _page(self, request: web.Request) -> web.Response:
        answer = await super()._page(request)
        if int(request.match_info["number"]) in self.corrected and answer.text:
            answer.text = answer.text.replace("<p>", "<p>Correction: the harbour has 4711 berths. ", 1)
        return answer

    def url_of(self, number: int) -> str:
        return f"{self.sites[number % 2]}/news/{number}"

"""A proxy in front of Elasticsearch that can refuse writes, as an overloaded node or a load balancer does."""

from __future__ import annotations

from typing import Self

from aiohttp import ClientSession, ClientTimeout, web

from tests.services.servers import free_port

#: Headers of one connection, which a proxy does not pass on, and those that aiohttp writes itself.
_OWN = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "content-encoding",
    "host",
    "accept-encoding",
}
MOST = 64 * 2**20  # bytes of a request


class Front:
    """`async with Front(url) as front:`; while `refusing`, writes to front.url are answered 429 and not passed on."""

    def __init__(self, url: str) -> None:
        self.behind = url
        self.refusing = False
        self.refused = 0
        self.url = ""

    async def __aenter__(self) -> Self:
        self._session = ClientSession(timeout=ClientTimeout(60))
        app = web.Application(client_max_size=MOST)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        port = free_port()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if self.refusing and request.path.endswith("/_bulk"):
            self.refused += 1
            reason = {"type": "es_rejected_execution_exception", "reason": "rejected execution of bulk"}
            return web.json_response({"error": reason, "status": 429}, status=429, headers=_product())
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OWN}
        try:
            url = self.behind + request.raw_path
            async with self._session.request(request.method, url, data=body, headers=headers) as answer:
                kept = {name: value for name, value in answer.headers.items() if name.lower() not in _OWN}
                return web.Response(body=await answer.read(), status=answer.status, headers=kept)
        except (OSError, TimeoutError):
            if request.transport:
                request.transport.abort()  # as if nobody listened
            return web.Response(status=502)


def _product() -> dict[str, str]:
    return {"X-Elastic-Product": "Elasticsearch"}  # without it the client does not believe the answer

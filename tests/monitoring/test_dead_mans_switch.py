"""The heartbeat URL: called while all is well, over real HTTP; its own failures are logged once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from pipeline.backends.heartbeat_url import HeartbeatUrl
from pipeline.monitoring.dead_mans_switch import DeadMansSwitch


class Service:
    """A monitoring service that answers with `status`."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.status = 200
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.calls.append(f"{request.method} {request.path}")
        return web.Response(status=self.status)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"{site.name}/ping/s3cret"
        try:
            yield
        finally:
            await runner.cleanup()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    async with made.running():
        yield made


async def test_it_is_called_only_while_all_is_well(service: Service) -> None:
    ready, called = [True], list[bool]()
    call = HeartbeatUrl(service.url, "test")
    switch = DeadMansSwitch(call, lambda: ready[0], 60, called.append)
    await switch.once()
    ready[0] = False
    await switch.once()
    assert service.calls == ["GET /ping/s3cret"]
    ready[0] = True
    await switch.once()
    assert len(service.calls) == 2
    assert called == [True, True]
    await call.close()


async def test_a_failing_service_is_logged_once_without_its_address(service: Service) -> None:
    called = list[bool]()
    call = HeartbeatUrl(service.url, "test")
    switch = DeadMansSwitch(call, lambda: True, 60, called.append)
    with capture_logs() as logs:
        service.status = 500
        await switch.once()
        await switch.once()
        service.status = 200
        await switch.once()
        await switch.once()
    assert [line["event"] for line in logs] == ["heartbeat URL failed", "heartbeat URL answers again"]
    assert logs[0]["error"] == "HTTP status 500"
    assert called == [False, False, True, True]
    await call.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/ping/s3cret", "http://unknown.invalid/ping/s3cret"])
async def test_an_address_that_does_not_answer_is_no_error_of_the_pipeline(url: str) -> None:
    call = HeartbeatUrl(url, "test")
    with capture_logs() as logs:
        await DeadMansSwitch(call, lambda: True, 60).once()
    [line] = logs
    assert "s3cret" not in str(line)
    assert "no connection" in line["error"]
    await call.close()

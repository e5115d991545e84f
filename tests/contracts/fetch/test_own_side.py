"""Closing, cancelling, and the limits of this process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource

import pytest

from pipeline.backends.http import HttpFetch
from pipeline.stage import Unavailable
from tests.contracts.fetch.servers import HEAD, LOOPBACK, Server, answer, raw
from tests.limits import in_own_process, limit
from tests.options import http_options


async def test_after_close_nothing_is_fetched(server: Server, fetch: HttpFetch) -> None:
    await fetch.close()
    with pytest.raises(Unavailable):
        await fetch(f"{server.root}/a")


async def test_close_ends_what_is_under_way(server: Server, fetch: HttpFetch) -> None:
    server.answers["/a"] = raw(HEAD + b"content-length: 9\r\n\r\n", close=False)
    task = asyncio.create_task(fetch(f"{server.root}/a"))
    while not server.seen:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    await fetch.close()
    with pytest.raises(Unavailable):
        await task


def test_no_more_file_descriptors_is_our_own_fault() -> None:
    in_own_process(_run_out_of_file_descriptors)


def _run_out_of_file_descriptors() -> None:
    async def run() -> None:
        server, fetch = Server(), HttpFetch(http_options(allow_networks=LOOPBACK))
        await server.start()
        server.answers["/a"] = answer(b"x")
        limit(resource.RLIMIT_NOFILE, 256)
        taken: list[int] = []
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.dup(0))
        with pytest.raises(Unavailable, match="open files"):
            await fetch(f"{server.root}/a")
        for descriptor in taken:
            os.close(descriptor)
        assert (await fetch(f"{server.root}/a")).body == b"x"
        await fetch.close()
        await server.stop()

    asyncio.run(run())


async def test_cancelling_a_fetch_gives_its_connection_back(server: Server) -> None:
    server.answers["/a"] = raw(close=False)
    server.answers["/b"] = answer(b"x")
    fetch = HttpFetch(http_options(allow_networks=LOOPBACK, connections=1))
    task = asyncio.create_task(fetch(f"{server.root}/a"))
    while not server.seen:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await fetch(f"{server.root}/b")).body == b"x"
    await fetch.close()

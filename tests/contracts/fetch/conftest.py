"""A server, and what fetches from it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from pipeline.backends.http import HttpFetch
from tests.contracts.fetch.servers import LIMIT, LOOPBACK, Server
from tests.options import http_options


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def fetch() -> AsyncIterator[HttpFetch]:
    fetch = HttpFetch(http_options(allow_networks=LOOPBACK, max_bytes=LIMIT, contact="https://example.com/bot"))
    yield fetch
    await fetch.close()

"""Requests that schemathesis makes of the OpenAPI document: nothing fails, and all answers are as described."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from threading import Thread
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pipeline.assembly.console import access_of, desk_of
from pipeline.assembly.deployment import deployment_of
from pipeline.config.folder import Configuration
from pipeline.console.api.operation import Operation
from pipeline.console.api.table import OPERATIONS, described
from pipeline.console.app import build
from pipeline.core.timing.pace import Pace
from pipeline.discovery.find import Found, find
from pipeline.discovery.look import Looker
from pipeline.records import Feed
from tests.console.api.test_changes import RSS
from tests.console.conftest import HOME, browser
from tests.console.newsroom import NOW
from tests.fakes import FakeFetch
from tests.fakes import page as fetched

pytestmark = pytest.mark.slow
EXAMPLES = 25
CHECKS: Any = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
SCHEMA = schemathesis.openapi.from_dict(described())


class Console:
    """The console on a loop of its own: schemathesis calls without one."""

    def __init__(self, configuration: Configuration) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._ended = asyncio.Event()
        self._ready: Future[httpx.AsyncClient] = Future()
        self._serving = asyncio.run_coroutine_threadsafe(self._serve(configuration), self._loop)
        self._client = self._ready.result(30)

    async def _serve(self, configuration: Configuration) -> None:
        async with desk_of(deployment_of(configuration.settings), lambda: configuration, lambda: NOW) as desk:
            await desk.follower.look()
            desk.look = self._look
            async with browser(build(desk, access_of(configuration.settings))) as client:
                self._ready.set_result(client)
                await self._ended.wait()

    async def _look(self, feed: Feed) -> Found:
        """What is at an address: a feed, or nothing; no request leaves this machine."""
        at = feed.url if "a" in feed.url else ""
        looker = Looker(
            FakeFetch({at: fetched(at, RSS, content_type="application/rss+xml")}), Pace(0.0, 8), lambda: NOW
        )
        return await find(looker, feed)

    def send(self, case: Case[Any]) -> httpx.Response:
        """The answer to a case."""
        made = case.as_transport_kwargs(base_url=f"{HOME}/api/v1")
        known: dict[str, Any] = {
            name: made[name] for name in ("method", "url", "params", "headers", "json", "data") if name in made
        }
        if isinstance(known.get("data"), bytes | str):
            known["content"] = known.pop("data")
        return asyncio.run_coroutine_threadsafe(self._client.request(**known), self._loop).result(30)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._serving.result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()


@pytest.fixture
def console(configuration: Configuration) -> Iterator[Console]:
    console = Console(configuration)
    yield console
    console.close()


TAKING = [one for one in OPERATIONS if one.body or one.query.__struct_fields__]
REAL = [
    ("/stories/{story}", {"story": "t1"}), ("/stories/{story}", {"story": "p2"}),
    ("/articles/{article}", {"article": "p1"}), ("/articles/{article}/versions", {"article": "p1"}),
    ("/articles/{article}/record", {"article": "h1"}), ("/topics/{topic}", {"topic": "troops"}),
    ("/rules/{rule}", {"rule": "Port strikes"}),
    ("/sources/{source}", {"source": "hafenblatt"}), ("/sources/{source}", {"source": "paused"}),
]  # fmt: skip


def _try(console: Console, operation: Operation, mode: GenerationMode) -> None:
    @given(case=SCHEMA[operation.path][operation.method].as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def check(case: Case[Any]) -> None:
        answer = console.send(case)
        refused = (
            mode is GenerationMode.NEGATIVE and answer.status_code != 414
        )  # a refusal that the check does not know
        case.validate_response(answer, checks=[*CHECKS, negative_data_rejection] if refused else CHECKS)

    check()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.id)
def test_valid_requests_are_answered_as_described(console: Console, operation: Operation) -> None:
    _try(console, operation, GenerationMode.POSITIVE)


@pytest.mark.parametrize("operation", TAKING, ids=lambda one: one.id)
def test_invalid_requests_are_refused_as_described(console: Console, operation: Operation) -> None:
    _try(console, operation, GenerationMode.NEGATIVE)


@pytest.mark.parametrize(("path", "named"), REAL, ids=lambda one: str(one))
def test_answers_about_what_there_is_are_as_described(console: Console, path: str, named: dict[str, str]) -> None:
    case = SCHEMA[path]["GET"].Case(path_parameters=named)
    answer = console.send(case)
    assert answer.status_code == 200
    case.validate_response(answer, checks=CHECKS)


def test_the_document_is_valid() -> None:
    SCHEMA.validate()

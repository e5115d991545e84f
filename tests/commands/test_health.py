"""`almenara health` against real endpoints."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.commands import CommandError
from pipeline.commands.health import health
from pipeline.monitoring.endpoints import endpoints
from pipeline.monitoring.metrics import Metrics
from pipeline.monitoring.state import RUNNING, State
from pipeline.records import Problem
from pipeline.stage import Unavailable
from pipeline.web.server import listen, serving

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FULL = Problem(part="log", state="unavailable", why="the disk is full", since=NOW)


@asynccontextmanager
async def listening(folder: Path, app: Starlette, host: str = "127.0.0.1") -> AsyncIterator[Path]:
    """A configuration folder whose address the application answers at."""
    listener = listen(host, 0)
    port = listener.getsockname()[1]
    async with serving(app, listener):
        yield configured(folder, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")


def configured(folder: Path, address: str) -> Path:
    config = folder / "config"
    config.mkdir()
    (config / "almenara.toml").write_text(f'[health]\nlisten = "{address}"\n')
    return config


def process(*problems: Problem) -> Starlette:
    state = State("w1", ("poll",), NOW, lambda: problems, lambda: "c0ffee", dict, dict, 600.0, phase=RUNNING)
    return endpoints(state, Metrics(lambda: NOW), lambda: NOW)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1"])
async def test_a_process_that_is_ready_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str) -> None:
    async with listening(tmp_path, process(), host) as config:
        await asyncio.to_thread(health, config)
    assert capsys.readouterr().out.startswith("ready: w1, version ")


async def test_what_is_in_the_way_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with listening(tmp_path, process(FULL)) as config:
        with pytest.raises(Unavailable, match=r"^log unavailable since 2026-03-01T12:00:00\+00:00: the disk is full$"):
            await asyncio.to_thread(health, config, as_json=True)
    assert [each["part"] for each in json.loads(capsys.readouterr().out)["not_ready"]] == ["log"]


async def test_nothing_that_answers_is_no_success(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unavailable, match="is the daemon running"):
        health(configured(tmp_path, f"127.0.0.1:{port}"))


@pytest.mark.parametrize("body", [[], {"ready": True}, "text"])
async def test_another_program_at_the_address_is_no_success(tmp_path: Path, body: object) -> None:
    async def answer(_: Request) -> Response:
        return JSONResponse(body)

    async with listening(tmp_path, Starlette(routes=[Route("/health/ready", answer)])) as config:
        with pytest.raises(Unavailable, match="not Almenara"):
            await asyncio.to_thread(health, config)


def test_there_is_nothing_to_ask_where_it_is_off(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="listen"):
        health(configured(tmp_path, "off"))

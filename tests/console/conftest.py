"""A console over a small newsroom, and a client that reads its pages without a network."""

from __future__ import annotations

import asyncio
import gc
import re
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from pipeline.assembly.console import access_of, desk_of
from pipeline.assembly.deployment import Deployment, deployment_of
from pipeline.config.folder import Configuration, load
from pipeline.console.app import build
from pipeline.console.desk import Desk
from tests.console.hostile import poison, write_hostile
from tests.console.newsroom import NOW, fill, write_configuration

HOME = "http://127.0.0.1:8750"


@pytest.fixture(scope="session", autouse=True)
def lasting() -> None:
    """What was imported stays: a collection, of which there are many in a long run, need not look at it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the newsroom, filled once; in a thread, because a browser may have the loop of this one."""
    folder = tmp_path_factory.mktemp("newsroom")
    write_configuration(folder / "config")
    configuration = load(folder / "config")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, fill(deployment_of(configuration.settings), configuration)).result()
    return folder


@pytest.fixture(scope="session")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the hostile newsroom, filled once, in a thread too."""
    folder = tmp_path_factory.mktemp("hostile")
    write_hostile(folder / "config")
    configuration = load(folder / "config")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, poison(deployment_of(configuration.settings), configuration)).result()
    return folder


@pytest.fixture
def configuration(filled: Path, tmp_path: Path) -> Configuration:
    """A copy of the newsroom, for one test."""
    write_configuration(tmp_path / "config")
    shutil.copytree(filled / "data", tmp_path / "data")
    return load(tmp_path / "config")


@pytest.fixture
def deployment(configuration: Configuration) -> Deployment:
    return deployment_of(configuration.settings)


@pytest.fixture
async def desk(deployment: Deployment, configuration: Configuration) -> AsyncIterator[Desk]:
    """What the pages read; its clock stands at NOW."""
    async with desk_of(deployment, lambda: configuration, lambda: NOW) as desk:
        await desk.follower.look()
        yield desk


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """Requests to the console, as a browser on this machine sends them."""
    async with browser(build(desk, access_of(desk.configuration().settings))) as client:
        yield client


def browser(app: ASGIApp, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """A client of the application that keeps cookies; `address`: where it is."""
    transport = httpx.ASGITransport(app=app, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url=HOME)


async def sent(client: httpx.AsyncClient, path: str, fields: dict[str, str], page: str = "/settings") -> httpx.Response:
    """Send a form as it stands on `page`, with the token there."""
    token = token_of((await client.get(page)).text)
    return await client.post(path, data={"token": token, **fields}, headers={"Origin": str(client.base_url)})


def token_of(text: str) -> str:
    """The token of the forms on a page."""
    found = re.search(r'name="token" value="([^"]+)"', text)
    assert found, text[:200]
    return found[1]


def words_of(answer: httpx.Response) -> str:
    """The text of a page, as a reader sees it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text.partition("<main")[2]))

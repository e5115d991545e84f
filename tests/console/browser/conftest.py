"""A real browser over a console that is really served, with a log and an index that grow while it is read."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from pipeline.assembly.console import configuration_followed, console_served
from pipeline.assembly.deployment import Deployment, deployment_of
from pipeline.config.folder import Configuration, load
from pipeline.ports import Clock
from pipeline.web.server import listen, url_of
from tests.console.hostile import write_hostile
from tests.console.newsroom import NOW, write_configuration

CHROME = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
VENDORED = Path(__file__).parent.parent / "vendored"
WORTH = ("moderate", "serious", "critical")  # barriers that are repaired


def chrome() -> str | None:
    """The browser of this machine; CHROME names another."""
    named = os.environ.get("CHROME")
    return named or next((path for path in CHROME if Path(path).exists()), None)


@dataclass
class Served:
    """A console that is served; `home`: its address."""

    home: str
    deployment: Deployment


def _clock() -> Clock:
    """A clock that starts in the time of the newsroom, whose alerts are of the last hours."""
    begin = time.monotonic()
    return lambda: NOW + timedelta(seconds=time.monotonic() - begin)


Beside = Callable[[Deployment, Configuration], AbstractAsyncContextManager[Any]]


@asynccontextmanager
async def _nothing(_: Deployment, __: Configuration) -> AsyncIterator[None]:
    yield


@contextmanager
def served(
    folder: Path, environment: Mapping[str, str] = os.environ, beside: Beside = _nothing, now: Clock | None = None
) -> Iterator[Served]:
    """Serve the console of a newsroom in a thread with a loop of its own; `beside`: what else runs there."""
    configuration = load(folder / "config", environment)
    deployment = deployment_of(configuration.settings)
    listener = listen("127.0.0.1", 0)
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with (
            beside(deployment, configuration),
            configuration_followed(configuration) as in_force,
            console_served(deployment, in_force, listener, in_force.look, now or _clock()),
        ):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    home = url_of(listener)
    thread.start()
    assert ready.wait(30)
    try:
        yield Served(home, deployment)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.close()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of this folder: while it runs, its loop is that of the thread, and async tests of other
    folders could not. Without one they are skipped, or fail where services are required."""
    path = chrome()
    if path is None:
        why = "no browser: install Debian's chromium, or name one in CHROME"
        pytest.fail(why) if os.environ.get("ALMENARA_TEST_SERVICES") == "required" else pytest.skip(why)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextmanager
def served_copy(filled: Path, folder: Path, write: Callable[[Path], object]) -> Iterator[Served]:
    """A console on a copy of the data in `filled`, with the configuration that `write` makes."""
    write(folder / "config")
    shutil.copytree(filled / "data", folder / "data")
    with served(folder) as found:
        yield found


@pytest.fixture(scope="session")
def shared(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One console for the tests that only read."""
    with served_copy(filled, tmp_path_factory.mktemp("served"), write_configuration) as found:
        yield found


@pytest.fixture
def own(filled: Path, tmp_path: Path) -> Iterator[Served]:
    """A console for one test, which may change what is there."""
    with served_copy(filled, tmp_path, write_configuration) as found:
        yield found


@pytest.fixture
def hostile(poisoned: Path, tmp_path: Path) -> Iterator[Served]:
    """A console of which every text from outside is hostile, for one test."""
    with served_copy(poisoned, tmp_path, write_hostile) as found:
        yield found


@dataclass
class Tab:
    """A page with what went wrong in it: other hosts that it asked, errors of scripts, breaches of its policy."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def watch(self, home: str) -> None:
        def asked(request: Any) -> None:
            if not request.url.startswith((home, "data:")):
                self.wrong.append(f"asked {request.url}")

        def said(message: Any) -> None:
            if message.type in ("error", "warning") and "status of 4" not in message.text:
                self.wrong.append(f"said {message.text}")

        self.page.on("request", asked)
        self.page.on("console", said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"failed {error}"))


Open = Callable[..., Page]


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Open]:
    """Opens pages: `tab(served, path, width=…, javascript=…)`. At the end, nothing may have gone wrong in them."""
    contexts: list[BrowserContext] = []
    tabs: list[Tab] = []

    def open_(served: Served, path: str, *, width: int = 1280, javascript: bool = True, **options: Any) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=javascript, base_url=served.home,
            reduced_motion="reduce", **options,
        )  # fmt: skip
        contexts.append(context)
        made = Tab(context.new_page())
        tabs.append(made)
        made.watch(served.home)
        made.page.goto(path)
        return made.page

    yield open_
    wrong = [one for made in tabs for one in made.wrong]
    for context in contexts:
        context.close()
    assert wrong == []


def barriers(page: Page) -> list[str]:
    """What axe-core finds that keeps people out, and whether the page is wider than the window."""
    page.evaluate((VENDORED / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [
        f"{one['impact']} {one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found["violations"]
        if one["impact"] in WORTH
        for node in one["nodes"][:3]
    ] + (["wider than the window"] if wide else [])

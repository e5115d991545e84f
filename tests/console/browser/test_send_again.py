"""A message that a real channel refused is sent again by the button of the console, in both modes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import Deployment, deployment_of
from pipeline.assembly.wiring import Pipeline
from pipeline.config.folder import Configuration, load
from pipeline.stage import Out
from pipeline.terminal.reporter import Reporter
from tests.builders import alert
from tests.console.browser.conftest import Open, Served, served
from tests.console.browser.test_rounds import in_thread
from tests.console.newsroom import ALERTS, write_configuration
from tests.contracts.channels.receivers import Hook

pytestmark = pytest.mark.slow


@asynccontextmanager
async def notifying(deployment: Deployment, configuration: Configuration) -> AsyncIterator[None]:
    """The stage notify."""
    reporter = Reporter()
    opening: AbstractAsyncContextManager[Pipeline] = (
        deployment.single_process(configuration, reporter) if deployment.embedded
        else deployment.worker(configuration, reporter, ("notify",))
    )  # fmt: skip
    async with opening as pipeline, pipeline.driver.running(poll=False):
        yield


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


@pytest.fixture(params=["embedded", "distributed"])
def environment(request: pytest.FixtureRequest, prefix: str) -> Mapping[str, str]:
    """Names the log and the index of the mode."""
    if request.param == "embedded":
        return {}
    return {
        "LOG_URL": request.getfixturevalue("kafka"), "INDEX_URL": request.getfixturevalue("elasticsearch"),
        "ALMENARA_KAFKA_PREFIX": prefix, "ALMENARA_ELASTICSEARCH_PREFIX": prefix.rstrip("."),
        "ALMENARA_KAFKA_PARTITIONS": "1",
    }  # fmt: skip


@pytest.fixture
def newsroom(environment: Mapping[str, str], hook: Hook, tmp_path: Path) -> Iterator[Served]:
    """A console beside notify, with a channel at `hook`."""
    write_configuration(tmp_path / "config")
    channel = f'[channels.chat]\ntype = "apprise"\nurl = "json://127.0.0.1:{hook.port}/desk"\n'
    text = ALERTS.replace('channels = ["file"]', 'channels = ["chat"]') + channel
    (tmp_path / "config" / "alerts.toml").write_text(text, encoding="utf-8")
    deployment = deployment_of(load(tmp_path / "config", environment).settings)
    if not deployment.embedded:
        in_thread(_created(deployment))
    with served(tmp_path, environment, notifying, clock) as found:
        yield found


async def _created(deployment: Deployment) -> None:
    broker = await deployment.open_broker()
    await broker.create()
    await broker.close()


def fires(served: Served, article: str) -> str:
    """Have a rule match an article; return the id of the alert."""
    now = clock()
    one = alert(article, "Port strikes", story_id=article, channels=("chat",), seen=now, first_seen=now)

    async def publish() -> None:
        log = await served.deployment.open_log(write=True)
        await log.publish([Out("alerts", one.id, one)])
        await log.close()

    in_thread(publish())
    return one.id


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def shown(page: Page, text: str) -> None:
    """Wait until the page says it when it is loaded again."""
    end = time.monotonic() + 15
    while not page.locator("main").get_by_text(text, exact=True).count():
        assert time.monotonic() < end, page.locator("main").inner_text()
        time.sleep(0.1)
        page.reload()


def test_send_again(newsroom: Served, hook: Hook, tab: Open) -> None:
    hook.answer(400)
    first, second = fires(newsroom, "d1"), fires(newsroom, "d2")
    until(lambda: len(hook.requests) == 2)
    page = tab(newsroom, f"/alerts/{first}")
    shown(page, "refused")
    hook.answer(200)
    expect(page.get_by_role("checkbox", name="chat")).to_be_checked()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("status").first).to_be_visible()
    shown(page, "arrived")
    assert ["Title of d1" in str(body) for body in hook.bodies] == [True]
    expect(page.get_by_role("checkbox", name="chat")).not_to_be_checked()  # it has it
    page.get_by_role("checkbox", name="chat").check()
    page.get_by_role("button", name="Send again").click()
    until(lambda: len(hook.taken) == 2)
    page.goto("/alerts")
    page.get_by_role("button", name="Send them again").click()  # the other one
    until(lambda: len(hook.taken) == 3)
    assert "Title of d2" in str(hook.bodies[2])
    page.goto(f"/alerts/{second}")
    shown(page, "arrived")
    time.sleep(0.5)
    assert len(hook.taken) == 3

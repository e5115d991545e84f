"""Live updates in a real browser: a bar says what is new, and nothing that is being read moves."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from playwright.sync_api import expect

from pipeline.core.stories.updates import changed_by
from pipeline.records import Document
from pipeline.stage import Out
from tests.builders import document
from tests.console.browser.conftest import Open, Served

pytestmark = pytest.mark.slow


def publish(served: Served, *documents: Document) -> None:
    """As relate and index do it; in a thread, because the browser's loop is that of this one."""

    async def run() -> None:
        log, index = await served.deployment.open_log(write=True), await served.deployment.open_index(write=True)
        try:
            for one in documents:
                stories = changed_by(one, lambda ids: {})
                await log.publish([Out("documents", one.article.id, one)])
                await index.put([one])
                await index.put_stories(stories)
        finally:
            await index.close()
            await log.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    thread.join(30)


def test_a_bar_says_what_is_new_and_what_is_read_stays(own: Served, tab: Open) -> None:
    page = tab(own, "/?span=all")
    first = page.locator("main article").first
    expect(first).to_be_visible()
    time.sleep(1)  # the stream is open
    before, text = first.bounding_box(), page.locator("main").inner_text()
    publish(own, document("A ferry is late", "The ferry is late.", id="n1", seq=90, story_id="n1"))
    bar = page.locator("[data-news]")
    expect(bar).to_be_visible(timeout=5000)
    expect(bar).to_contain_text("1 ")
    assert first.inner_text() in text
    after = first.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 1


@pytest.mark.parametrize(("view", "counted"), [("/search?q=ferry", "1 "), ("/?span=all&q=ferry&sources=2", "")])
def test_the_bar_counts_for_the_view_that_is_read(own: Served, tab: Open, view: str, counted: str) -> None:
    page = tab(own, view)
    time.sleep(1)  # the stream is open
    publish(own, document("A ferry is late", "The ferry is late.", id="n1", seq=90, story_id="n1"))
    bar = page.locator("[data-news]")
    if counted:
        expect(bar).to_be_visible(timeout=5000)
        expect(bar).to_contain_text(counted)
        bar.press("Enter")
        expect(page.get_by_role("article").filter(has_text="A ferry is late")).to_be_visible()
    else:
        time.sleep(2)
        expect(bar).to_be_hidden()


def test_updates_come_again_after_the_console_refused_them(own: Served, tab: Open) -> None:
    """Browsers ask again after a broken connection, but not after an answer such as those of a proxy."""
    page = tab(own, "/settings")
    page.route("**/live?*", lambda route: route.fulfill(status=429, body="too many"))
    page.goto("/?span=all")
    note = page.locator("[data-trouble]")
    expect(note).to_be_visible(timeout=8000)
    expect(note).to_contain_text("The console does not answer.")
    page.unroute("**/live?*")
    expect(note).to_be_hidden(timeout=10_000)
    publish(own, document("A ferry is late", "The ferry is late.", id="n1", seq=90, story_id="n1"))
    expect(page.locator("[data-news]")).to_contain_text("1 ", timeout=5000)

"""The hostile newsroom in a real browser: nothing runs, nothing is loaded from elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.console.browser.conftest import Open, Served
from tests.console.test_hostile import BAD, PATHS

pytestmark = pytest.mark.slow
DOWNLOADS = ("/search/export", "/sources/opml", "/atom/", "/search/complete")
RAN = "window.ran || document.querySelector('[data-poison]') !== null"


def test_nothing_runs(hostile: Served, tab: Open) -> None:
    page = tab(hostile, "/settings")
    for path in PATHS:
        if path.startswith(DOWNLOADS) or path.startswith(f"/act/{BAD}"):
            continue
        page.goto(path)
        page.mouse.move(300, 300)  # some traps wait for the mouse
        assert not page.evaluate(RAN), path


def test_nothing_runs_that_scripts_bring_in(hostile: Served, tab: Open) -> None:
    """Completions, answers and checks are fragments that scripts put into a page."""
    page = tab(hostile, "/search?span=all")
    with page.expect_response(lambda answer: "/search/complete" in answer.url):
        page.locator("#q").fill("source:x")
    assert not page.evaluate(RAN)
    page.goto("/article/h1")
    page.get_by_role("link", name="Why this topic?").click()
    expect(page.locator("#why-answer > *").first).to_be_visible()
    assert not page.evaluate(RAN)
    page.goto("/rules/edit?rule=hostile")
    page.get_by_label("Query", exact=True).fill('poisoned AND ("><b data-poison>')
    expect(page.locator("#checked .bad").first).to_be_visible()
    assert not page.evaluate(RAN)

"""Manners of the pages in a real browser: what keys say where they have nothing to do, and what is printed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from pipeline.console.keys import KEYS
from tests.console.browser.conftest import VENDORED, Open, Served

pytestmark = pytest.mark.slow

#: A page on which these keys have nothing to do: neither a list, nor an article, an alert or a story.
BARE = "/settings"
IDLE = [key for key in KEYS if key.missing and key.action != "find"]


@pytest.mark.parametrize("key", IDLE, ids=lambda key: key.key)
def test_a_key_without_anything_to_do_says_so(shared: Served, tab: Open, key: object) -> None:
    page = tab(shared, BARE)
    page.keyboard.press(key.key)  # type: ignore[attr-defined]
    expect(page.get_by_role("status")).to_have_text(key.missing)  # type: ignore[attr-defined]


def test_a_story_without_differences_says_that_there_is_nothing_to_compare(shared: Served, tab: Open) -> None:
    page = tab(shared, "/story/m1")
    page.keyboard.press("c")
    expect(page.locator("#notices")).to_have_text("Nothing to compare: these reports do not differ.")
    page.goto("/story/t1")
    page.keyboard.press("c")
    expect(page).to_have_url(f"{shared.home}/story/t1#facts")


def test_a_letter_of_no_section_says_so(shared: Served, tab: Open) -> None:
    page = tab(shared, BARE)
    page.keyboard.press("g")
    page.keyboard.press("z")
    expect(page.get_by_role("status")).to_contain_text("No section has this letter")


@pytest.mark.parametrize("path", ["/", "/story/t1", "/article/p1", "/alerts", "/rules", "/sources", "/system"])
def test_print_is_black_on_white_without_what_is_for_the_screen(shared: Served, tab: Open, path: str) -> None:
    page = tab(shared, path, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    for hidden in ("header.top", "nav.sections", "form", "button", ".notices"):
        assert all(not one.is_visible() for one in page.locator(hidden).all()), hidden
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    cut = page.evaluate(
        "[...document.querySelectorAll('.scroll')].some((one) => getComputedStyle(one).overflowX !== 'visible')"
    )
    assert not cut


def test_what_is_touched_is_large_enough(shared: Served, tab: Open) -> None:
    """WCAG 2.5.8: 24 pixels, or as much room around."""
    page = tab(shared, BARE, width=390, has_touch=True)
    found = {}
    for path in ("/?span=all", "/story/t1", "/article/p1", "/search", "/alerts", "/rules", "/sources", "/system/dead"):
        page.goto(path)
        page.evaluate((VENDORED / "axe.min.js").read_text(encoding="utf-8"))
        wrong = page.evaluate("axe.run(document, {runOnly: {type: 'rule', values: ['target-size']}})")["violations"]
        if wrong:
            found[path] = [node["html"] for one in wrong for node in one["nodes"]]
    assert found == {}


def test_what_is_waited_for_says_so(shared: Served, tab: Open) -> None:
    page = tab(shared, "/topics/troops")
    held: list[Route] = []
    page.route("**/topics/troops", lambda route: held.append(route))
    button = page.get_by_role("link", name="Look for near misses")
    after = "one => getComputedStyle(one, '::after').content"
    assert button.evaluate(after) == "none"
    button.click()
    expect(button).to_have_class(re.compile("htmx-request"))
    assert button.evaluate(after) == '""'
    held[0].continue_()
    expect(page.locator("#near-answer")).to_have_attribute("role", "status", timeout=60_000)

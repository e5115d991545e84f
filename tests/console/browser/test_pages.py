"""Every page in a real browser: asks no other host, and works without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.console.browser.conftest import Open, Served

pytestmark = pytest.mark.slow

#: Pages that only read, and the state of each that is looked at.
PAGES = (
    "/", "/?span=all", "/story/p1", "/story/t1", "/article/p1", "/article/m1", "/article/h1", "/search",
    "/search?q=strike", "/search?q=(", "/alerts", "/rules", "/topics", "/topics/troops", "/watch",
    "/sources", "/sources?health=failing", "/sources?q=zzz",
    "/sources/hafenblatt", "/sources/add", "/system", "/system/dead", "/system/dead/0", "/system/configuration",
    "/system/audit", "/settings", "/nowhere",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_complete_without_scripts(shared: Served, tab: Open, path: str) -> None:
    assert _text(tab(shared, path, javascript=False)) == _text(tab(shared, path))


def _text(page: Page) -> str:
    """What the page says; without plots, whose numbers a table beside each of them has."""
    page.evaluate("document.querySelectorAll('.plot').forEach((one) => one.remove())")
    return _plain(page.locator("main").inner_text())


def _plain(text: str) -> str:
    """Without times, which follow the browser's zone, and their ages."""
    return re.sub(r"\d+", "", re.sub(r"\s+", " ", text))


def test_forms_work_without_scripts(own: Served, tab: Open) -> None:
    page = tab(own, "/sources/harbour-post", javascript=False)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("status").first).to_contain_text("Paused")
    page.get_by_role("button", name="Read it again").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_it_is_used_with_the_keyboard_only(shared: Served, tab: Open) -> None:
    page = tab(shared, "/sources")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-item]").nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("[data-item]").nth(0)).to_be_focused()
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hafenblatt")
    page.wait_for_load_state()  # scripts run after the heading is there
    page.keyboard.press("g")
    page.keyboard.press("y")
    expect(page.get_by_role("heading", level=1)).to_have_text("System")
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keys")
    expect(help_).to_be_visible()
    expect(help_).to_contain_text("Mark as read or unread")
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()


def test_keys_can_be_switched_off(shared: Served, tab: Open) -> None:
    page = tab(shared, "/sources")
    page.keyboard.press("?")
    page.get_by_role("button", name="Single letters are commands").click()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("[data-item]:focus")).to_have_count(0)
    page.reload()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto("/settings")
    expect(page.get_by_label("Single letters are commands")).not_to_be_checked()


def test_letters_in_fields_are_no_commands(shared: Served, tab: Open) -> None:
    page = tab(shared, "/sources")
    field = page.get_by_role("searchbox", name="Filter by name")
    field.click()
    page.keyboard.type("jk?gx")
    expect(field).to_have_value("jk?gx")


def test_the_theme_is_kept(shared: Served, tab: Open) -> None:
    page = tab(shared, "/settings", color_scheme="light")
    ground = "getComputedStyle(document.body.parentElement).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate(ground) != light
    page.reload()
    assert page.evaluate(ground) != light


def test_times_are_in_the_zone_of_the_browser(shared: Served, tab: Open) -> None:
    page = tab(shared, "/system/dead/0", timezone_id="Asia/Tokyo")
    shown = page.locator("time[data-time=moment]").first
    expect(shown).to_contain_text("20:10")  # 11:10 UTC
    page.reload()  # the server knows the zone by now
    expect(shown).to_contain_text("20:10")


def test_spanish_is_chosen_by_the_browser(shared: Served, tab: Open) -> None:
    page = tab(shared, "/settings", locale="es-ES")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ajustes")


def test_on_a_phone_everything_is_within_reach(shared: Served, tab: Open) -> None:
    page = tab(shared, "/sources", width=360, has_touch=True, is_mobile=True)
    sections = page.get_by_role("navigation", name="Sections")
    for link in sections.get_by_role("link").all():
        if link.is_visible():
            box = link.bounding_box()
            assert box
            assert box["height"] >= 44
    page.locator("[data-item] a").first.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hafenblatt")

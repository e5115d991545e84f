"""Plots in a real browser: values can be read off, the policy of pages holds, and the server's picture is printed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.console.browser.conftest import Open, Served

pytestmark = pytest.mark.slow

STORY = "/story/p1"


def read_off(page: Page, share: float) -> str:
    """What the plot says where the pointer is: at that share of its width."""
    area = page.locator(".plot-read .u-over").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box
    page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
    return page.locator(".plot-read .u-legend").first.inner_text()


def last_row(page: Page) -> list[str]:
    """Time and count of the last step, from the table beside the plot."""
    return page.locator(".plot + details tbody tr").last.locator("th, td").all_text_contents()


@pytest.mark.parametrize(("locale", "names"), [("en-GB", ("From", "Reports")), ("es-ES", ("Desde", "Noticias"))])
def test_values_are_read_off_as_the_table_has_them(
    shared: Served, tab: Open, locale: str, names: tuple[str, str]
) -> None:
    page = tab(shared, STORY, locale=locale, timezone_id="Asia/Tokyo")
    page.reload()  # the server knows the zone by now
    begin, count = last_row(page)
    said = read_off(page, 0.999)
    assert begin[-5:] in said  # the time of the day
    assert said.rstrip().endswith(count)
    assert all(name in said for name in names)


def test_a_picture_of_the_server_is_there_without_scripts_and_in_print(shared: Served, tab: Open) -> None:
    page = tab(shared, STORY)
    drawn, read = page.locator(".plot svg"), page.locator(".plot-read canvas")
    expect(read).to_be_visible()
    expect(drawn).to_be_hidden()
    page.emulate_media(media="print")
    expect(drawn).to_be_visible()
    expect(read).to_be_hidden()
    without = tab(shared, STORY, javascript=False)
    expect(without.locator(".plot svg")).to_be_visible()
    expect(without.locator(".plot-read")).to_have_count(0)


def test_a_plot_takes_the_colours_of_the_theme_and_the_width_of_the_page(shared: Served, tab: Open) -> None:
    page = tab(shared, STORY, color_scheme="light", width=1200)
    marker = page.locator(".plot-read .u-marker").last
    colour = "one => getComputedStyle(one).backgroundColor"
    light = marker.evaluate(colour)
    page.get_by_role("button", name="Light or dark").click()
    expect(marker).not_to_have_css("background-color", light)
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator(".plot-read canvas")).to_have_css("width", "358px")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_plot_is_neither_reached_by_keys_nor_read_out(shared: Served, tab: Open) -> None:
    page = tab(shared, STORY)
    assert page.locator(".plot-read[aria-hidden=true]").count() == 1
    assert page.locator(".plot-read :is(a, button, input, [tabindex])").count() == 0


def test_trials_on_the_past_are_plotted_when_they_end(own: Served, tab: Open) -> None:
    page = tab(own, "/rules/edit?rule=Port+strikes")
    page.get_by_role("button", name="Try on the past").click()
    expect(page.locator(".plot-read canvas")).to_be_visible(timeout=30_000)
    begin, articles, messages = last_row(page)
    assert (articles, messages) == ("4", "3")  # of the newsroom, all of its last day
    said = read_off(page, 0.999)
    assert begin in said
    assert "Articles" in said
    assert "Messages" in said

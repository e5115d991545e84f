"""What an analyst does in a day, in a real browser: the morning round, an alert, a comparison, a site, a split."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pipeline.config.folder import load
from pipeline.log.reading import read_all
from pipeline.records import Feed, Kept, Record, StoryRequest
from tests.builders import document
from tests.commands.news_site import serving
from tests.console.browser.conftest import Open, Served, barriers, served
from tests.console.browser.test_live_pages import publish
from tests.console.newsroom import write_configuration

pytestmark = pytest.mark.slow
NOW = "/?span=all"
RSS = """<rss version="2.0"><channel><title>The Quay</title><link>{BASE}/</link><language>en</language>
<item><title>A crane is back at work</title><link>{BASE}/1</link><guid>1</guid></item></channel></rss>"""


def records(served: Served, stream: str, kind: type[Record]) -> list[Any]:
    """What is on a stream; in a thread, because the browser's loop is that of this one."""
    found: list[Any] = []

    async def read() -> None:
        log = await served.deployment.open_log()
        try:
            by_key, _ = await read_all(log, stream, kind)
            found.extend(by_key.values())
        finally:
            await log.close()

    in_thread(read())
    return found


def in_thread(work: Coroutine[Any, Any, None]) -> None:
    thread = threading.Thread(target=lambda: asyncio.run(work))
    thread.start()
    thread.join(30)


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def card(page: Page, title: str) -> Any:
    return page.get_by_role("feed").get_by_role("article").filter(has_text=title)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False])
def test_the_morning_round(own: Served, tab: Open, width: int, javascript: bool) -> None:
    page = tab(own, NOW, width=width, javascript=javascript)
    expect(card(page, "Dockers strike in Lisbon ends")).to_be_visible()
    expect(card(page, "Latvia's parliament")).to_be_visible()
    card(page, "Latvia's parliament").get_by_role("link", name="Latvia", exact=True).click()
    expect(card(page, "Dockers strike")).to_have_count(0)
    assert "country=LV" in page.url
    page.go_back()
    card(page, "Dockers strike in Lisbon ends").get_by_role("link", name="Dockers strike in Lisbon ends").click()
    heading(page, "Dockers strike in Lisbon ends")
    expect(page.get_by_role("heading", name="Who reported when")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(own.home + NOW)
    read = card(page, "Dockers strike in Lisbon ends").get_by_role("button", name="Read")
    expect(read).to_have_attribute("aria-pressed", "false")
    read.click()
    expect(read).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(read).to_have_attribute("aria-pressed", "true")
    assert [(one.kind, one.id) for one in records(own, "readers", Kept)] == [("read", "p1")]


def test_a_new_alert_is_made_of_a_search(own: Served, tab: Open, tmp_path: Path) -> None:
    page = tab(own, "/search?span=all")
    field = page.locator("#q")
    field.fill("strike OR huelga")
    field.press("Enter")
    expect(page.locator("#hits").get_by_role("article").first).to_be_visible()
    page.get_by_role("link", name="Make this an alert").click()
    heading(page, "New rule")
    expect(page.get_by_label("Query", exact=True)).to_have_value("strike OR huelga")
    page.get_by_label("Name", exact=True).fill("Strikes everywhere")
    page.get_by_label("Query", exact=True).fill("strike OR (huelga")
    expect(page.locator("#checked .bad").first).to_be_visible()
    page.get_by_label("Query", exact=True).fill("strike OR huelga")
    expect(page.locator("#checked .sentence")).to_be_visible()
    page.get_by_role("button", name="Try on the past").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.go_back()
    page.get_by_label("Name", exact=True).fill("Strikes everywhere")
    page.get_by_label("file", exact=True).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Saved in alerts.toml")
    while not page.get_by_role("link", name="Strikes everywhere").count():  # its process looks every two seconds
        page.reload()
    rules = {rule.name: rule for rule in load(tmp_path / "config").alerts.rules}
    assert rules["Strikes everywhere"].query == "strike OR huelga"
    assert set(rules) == {"Port strikes", "Troops in Latvia", "Strikes everywhere"}


def test_a_site_is_added(filled: Path, tmp_path: Path, tab: Open) -> None:
    write_configuration(tmp_path / "config")
    with (tmp_path / "config" / "almenara.toml").open("a", encoding="utf-8") as file:
        file.write('[fetch]\nallow_networks = ["127.0.0.1/32"]\n')
    shutil.copytree(filled / "data", tmp_path / "data")
    with serving() as site, served(tmp_path) as console:
        site.put("/", "<title>The Quay</title><link rel=alternate type=application/rss+xml href=/rss title='The Quay'>")
        site.put("/rss", RSS, "application/rss+xml")
        page = tab(console, "/sources")
        page.get_by_role("link", name="Add").first.click()
        page.get_by_label("Address of a site").fill(site.url)
        page.get_by_role("button", name="Look there").click()
        expect(page.get_by_role("heading", name="1 feed found")).to_be_visible(timeout=30_000)
        expect(page.get_by_text("A crane is back at work")).to_be_visible()
        assert barriers(page) == []
        page.get_by_role("button", name="Add", exact=True).click()
        heading(page, "The Quay")
        assert "/rss" in site.asked
        feeds = {one.name: one for one in records(console, "feeds", Feed)}
        assert feeds["The Quay"].url == f"{site.url}/rss"


def test_facts_of_a_story_are_compared(shared: Served, tab: Open) -> None:
    page = tab(shared, NOW)
    card(page, "Latvia's parliament").get_by_role("link", name="Reports differ").click()
    table = page.get_by_role("table").filter(has_text="Baltic Daily").first
    differing = table.locator("td.differs")
    expect(differing).to_have_count(2)
    differing.nth(0).locator("summary").click()
    expect(differing.nth(0).locator("blockquote")).to_contain_text("The parliament voted 73 to 25")
    differing.nth(1).locator("summary").click()
    expect(differing.nth(1).locator("blockquote")).to_contain_text("By 75 votes to 25")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_story_is_split(own: Served, tab: Open, javascript: bool) -> None:
    page = tab(own, "/story/p1", javascript=javascript)
    page.locator("#a-p3").get_by_label("does not belong here").check()
    page.get_by_role("button", name="Split").click()
    expect(page.get_by_role("status").first).to_be_visible()
    [asked] = records(own, "story-requests", StoryRequest)
    assert "p3" in str(asked)


def test_the_round_needs_the_keyboard_only(own: Served, tab: Open) -> None:
    page = tab(own, NOW)
    focused = page.locator("[data-item]:focus")
    page.keyboard.press("j")
    expect(focused).to_have_count(1)
    while "Latvia" not in focused.locator("h2").inner_text():
        before = focused.get_attribute("data-story")
        page.keyboard.press("j")
        assert focused.get_attribute("data-story") != before
    for key, button in (("m", "Read"), ("s", "Star"), ("f", "Follow")):
        page.keyboard.press(key)
        expect(card(page, "Latvia's").get_by_role("button", name=button)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("c")
    expect(page).to_have_url(own.home + "/story/t1#facts")
    page.go_back()
    page.keyboard.press("/")
    page.keyboard.type("strike")
    page.keyboard.press("Enter")
    expect(page).to_have_url(own.home + "/search?q=strike")
    page.wait_for_load_state()
    page.keyboard.press("g")
    page.keyboard.press("n")
    expect(page).to_have_url(own.home + "/")


def test_the_focus_goes_on_where_something_is_replaced(own: Served, tab: Open) -> None:
    """With the keyboard alone: a kept mark, more of a list, an explanation."""
    publish(own, *(document(f"Report {n}", "Text.", id=f"r{n}", seq=100 + n, story_id=f"r{n}") for n in range(40)))
    page = tab(own, "/?span=all&sort=newest")
    focused = page.locator(":focus")
    page.get_by_role("article").first.get_by_role("button", name="Star").focus()
    page.keyboard.press("Enter")
    expect(focused).to_have_attribute("aria-pressed", "true")
    assert focused.get_attribute("data-act") == "save"
    page.keyboard.press("j")
    expect(focused).to_have_attribute("aria-posinset", "2")
    page.get_by_role("link", name="More stories").focus()
    page.keyboard.press("Enter")
    expect(focused).to_have_attribute("aria-posinset", "31")
    page.keyboard.press("PageDown")
    expect(focused).to_have_attribute("aria-posinset", "32")
    page.goto("/article/t1")
    page.keyboard.press("e")
    expect(focused).to_have_attribute("id", "why-answer", timeout=30_000)


def test_who_hears_pages_is_told_what_is_new(own: Served, tab: Open) -> None:
    page = tab(own, "/?span=all")
    told = page.locator("[data-said]")
    expect(told).to_have_attribute("role", "status")
    time.sleep(1)  # the stream is open
    publish(own, document("A ferry is late", "The ferry is late.", id="n1", seq=90, story_id="n1"))
    expect(told).to_have_text("1 new or changed story", timeout=5000)


@pytest.mark.parametrize("width", [360, 1280])
def test_every_control_of_the_round_has_a_visible_focus_in_the_order_of_the_page(
    own: Served, tab: Open, width: int
) -> None:
    page = tab(own, NOW, width=width)
    places, seen = [], set()
    for _ in range(120):
        page.keyboard.press("Tab")
        at = page.evaluate("""() => {
            const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
            const order = [...document.querySelectorAll("*")].indexOf(one);
            const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
            return [order, one.tagName, ring || style.boxShadow !== "none", box.width > 0 && box.height > 0];
        }""")
        if at[1] == "BODY" or at[0] in seen:
            break
        seen.add(at[0])
        places.append(at)
    assert len(places) > 30
    assert [at for at in places if not (at[2] and at[3])] == []
    assert [at[0] for at in places] == sorted(at[0] for at in places)

"""Nothing on any page keeps people out, as far as axe-core sees it: every route that is read, in every state, at three
widths, light and dark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page

from pipeline.assembly.console_secret import console_secret
from pipeline.config.folder import load
from pipeline.console.routes import ROUTES
from pipeline.core.alerts.signed_links import LASTING, signed
from pipeline.records import Alert
from tests.builders import alert
from tests.console.browser.conftest import Open, Served, barriers, served
from tests.console.newsroom import NOW, write_configuration
from tests.console.safety.conftest import add_two_users
from tests.console.safety.test_parts import PASSWORD
from tests.console.test_hostile import READ

pytestmark = pytest.mark.slow

#: Pages of the newsroom, beside those of the routes table, and states of them.
NEWSROOM = (
    "/", "/?span=all", "/?span=all&rule=Port+strikes", "/?q=(", "/?page=9", "/story/p1", "/story/t1", "/article/p1",
    "/article/m1", "/article/h1", "/article/p1/why", "/search", "/search?q=strike", "/search?q=(", "/search?q=zzzz",
    "/search?page=200", "/alerts", "/alerts?span=90d", "/alerts?status=muted", "/rules", "/rules/edit",
    "/rules/edit?rule=Port+strikes",
    "/topics", "/topics/troops", "/watch", "/sources", "/sources?health=failing", "/sources?q=zzz",
    "/sources/hafenblatt",
    "/sources/add", "/system", "/system/dead", "/system/dead/0", "/system/configuration", "/system/audit", "/settings",
    "/api", "/nowhere", "/story/nowhere", "/rules/backtest/gone",
)  # fmt: skip
#: The routes whose answers are no pages.
NO_PAGES = {"search.export", "search.complete", "article.record", "sources.opml", "live", "static"}
LOOKS = ((360, "dark"), (800, "light"), (1440, "dark"))


def read_routes() -> set[str]:
    """Names of the routes that show pages."""
    reading = {route.name for route in ROUTES if "GET" in (route.methods or ())}
    return {name for name in reading if not name.startswith("atom.")} - NO_PAGES


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Served]:
    """A console before anything was read."""
    write_configuration(tmp_path / "config")
    with served(tmp_path) as found:
        yield found


@pytest.fixture
def guarded(filled: Path, tmp_path: Path) -> Iterator[Served]:
    """A console with two users."""
    write_configuration(tmp_path / "config")
    shutil.copytree(filled / "data", tmp_path / "data")
    settings = load(tmp_path / "config").settings
    add_two_users(settings)
    with served(tmp_path) as found:
        yield found


def wrong(page: Page, paths: tuple[str, ...]) -> list[str]:
    """The barriers on these pages."""
    found = []
    for path in paths:
        page.goto(path)
        found += [f"{path}: {one}" for one in barriers(page)]
    return found


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def look(request: pytest.FixtureRequest) -> dict[str, object]:
    """Width and theme of a browser."""
    width, theme = request.param
    return {"width": width, "color_scheme": theme, "has_touch": width < 600}


def test_pages_of_the_newsroom(shared: Served, tab: Open, look: dict[str, object]) -> None:
    found = wrong(tab(shared, "/settings", **look), NEWSROOM)
    assert not found, "\n".join(found)


def test_pages_of_the_routes_table_with_hostile_texts(hostile: Served, tab: Open, look: dict[str, object]) -> None:
    paths = tuple(path for name in sorted(read_routes()) for path in READ[name])
    found = wrong(tab(hostile, "/settings", **look), paths)
    assert not found, "\n".join(found)


def test_pages_before_anything_was_read(empty: Served, tab: Open, look: dict[str, object]) -> None:
    paths = (
        "/", "/search", "/alerts", "/rules", "/rules/edit", "/watch", "/topics", "/sources", "/system", "/system/dead",
        "/system/audit", "/system/configuration", "/story/none", "/article/none",
    )  # fmt: skip
    found = wrong(tab(empty, "/settings", **look), paths)
    assert not found, "\n".join(found)


def test_login_and_what_readers_and_editors_see(guarded: Served, tab: Open, look: dict[str, object]) -> None:
    page = tab(guarded, "/login?next=/alerts", **look)
    found = [f"login: {one}" for one in barriers(page)]
    page.get_by_label("Name").fill("ben")
    page.get_by_label("Password").fill("a wrong password")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    found += [f"wrong login: {one}" for one in barriers(page)]
    for name in ("ben", "ana"):
        page.goto("/login")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(guarded.home + "/")
        found += [
            f"{name}: {one}"
            for one in wrong(page, ("/", "/story/p1", "/alerts?span=90d", "/rules", "/sources", "/settings"))
        ]
        page.context.clear_cookies()
    assert not found, "\n".join(found)


def test_pages_that_forms_lead_to(own: Served, tab: Open, look: dict[str, object]) -> None:
    """The trial of a rule, an address where no feed is, a form with mistakes, what was done."""
    page = tab(own, "/rules/edit?query=strike", **look)
    page.get_by_label("Name", exact=True).fill("Strikes")
    page.get_by_role("button", name="Try on the past").click()
    page.wait_for_url("**/rules/backtest/*")
    page.locator("#trial .facts").wait_for()
    found = [f"trial: {one}" for one in barriers(page)]
    page.goto("/rules/edit?query=(")
    page.get_by_label("Name", exact=True).fill("Strikes")
    page.get_by_role("button", name="Save", exact=True).click()
    found += [f"a rule with mistakes: {one}" for one in barriers(page)]
    page.goto("/sources/add")
    page.get_by_label("Address of a site").fill("http://127.0.0.1:9/")
    page.get_by_role("button", name="Look there").click()
    page.locator("#found, #wrong").first.wait_for()
    found += [f"no feeds: {one}" for one in barriers(page)]
    page.goto("/story/p1")
    page.locator("#a-p3").get_by_label("does not belong here").check()
    page.get_by_role("button", name="Split").click()
    page.get_by_role("status").first.wait_for()
    found += [f"split: {one}" for one in barriers(page)]
    assert not found, "\n".join(found)


def test_what_signed_links_lead_to(guarded: Served, tab: Open, look: dict[str, object]) -> None:
    """The question, the answer, and a link that was used, that is too old, and that is none."""
    links = [replace(fired_alert(), seen=seen) for seen in (NOW, NOW - 2 * LASTING)]
    secret = console_secret(guarded.deployment.settings)
    asking, old = (f"/act/{signed(secret, 'useful', one)}" for one in links)
    page = tab(guarded, asking, **look)
    found = [f"question: {one}" for one in barriers(page)]
    page.get_by_role("button").first.click()
    page.get_by_role("status").first.wait_for()
    found += [f"answer: {one}" for one in barriers(page)]
    found += wrong(page, (asking, old, "/act/x"))
    assert not found, "\n".join(found)


def fired_alert() -> Alert:
    """One that the newsroom has."""
    return alert("p1", "Port strikes")

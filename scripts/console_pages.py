"""The pages of the console, each in the states that people meet: what `console_screenshots --look` takes.

A test compares them with the routes, so that no page is left out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from playwright.async_api import Page

SLOWEST = 60_000  # milliseconds for what a page looks for: near misses, feeds at an address, a trial on the past
OPML = """<opml version="2.0"><body>
<outline text="Ports" ><outline text="Harbour Gazette" type="rss" xmlUrl="https://gazette.example/rss"/></outline>
<outline text="No address" type="rss" xmlUrl="ftp://gazette.example/rss"/>
<outline text="Harbour Gazette again" type="rss" xmlUrl="https://gazette.example/rss"/>
</body></opml>"""


@dataclass(frozen=True, slots=True)
class Look:
    """A page to look at. `path`: with names of names_of(); `then`: what is done there before; `console`: the one of the
    demo, one without articles, or one that asks for a login."""

    path: str
    then: Callable[[Page], Awaitable[None]] | None = None
    console: Literal["demo", "empty", "closed"] = "demo"


async def _open_filters(page: Page) -> None:
    await page.evaluate("document.querySelectorAll('.filters, .save, .times').forEach((one) => { one.open = true; })")


async def _more(page: Page) -> None:
    rest = page.locator(".sections .rest summary")
    if await rest.is_visible():
        await rest.click()


async def _keys(page: Page) -> None:
    await page.keyboard.press("?")


async def _unfold(page: Page) -> None:
    await page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")


async def _why(page: Page) -> None:
    await page.locator("main [data-act=explain]").first.click()
    await page.locator("#why-answer .card").first.wait_for(timeout=SLOWEST)


async def _near(page: Page) -> None:
    await page.locator("#near-answer a.button").click()
    await page.locator("#near-answer[role=status]").wait_for(timeout=SLOWEST)


async def _look(page: Page) -> None:
    await page.get_by_role("button", name="Look there").click()
    await page.locator("#found").wait_for(timeout=SLOWEST)


async def _load(page: Page) -> None:
    file = {"name": "reader.opml", "mimeType": "text/x-opml", "buffer": OPML.encode()}
    await page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    await page.locator("form[action='/sources/opml'] button").click()
    await page.wait_for_load_state()


async def _mistype(page: Page) -> None:
    await page.locator("details.options summary").click()
    await page.locator("#country").fill("QQ")
    await page.locator("#headers").fill("X-Key: ${HOME}")
    await page.locator("#wrong-headers", has_text="FEED_").wait_for(timeout=SLOWEST)


async def _try(page: Page) -> None:
    await page.get_by_role("button", name="Try on the past").click()
    await page.locator("#trial dl.facts, #trial .note").first.wait_for(timeout=SLOWEST)


async def _compare(page: Page) -> None:
    await page.locator(".compare summary").first.click()


#: By name.
LOOKS: Mapping[str, Look] = {
    "now": Look("/"), "now-filters": Look("/?span=all&topic=foreign-troop-authorization", _open_filters),
    "now-more": Look("/", _more), "now-none": Look("/?q=nothinglikethis"), "now-mistake": Look("/?q=("),
    "keys": Look("/", _keys),
    "story": Look("/story/{story}"), "story-small": Look("/story/{small}"),
    "story-open": Look("/story/{story}", _unfold), "story-cell": Look("/story/{story}#facts", _compare),
    "article": Look("/article/{article}"), "article-arabic": Look("/article/{arabic}"),
    "article-chinese": Look("/article/{chinese}"), "article-versions": Look("/article/{changed}", _unfold),
    "article-why": Look("/article/{article}", _why), "why": Look("/article/{article}/why"),
    "search": Look("/search"), "search-hits": Look("/search?q=golpe OR coup&span=all"),
    "search-filters": Look("/search?q=country:BR&span=all", _open_filters),
    "search-none": Look("/search?q=nothinglikethis"), "search-mistake": Look("/search?q=(coup AND"),
    "alerts": Look("/alerts"), "alerts-unfolded": Look("/alerts", _unfold), "alerts-none": Look("/alerts?mark=noise"),
    "alert": Look("/alerts/{alert}"),
    "act": Look("/act/{signed}"), "act-wrong": Look("/act/wrong"),
    "rules": Look("/rules"), "rule": Look("/rules/edit?rule=Foreign+troops+let+in"),
    "rule-new": Look("/rules/edit", _unfold), "rule-mistake": Look("/rules/edit?query=(coup"),
    "trial": Look("/rules/edit?rule=Earthquake+with+victims", _try),
    "watch": Look("/watch"), "watch-all": Look("/watch?all=1"),
    "topics": Look("/topics"), "topic": Look("/topics/foreign-troop-authorization"),
    "topic-near": Look("/topics/coup-and-constitutional-crisis", _near),
    "sources": Look("/sources"), "sources-none": Look("/sources?q=zzz"),
    "source": Look("/sources/{source}"), "source-failing": Look("/sources/volta-sport"),
    "source-wrong": Look("/sources/{source}", _mistype),
    "source-add": Look("/sources/add"), "source-preview": Look("/sources/add?url={site}", _look),
    "source-opml": Look("/sources/add", _load),
    "system": Look("/system"), "dead": Look("/system/dead"), "dead-one": Look("/system/dead/0"),
    "configuration": Look("/system/configuration"), "audit": Look("/system/audit"),
    "settings": Look("/settings"), "api": Look("/api"), "not-there": Look("/nowhere"),
    "empty-now": Look("/", console="empty"), "empty-search": Look("/search", console="empty"),
    "empty-alerts": Look("/alerts", console="empty"), "empty-rules": Look("/rules", console="empty"),
    "empty-watch": Look("/watch", console="empty"), "empty-topics": Look("/topics", console="empty"),
    "empty-sources": Look("/sources", console="empty"), "empty-system": Look("/system", console="empty"),
    "empty-dead": Look("/system/dead", console="empty"), "empty-audit": Look("/system/audit", console="empty"),
    "login": Look("/login", console="closed"),
}  # fmt: skip


async def names_of(page: Page, home: str) -> dict[str, str]:
    """The ids that paths need: the story whose reports differ and an article of it, a small one, an alert and so on."""

    async def last(path: str, links: str) -> str:
        """The last part of the address of the first such link."""
        await page.goto(home + path)
        link = page.locator(links).first
        return (
            ((await link.get_attribute("href")) or "").partition("?")[0].rpartition("/")[2]
            if await link.count()
            else ""
        )

    story = await last("/?only=differs", "[data-story] h2 a")
    return {
        "story": story,
        "small": await last("/?sort=newest&q=independent:1", "[data-story] h2 a"),
        "article": await last(f"/story/{story}", ".timeline h3 a"),
        "arabic": await last("/search?q=language:ar", "[data-item] h2 a"),
        "chinese": await last("/search?q=language:zh", "[data-item] h2 a"),
        "changed": await last("/search?q=kind:version", "[data-item] h2 a"),
        "alert": await last("/alerts", "main [data-act=explain]"),
        "source": await last("/sources?health=ok", "[data-item] a"),
    }

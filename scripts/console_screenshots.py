"""Takes the pictures of docs/console.md from the demo, in a real browser.

    ./test python -m scripts.console_screenshots [--folder docs/console] [--look FOLDER [--only NAMES]]

Runs the demo, serves the console over it, and takes each picture at the size of a laptop. CHROME names another browser
than Debian's chromium. `--look` takes every page (console_pages.py) at three widths, light and dark, and prints it, to
be looked at; `--only` is a pattern of their names.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import tempfile
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from re import fullmatch

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from pipeline.assembly.backends import clock
from pipeline.assembly.console_secret import console_secret
from pipeline.assembly.deployment import Deployment, deployment_of
from pipeline.commands.demo import prepare, read_site
from pipeline.commands.demo_console import kept_open
from pipeline.config.folder import Configuration, load
from pipeline.config.settings import Logs
from pipeline.console.safety.users import Users
from pipeline.core.alerts.signed_links import signed
from pipeline.demo.site import Site
from pipeline.log.reading import read_all
from pipeline.records import Alert, Dead, Feed
from pipeline.stage import Out
from pipeline.terminal.logs import configure
from scripts.console_pages import LOOKS, Look, names_of

FOLDER = Path(__file__).parents[1] / "docs" / "console"
CHROME = os.environ.get("CHROME", "/usr/bin/chromium")
START = 120.0  # seconds for the console to be there
LAPTOP = (1200, 800)
PHONE = (390, 780)
WIDTHS = (390, 820, 1440)
QUALITY = 0.72  # of WebP: letters stay sharp

#: Picture -> page, size, colours. {story}: the one whose reports differ most; {article}: one of it.
PICTURES: Mapping[str, tuple[str, tuple[int, int], str]] = {
    "now": ("/", LAPTOP, "light"), "story": ("/story/{story}", LAPTOP, "light"),
    "facts": ("/story/{story}#facts", LAPTOP, "light"), "article": ("/article/{article}", LAPTOP, "light"),
    "rule": ("/rules/edit?rule=Foreign+troops+let+in", LAPTOP, "light"), "dark": ("/", LAPTOP, "dark"),
    "phone": ("/", PHONE, "light"),
}  # fmt: skip
ENCODE = """([data, quality]) => new Promise((done) => {
  const picture = new Image();
  picture.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    done(canvas.toDataURL("image/webp", quality));
  };
  picture.src = "data:image/png;base64," + data;
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--look", type=Path)
    parser.add_argument("--only", default=".*")
    options = parser.parse_args()
    configure(Logs(), quiet=True)
    (options.look or options.folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        if options.look:
            asyncio.run(_look(Path(scratch), options.look, options.only))
        else:
            asyncio.run(_take(Path(scratch) / "demo", options.folder))


async def _take(demo: Path, folder: Path) -> None:
    async with _demo(demo) as home, _browser() as browser:
        context = await _context(browser, LAPTOP, "light")
        names = await names_of(await context.new_page(), home)
        for name, (path, size, colours) in PICTURES.items():
            context = await _context(browser, size, colours)
            page = await context.new_page()
            await page.goto(home + path.format(**names))
            await _save(page, folder / f"{name}.webp")
            await context.close()


async def _look(scratch: Path, folder: Path, only: str) -> None:
    """Take every page at three widths, light and dark, and as it is printed."""
    async with (
        _demo(scratch / "demo", spoiled=True) as home,
        _bare(scratch, "empty") as empty,
        _bare(scratch, "closed", closed=True) as closed,
    ):
        homes = {"demo": home, "empty": empty, "closed": closed}
        async with _browser() as browser:
            context = await _context(browser, LAPTOP, "light")
            names = await names_of(await context.new_page(), home) | await _others(scratch / "demo")
            for width, colours in ((width, colours) for width in WIDTHS for colours in ("light", "dark")):
                context = await _context(browser, (width, 900), colours)
                for name, look in LOOKS.items():
                    if fullmatch(only, name):
                        page = await _reached(context, look, homes[look.console], names)
                        await page.screenshot(path=folder / f"{name}-{width}-{colours}.png")
                        if (width, colours) == (WIDTHS[-1], "light"):
                            await page.pdf(path=folder / f"{name}.pdf", format="A4")
                        await page.close()
                await context.close()


async def _reached(context: BrowserContext, look: Look, home: str, names: Mapping[str, str]) -> Page:
    """The page, in the state to look at."""
    page = await context.new_page()
    await page.goto(home + look.path.format(**names))
    if look.then is not None:
        await look.then(page)
    high = await page.evaluate("document.documentElement.scrollHeight")  # bars that stay in sight are at its ends
    await page.set_viewport_size({"width": (page.viewport_size or {"width": 0})["width"], "height": max(900, high)})
    return page


@asynccontextmanager
async def _demo(folder: Path, *, spoiled: bool = False) -> AsyncIterator[str]:
    """The address of the console over the demo; `spoiled`: with a dead record."""
    prepare(folder)
    async with Site(clock()) as site:
        await read_site(folder, site)
        configuration = load(folder / "config", {})
        if spoiled:
            await _spoil(deployment_of(configuration.settings))
        async with _open(configuration) as home:
            yield home


@asynccontextmanager
async def _bare(scratch: Path, name: str, *, closed: bool = False) -> AsyncIterator[str]:
    """The address of a console that has no articles yet; `closed`: it asks for a login."""
    folder = scratch / name / "config"
    folder.mkdir(parents=True)
    (folder / "topics").mkdir()
    for file, text in {
        "almenara.toml": f'data = "{scratch / name / "data"}"\n',
        "feeds.toml": "",
        "alerts.toml": "",
    }.items():
        (folder / file).write_text(text, encoding="utf-8")
    if closed:
        Users(scratch / name / "data" / "console" / "users.json").put("ana", "editor", "correct horse battery")
    async with _open(load(folder, {})) as home:
        yield home


@asynccontextmanager
async def _open(configuration: Configuration) -> AsyncIterator[str]:
    addresses: asyncio.Queue[str] = asyncio.Queue()
    serving = asyncio.create_task(kept_open(configuration, addresses.put_nowait))
    try:
        async with asyncio.timeout(START):
            home = await addresses.get()
        yield home
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def _spoil(deployment: Deployment) -> None:
    """Add a record that no stage could handle, which the demo has not."""
    log = await deployment.open_log(write=True)
    try:
        value = zlib.compress(b'{"feed": "volta-morning", "url": "https://volta.example/a"}')
        dead = Dead(
            stage="clean", stream="items", partition=0, offset=7, key="volta-morning/1", error="ValueError",
            detail="Traceback (most recent call last):\n  ...\nValueError: a page without an end", at=clock(),
            value=value,
        )  # fmt: skip
        await log.publish([Out("dead", "volta-morning/1", dead)])
    finally:
        await log.close()


async def _others(demo: Path) -> dict[str, str]:
    """A signed link of an alert, and the address of a site."""
    settings = load(demo / "config", {}).settings
    log = await deployment_of(settings).open_log(write=False)
    try:
        alerts, _ = await read_all(log, "alerts", Alert)
        feeds, _ = await read_all(log, "feeds", Feed)
    finally:
        await log.close()
    link = signed(console_secret(settings), "useful", next(iter(alerts.values())))
    return {"signed": link, "site": next(feed.url for feed in feeds.values())}


@asynccontextmanager
async def _browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROME, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        await browser.close()


async def _context(browser: Browser, size: tuple[int, int], colours: str) -> BrowserContext:
    width, height = size
    return await browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if colours == "dark" else "light",
        timezone_id="UTC", reduced_motion="reduce", locale="en-GB", has_touch=width < 600,
    )  # fmt: skip


async def _save(page: Page, file: Path) -> None:
    """As WebP, which the browser itself writes."""
    png = await page.screenshot()
    blank = await page.context.new_page()
    url = await blank.evaluate(ENCODE, [base64.b64encode(png).decode(), QUALITY])
    await asyncio.to_thread(file.write_bytes, base64.b64decode(url.partition(",")[2]))


if __name__ == "__main__":
    main()

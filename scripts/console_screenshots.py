"""Takes the pictures of docs/console.md from the demo, in a real browser.

    ./test python -m scripts.console_screenshots [--folder docs/console] [--look FOLDER]

Runs the demo, serves the console over it, and takes each picture at the size of a laptop. CHROME names another browser
than Debian's chromium. `--look` takes every page at three widths, light and dark, to be looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from pipeline.assembly.backends import clock
from pipeline.commands.demo import prepare, read_site
from pipeline.commands.demo_console import kept_open
from pipeline.config.folder import load
from pipeline.config.settings import Logs
from pipeline.demo.site import Site
from pipeline.terminal.logs import configure

FOLDER = Path(__file__).parents[1] / "docs" / "console"
CHROME = os.environ.get("CHROME", "/usr/bin/chromium")
START = 120.0  # seconds for the console to be there
LAPTOP = (1200, 800)
PHONE = (360, 740)
WIDTHS = (360, 800, 1440)
QUALITY = 0.72  # of WebP: letters stay sharp

#: Picture -> page, size, colours. {story}: the one whose reports differ most; {article}: one of it.
PICTURES: Mapping[str, tuple[str, tuple[int, int], str]] = {
    "now": ("/", LAPTOP, "light"), "story": ("/story/{story}", LAPTOP, "light"),
    "facts": ("/story/{story}#facts", LAPTOP, "light"), "article": ("/article/{article}", LAPTOP, "light"),
    "rule": ("/rules/edit?rule=Foreign+troops+let+in", LAPTOP, "light"), "dark": ("/", LAPTOP, "dark"),
    "phone": ("/", PHONE, "light"),
}  # fmt: skip
PAGES = (
    "/", "/story/{story}", "/article/{article}", "/search?q=coup", "/search", "/alerts", "/rules", "/rules/edit",
    "/watch", "/topics", "/topics/foreign-troop-authorization", "/sources", "/sources/add", "/system", "/system/dead",
    "/system/configuration", "/system/audit", "/settings", "/nowhere",
)  # fmt: skip
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
    options = parser.parse_args()
    configure(Logs(), quiet=True)
    (options.look or options.folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(_take(Path(scratch) / "demo", options.folder, options.look))


async def _take(demo: Path, folder: Path, look: Path | None) -> None:
    prepare(demo)
    async with Site(clock()) as site:
        await read_site(demo, site)
        addresses: asyncio.Queue[str] = asyncio.Queue()
        serving = asyncio.create_task(kept_open(load(demo / "config", {}), addresses.put_nowait))
        try:
            async with asyncio.timeout(START):
                home = await addresses.get()
            await _pictures(home, look or folder, all_pages=look is not None)
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


async def _pictures(home: str, folder: Path, *, all_pages: bool) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROME, args=["--no-sandbox", "--disable-gpu"])
        names = await _names(browser, home)
        for name, (path, size, colours) in _all() if all_pages else PICTURES.items():
            page = await _open(browser, home + path.format(**names), size, colours)
            await _save(page, folder / f"{name}.webp", whole=all_pages)
            await page.context.close()
        await browser.close()


def _all() -> Iterator[tuple[str, tuple[str, tuple[int, int], str]]]:
    for n, path in enumerate(PAGES):
        for width in WIDTHS:
            for colours in ("light", "dark"):
                yield f"{n:02}-{width}-{colours}", (path, (width, 900), colours)


async def _names(browser: Browser, home: str) -> dict[str, str]:
    """The story whose reports differ, and an article of it."""
    page = await _open(browser, f"{home}/?only=differs", LAPTOP, "light")
    story = await page.locator("[data-story]").first.get_attribute("data-story")
    await page.goto(f"{home}/story/{story}")
    link = await page.locator(".timeline h3 a").first.get_attribute("href")
    await page.context.close()
    return {"story": story or "", "article": (link or "").rpartition("/")[2]}


async def _open(browser: Browser, url: str, size: tuple[int, int], colours: str) -> Page:
    width, height = size
    dark = colours == "dark"
    context = await browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", timezone_id="UTC",
        reduced_motion="reduce", locale="en-GB", has_touch=width < 600,
    )  # fmt: skip
    page = await context.new_page()
    await page.goto(url)
    return page


async def _save(page: Page, file: Path, *, whole: bool) -> None:
    """As WebP, which the browser itself writes."""
    png = await page.screenshot(full_page=whole)
    blank = await page.context.new_page()
    url = await blank.evaluate(ENCODE, [base64.b64encode(png).decode(), QUALITY])
    await asyncio.to_thread(file.write_bytes, base64.b64decode(url.partition(",")[2]))


if __name__ == "__main__":
    main()

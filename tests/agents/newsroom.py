"""A news site in the test's own event loop: one feed, and as many articles as were published so far."""

from __future__ import annotations

import random
from typing import Self

from aiohttp import web

#: A configuration's alerts.toml: every article of the newsroom has the word.
ALERTS = """
[[alert]]
name = "sentinel"
query = "sentinel"
severity = "low"
channels = ["file"]
[channels.file]
type = "file"
path = "alerts.jsonl"
"""

SUBJECTS = [
    "the council",
    "a fisher",
    "the harbour office",
    "her neighbour",
    "the museum",
    "a young baker",
    "the ferry line",
    "the school board",
    "an old clockmaker",
    "the orchestra",
    "the weather station",
    "a retired pilot",
]
DEEDS = [
    "repaired",
    "counted",
    "sold",
    "painted",
    "opened",
    "measured",
    "moved",
    "closed",
    "rented",
    "praised",
    "lost",
    "photographed",
    "insured",
    "cleaned",
    "designed",
    "borrowed",
]
THINGS = [
    "the lighthouse",
    "eleven boats",
    "a stone bridge",
    "the northern road",
    "two bells",
    "a field of barley",
    "the archive",
    "a broken crane",
    "the covered market",
    "nine lanterns",
    "an orchard",
    "the tide tables",
    "a wooden stage",
]
TIMES = [
    "on Monday",
    "before dawn",
    "in late autumn",
    "after the storm",
    "for the third time",
    "without a permit",
    "at their own cost",
    "during the festival",
    "in spite of the rain",
    "last week",
]


def article(number: int) -> tuple[str, str]:
    """Title and text number `number`: always the same, and unlike every other. Each has the word `sentinel`."""
    pick = random.Random(number)

    def sentence() -> str:
        parts = [pick.choice(words) for words in (SUBJECTS, DEEDS, THINGS, TIMES)]
        return " ".join(parts).capitalize() + f", said witness number {pick.randrange(10**6)}."

    title = f"Item{number} {pick.choice(SUBJECTS)} {pick.choice(DEEDS)} {pick.choice(THINGS)}"
    paragraphs = [" ".join(sentence() for _ in range(4)) for _ in range(5)]
    return title, "\n".join([f"The sentinel of item{number} reports.", *paragraphs])


class Newsroom:
    """`async with Newsroom() as room:`; raise `room.published` to publish."""

    article = staticmethod(article)

    def __init__(self) -> None:
        self.published = 0
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/feed.xml", self._feed)
        app.router.add_get("/news/{number}", self._page)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _feed(self, request: web.Request) -> web.Response:
        items = "".join(
            f"<item><title>{self.article(n)[0]}</title><link>{self.url}/news/{n}</link><guid>{self.url}/news/{n}</guid></item>"
            for n in range(self.published)
        )
        xml = f'<rss version="2.0"><channel><title>Newsroom</title>{items}</channel></rss>'
        return web.Response(text=xml, content_type="application/rss+xml")

    async def _page(self, request: web.Request) -> web.Response:
        title, text = self.article(int(request.match_info["number"]))
        paragraphs = "".join(f"<p>{line}</p>" for line in text.split("\n"))
        head = f"<html lang=en><head><title>{title}</title></head>"
        html = f"{head}<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
        return web.Response(text=html, content_type="text/html")

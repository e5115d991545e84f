"""A run of the pipeline over feeds and pages that are as bad as they can be, and what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_of
from pipeline.assembly.wiring import EmbeddedPipeline, embedded_pipeline
from pipeline.config.folder import load
from pipeline.demo.toml_text import tables
from pipeline.log.feeds import read_feeds
from pipeline.ports import WorkerPool
from pipeline.records import Dead, Document, Item, Page, decode
from pipeline.stage import Message, Out, StepResult
from pipeline.terminal.reporter import Reporter
from tests.agents.newsroom import ALERTS, article
from tests.contracts.worker_pool.jobs import hang_in_c, segfault
from tests.flow.hostile import (
    GOOD,
    MEGABYTE,
    NETWORK,
    Answer,
    Hostile,
    body,
    bomb,
    closed_port,
    endless,
    page,
    redirect,
    rss,
    silent,
)

T = TypeVar("T")

SETTINGS = f"""
[fetch]
timeout = 3
max_bytes = "8MB"
delay_per_site = 0
per_domain = 64
allow_networks = ["{NETWORK}"]
[clean]
processes = 2
timeout = 5
memory = "120MB"
attempts = 1
[poll]
revisit = ["72h"]
"""
XML = "application/rss+xml"
PROMPT = 12.0  # seconds; the time-outs of what is served here would come to more than 20 one after the other
SECRET = "secretword"  # in a file that no feed may show

BILLION = b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
)


def leads_to(url: str) -> str:
    """A page that leads on by refresh and by script."""
    return f"<meta http-equiv=refresh content='0;url={url}'><script>location.replace('{url}')</script>"


def bad_feeds(secret: Path, server: Hostile) -> dict[str, tuple[Answer, str]]:
    """Feed -> its answer, and the outcome reported and counted. Those that are `ok` list articles of their own."""
    whole = rss([("One", "http://127.1.255.1/1"), ("Two", "http://127.1.255.1/2")])
    return {
        "html": (body(page(1)), "not_a_feed"),
        "empty": (body(b"", XML), "empty"),
        "a-file-path": (body(str(secret), XML), "not_a_feed"),
        "a-file-url": (body(f"file://{secret}", XML), "not_a_feed"),
        "bomb": (bomb(whole, XML), "too_large"),
        "50-mb": (body(whole + bytes(50 * MEGABYTE), XML), "too_large"),
        "endless": (endless(b"<item/>" * 10_000, 0, XML), "too_large"),
        "dripping": (endless(b"<", 0.2, XML), "timeout"),
        "silent": (silent, "timeout"),
        "broken-off": (body(whole[:-60], XML, content_length="9999"), "cut_off"),
        "no-gzip": (body(bytes(range(200)), XML, content_encoding="gzip"), "bad_encoding"),
        "firewall": (body("", status="202 Accepted", x_amzn_waf_action="challenge"), "challenge"),
        "only-304": (body("", status="304 Not Modified"), "http_304"),
        "leads-inside": (body(leads_to(f"http://127.0.0.1:{server.port}/feed")), "refused_address"),
        "leads-to-itself": (body(leads_to("/feed")), "not_a_feed"),
        "entities": (body(BILLION + b"]><rss><channel><title>&l;</title></channel></rss>", XML), "entities"),
        "external": (
            body(f'<!DOCTYPE rss [<!ENTITY a SYSTEM "file://{secret}">]><rss><channel><item><title>&a;</title>', XML),
            "entities",
        ),
        "500": (body("oops", status="500 Internal Server Error"), "http_500"),
        "loop": (redirect("/feed"), "redirects"),
        "to-the-inside": (redirect(f"http://127.0.0.1:{server.port}/feed"), "refused_address"),
        "to-a-file": (redirect(f"file://{secret}"), "redirects"),
        "json-without-end": (body(b"[" * 5_000_000, "application/feed+json"), "not_a_feed"),
    }


def bad_pages(server: Hostile) -> dict[str, tuple[Answer, str]]:
    """Page -> its answer, and the ending that is counted."""
    start = b"<html><head><title>T</title></head><body><h1>A title</h1>"
    return {
        "silent": (silent, "drop.fetch_timeout"),
        "drip": (endless(b"<p>", 0.2, "text/html"), "drop.fetch_timeout"),
        "endless": (endless(b"<p>word" * 10_000, 0, "text/html"), "drop.fetch_too_large"),
        "bomb": (bomb(page(1).encode(), "text/html"), "drop.fetch_too_large"),
        "50-mb": (body(bytes(50 * MEGABYTE)), "drop.fetch_too_large"),
        "broken-off": (body(page(1), content_length="99999"), "ok"),
        "firewall": (body("<script>window._cf_chl_opt={}</script>", status="403 Forbidden"), "drop.challenge"),
        "firewall-200": (body("<script>window._cf_chl_opt={}</script>"), "drop.challenge"),
        "leads-inside": (body(leads_to(f"http://127.0.0.1:{server.port}/a")), "drop.fetch_refused_address"),
        "leads-to-metadata": (body(leads_to("http://169.254.169.254/latest/")), "drop.fetch_refused_address"),
        "500": (body("oops", status="500 Internal Server Error"), "drop.http_500"),
        "loop": (redirect("/a"), "drop.fetch_redirects"),
        "to-the-inside": (redirect(f"http://127.0.0.1:{server.port}/a"), "drop.fetch_refused_address"),
        "to-metadata": (redirect("http://169.254.169.254/latest/meta-data/"), "drop.fetch_refused_address"),
        "pdf": (body(b"%PDF-1.7" + bytes(1000), "application/pdf"), "drop.pdf_broken"),
        "hang": (body(page(1)), "dead.extract_timeout"),  # see Trapped
        "segfault": (body(page(1)), "dead.extract_crash"),
        "eater": (body(start + b"<p>x" * 1_900_000), "dead.extract_crash"),
    }


def inside(server: Hostile) -> list[str]:
    """Places in private networks, some of them really listening."""
    return [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/a",
        "http://192.168.1.1/a",
        f"http://127.0.0.1:{server.port}/a",
        f"http://localhost:{server.port}/a",
        f"http://[::1]:{server.port}/a",
        f"http://[::ffff:7f00:1]:{server.port}/a",
        f"http://2130706433:{server.port}/a",
    ]


@dataclass
class Outcome:
    """What a run left behind."""

    outcomes: dict[str, str] = field(default_factory=dict)  # feed -> outcome
    details: dict[str, str] = field(default_factory=dict)  # feed -> its fault in words, from its state
    endings: dict[str, str] = field(default_factory=dict)  # URL -> how its item ended in clean
    urls: dict[str, str] = field(default_factory=dict)  # name of a page -> URL
    titles: dict[str, str | None] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)  # URL -> document
    dead: list[Dead] = field(default_factory=list)
    trespassed: list[str] = field(default_factory=list)
    good: list[str] = field(default_factory=list)  # URLs
    seconds: float = 0.0  # until the last good article was on the log
    status: dict[str, Any] = field(default_factory=dict)


class Witness(Reporter):
    """Notes how each item ended in clean."""

    def __init__(self) -> None:
        super().__init__()
        self.endings: dict[str, str] = {}
        self.read_at: dict[str, float] = {}
        self.titles: dict[str, str | None] = {}  # source -> title of an item of its feed

    def ended(self, stage: str, ended: StepResult, message: Message) -> None:
        super().ended(stage, ended, message)
        for out in ended.outs:
            if isinstance(out.record, Document):
                self.read_at[out.record.article.url] = time.monotonic()
        if stage == "clean" and message.value:
            dead = ended.outs[0].record if ended.ending == "dead" else None
            ending = f"dead.{dead.error}" if isinstance(dead, Dead) else ended.ending
            item = decode(Item, message.value)
            self.endings[item.url] = ending
            self.titles[item.source] = item.title


class Trapped:
    """The real processes. No page that we know hangs or kills the extractor itself, so for two pages the job is one
    that waits in C for ever, minding neither signals nor the interpreter, and one that touches memory not its own."""

    def __init__(self, pool: WorkerPool, traps: dict[str, Callable[[], None]]) -> None:
        self._pool, self._traps = pool, traps

    async def run(self, job: Callable[..., T], *args: Any) -> T:
        trap = self._traps.get(args[0].url) if args and isinstance(args[0], Page) else None
        return await (self._pool.run(trap) if trap else self._pool.run(job, *args))  # type: ignore[arg-type]

    async def close(self) -> None:
        await self._pool.close()


async def serve(server: Hostile, secret: Path, found: Outcome) -> list[dict[str, str]]:
    """Fill the server; the feeds to poll."""
    feeds = []
    for name, (answer, _) in bad_feeds(secret, server).items():
        feeds.append((name, await server.add(answer, "/feed")))
    feeds.append(("refused", f"http://127.1.0.250:{closed_port()}/feed"))
    feeds.append(("inside", f"http://127.0.0.1:{server.port}/feed"))

    for name, (answer, _) in bad_pages(server).items():
        found.urls[name] = await server.add(answer)
    text = page(104)
    found.urls["latin"] = await server.add(
        body(page(100, charset="utf-8").replace("witness", "se\u00f1al").encode("cp1252"), "text/html; charset=utf-8")
    )
    found.urls["utf-8"] = await server.add(
        body(page(101).replace("witness", "\u0441\u0438\u0433\u043d\u0430\u043b"), "text/html; charset=iso-8859-1")
    )
    found.urls["utf-16"] = await server.add(body(text.encode("utf-16"), "text/html; charset=utf-8"))
    found.urls["divs"] = await server.add(body(page(102, "<div>" * 5_000, "</div>" * 5_000)))
    found.urls["unclosed"] = await server.add(body(page(103, "<div><b>" * 5_000)))
    # Without titles, which would stand in for pages that cannot be read.
    links = [("", url) for url in (*found.urls.values(), *inside(server))]
    feeds.append(("pages", await server.add(body(rss(links), XML), "/feed")))

    feeds.append(("good", await good_feed(server, found, range(GOOD))))
    feeds += [(name, await odd_feed(server, name, number)) for number, name in enumerate(("utf-16", "cut"), 200)]
    feeds.append(("dates", await broken_dates(server)))
    return [{"id": name, "name": name, "url": url} for name, url in feeds]


async def good_feed(server: Hostile, found: Outcome, numbers: range) -> str:
    host = await server.host()
    found.good += [await server.add(body(page(n)), f"/news/{n}", host) for n in numbers]
    links = [(article(n)[0], url) for n, url in zip(numbers, found.good, strict=True)]
    return await server.add(body(rss(links), XML), "/feed", host)


async def odd_feed(server: Hostile, name: str, number: int) -> str:
    """A feed that is odd, but can be read: in UTF-16, or cut off in its second item."""
    host = await server.host()
    links = [("Se\u00f1al \u4fe1\u53f7", await server.add(body(page(number)), "/news/1", host))]
    feed = rss([*links, ("Lost", f"http://{host}/news/2")]).decode()
    if name == "cut":
        data = feed[: feed.index("/news/2")].encode()
    else:
        data = ('<?xml version="1.0" encoding="utf-16"?>' + rss(links).decode()).encode("utf-16")
    return await server.add(body(data, XML), "/feed", host)


async def broken_dates(server: Hostile) -> str:
    """300 items with dates that are none."""
    host = await server.host()
    for n in range(3):
        await server.add(body(page(300 + n)), f"/news/{n}", host)
    dates = ["yesterday-ish", "32 Foo 20x6 25:61", "0000-00-00T00:00:00Z", "9" * 400, "\U0001d7d8" * 20, "<![CDATA[]]>"]
    items = "".join(
        f"<item><title>Odd {n}</title><link>http://{host}/news/{n}</link><pubDate>{dates[n % 6]}</pubDate></item>"
        for n in range(300)
    )
    return await server.add(
        body(f'<rss version="2.0"><channel><title>F</title>{items}</channel></rss>', XML), "/feed", host
    )


async def hostile_run(folder: Path) -> Outcome:
    found, witness = Outcome(), Witness()
    secret = folder / "feed.xml"
    secret.write_bytes(rss([(SECRET, "http://127.1.255.1/secret")]))
    async with Hostile() as server:
        (folder / "config").mkdir()
        (folder / "config" / "almenara.toml").write_text(SETTINGS)
        (folder / "config" / "alerts.toml").write_text(ALERTS)
        (folder / "config" / "feeds.toml").write_text(tables("feed", await serve(server, secret, found)))
        configuration = load(folder / "config", {})
        async with embedded_pipeline(configuration, witness) as pipeline:
            traps = {found.urls["hang"]: hang_in_c, found.urls["segfault"]: segfault}
            pipeline.flow.article_stages.clean._pool = Trapped(pipeline.flow.article_stages.clean._pool, traps)
            async with asyncio.timeout(60), pipeline.driver.running(poll=False):
                started = time.monotonic()
                await pipeline.driver.poll_once()
                await pipeline.driver.drained(1)
                found.seconds = max(witness.read_at.get(url, float("inf")) for url in found.good) - started
                await again(pipeline, server, found)
            assert not pipeline.driver.health.unavailable
            _, states = await read_feeds(pipeline.log)
            found.dead = [decode(Dead, m.value) async for m in pipeline.log.replay("dead") if m.value]
            found.documents = {d.article.url: d for d in await asyncio.to_thread(lambda: list(pipeline.index.scan()))}
        found.trespassed = server.trespassed
    found.status = await deployment_of(configuration.settings).status()
    found.endings, found.titles = witness.endings, witness.titles
    found.outcomes = {feed: line["outcome"] for feed, line in witness.feeds.items()}
    found.details = {feed: state.detail or "" for feed, state in states.items() if state.error}
    return found


async def again(pipeline: EmbeddedPipeline, server: Hostile, found: Outcome) -> None:
    """After the worst: more articles than there are pool are read as if nothing had been."""
    host = await server.host()
    urls = [await server.add(body(page(400 + n)), f"/late/{n}", host) for n in range(4)]
    items = [Item(feed="good", source="good", url=url, seen=clock()) for url in urls]
    await pipeline.log.commit([Out("items", host, item) for item in items])
    await pipeline.driver.drained(1)
    found.good += urls

"""Times polls of 1,000 feeds from a local server, against feedparser and bare aiohttp.

    ./test python -m scripts.bench_feeds [FEEDS] [ROUNDS]

The server runs in a process of its own. The poll stage fetches, reads, and publishes to the embedded log, as the daemon
does it, with one process for reading feeds. The yardsticks take turns with it, over the same feeds: feedparser reads
the bodies, aiohttp fetches them with as many requests at once and does nothing else. Compare the ratios: machines
differ, and their load varies. CPU is that of all processes but the server's. Writes only to a temporary folder.
"""

from __future__ import annotations

import asyncio
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import feedparser
from aiohttp import web

from agents.embedded import Embedded
from agents.poller import CONCURRENT
from pipeline.assembly.backends import clock, http_options
from pipeline.backends.http import HttpFetch
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.backends.worker_pool import ProcessPool
from pipeline.config.settings import Settings
from pipeline.core.timing.pace import Pace
from pipeline.flow import poll_options
from pipeline.log.streams import declared_streams
from pipeline.records import Feed
from pipeline.stage import Out
from pipeline.stages.poll import Poll

NAMES = (
    "poll, first time", "poll, one new entry", "poll, unchanged (304)", "aiohttp, whole", "aiohttp, 304", "feedparser",
)  # fmt: skip
ENTRIES = 30
WORDS = ("council", "river", "bridge", "vote", "minister", "harbour", "school", "winter", "budget", "market", "train")
SETTINGS = Settings.model_validate({"fetch": {"delay_per_site": 0, "allow_networks": ["127.0.0.0/8"]}})


def body(feed: int, version: int) -> bytes:
    """A feed of 30 entries, of which one is new in each version."""
    entries = []
    for number in range(version + ENTRIES, version, -1):
        words = [WORDS[(feed + number * step) % len(WORDS)] for step in range(1, 60)]
        entries.append(
            f"<item><title>{' '.join(words[:8])} {number}</title><link>https://news{feed}.example/{number}</link>"
            f"<guid>{feed}-{number}</guid><pubDate>Sun, 01 Mar 2026 {number % 24:02}:00:00 GMT</pubDate>"
            f"<description>&lt;p&gt;{' '.join(words)}&lt;/p&gt;</description></item>"
        )
    head = f"<title>News {feed}</title><link>https://news{feed}.example/</link>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{"".join(entries)}</channel></rss>'.encode()


def serve() -> None:
    """Serve all feeds; GET /next brings out the next version of each. Prints the port."""
    version = 0
    bodies: dict[str, bytes] = {}

    async def answer(request: web.Request) -> web.Response:
        nonlocal version
        name = request.match_info["name"]
        if name == "next":
            version += 1
            bodies.clear()
            return web.Response()
        if request.headers.get("If-None-Match") == f'"{version}"':
            return web.Response(status=304, headers={"ETag": f'"{version}"'})
        if name not in bodies:
            bodies[name] = body(int(name), version)
        return web.Response(body=bodies[name], content_type="application/rss+xml", headers={"ETag": f'"{version}"'})

    app = web.Application()
    app.router.add_get("/{name}", answer)

    async def run() -> None:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.Event().wait()

    asyncio.run(run())


def cpu(leave_out: int) -> float:
    """Seconds of CPU of this process and those that it started, but not of the process `leave_out`."""
    stats = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            stats[int(entry.name)] = int(fields[1]), int(fields[11]) + int(fields[12])
    ours = {os.getpid()}
    while more := {pid for pid, (parent, _) in stats.items() if parent in ours and pid not in ours | {leave_out}}:
        ours |= more
    return sum(stats[pid][1] for pid in ours) / 100


@dataclass
class Times:
    """Seconds of wall time and of CPU, one per round."""

    wall: list[float]
    cpu: list[float]

    async def measure(self, action: Callable[[], Awaitable[object]], server: int) -> None:
        wall, used = time.monotonic(), cpu(server)
        await action()
        self.wall.append(time.monotonic() - wall)
        self.cpu.append(cpu(server) - used)


@asynccontextmanager
async def driver(folder: Path, port: int, count: int) -> AsyncIterator[Embedded]:
    """The poll stage with all feeds on an embedded log."""
    streams = declared_streams(SETTINGS.keep, SETTINGS.relate.window)
    log = SqliteLog(folder / "log.sqlite", streams, clock)
    fetch = HttpFetch(http_options(SETTINGS))
    clean = SETTINGS.clean
    pool = ProcessPool(1, timeout=clean.timeout, memory=clean.memory, recycle=10**6)
    poll = Poll(
        fetch, pool, Pace(0, 10**6), clock, random=lambda: 0.5, monotonic=time.monotonic, options=poll_options(SETTINGS)
    )
    feeds = [Feed(id=f"f{n}", name=f"F {n}", url=f"http://127.0.0.1:{port}/{n}") for n in range(count)]
    try:
        await log.publish([Out("feeds", feed.id, feed, by=feed.id) for feed in feeds])
        embedded = Embedded(log, {stream.name: stream for stream in streams}, [poll], poll, clock)
        async with embedded.running(poll=False):
            yield embedded
    finally:
        await pool.close()
        await fetch.close()
        await log.close()


async def fetch_all(port: int, count: int, *, unchanged: str = "") -> list[bytes]:
    """The bodies of all feeds, with bare aiohttp."""
    gate, headers = asyncio.Semaphore(CONCURRENT), {"If-None-Match": unchanged} if unchanged else {}
    async with aiohttp.ClientSession() as session:

        async def one(number: int) -> bytes:
            async with gate, session.get(f"http://127.0.0.1:{port}/{number}", headers=headers) as answer:
                return await answer.read()

        return await asyncio.gather(*(one(number) for number in range(count)))


async def measure(port: int, server: int, count: int, rounds: int) -> tuple[dict[str, Times], dict[str, float]]:
    """The times of each way, and memory in MB."""
    times = {name: Times([], []) for name in NAMES}
    with tempfile.TemporaryDirectory() as folder:
        async with driver(Path(folder), port, count) as embedded:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
            await times["poll, first time"].measure(embedded.poll_once, server)
            for version in range(1, rounds + 1):
                await _round(times, embedded, port, server, count, version)
    memory = {"before": before, "most": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000}
    return times, memory


async def _round(times: dict[str, Times], embedded: Embedded, port: int, server: int, count: int, version: int) -> None:
    bodies: list[bytes] = []

    async def whole() -> None:
        bodies.extend(await fetch_all(port, count))

    async def parse() -> None:
        for one in bodies:
            assert len(feedparser.parse(io.BytesIO(one)).entries) == ENTRIES

    await fetch_next(port)
    await times["poll, one new entry"].measure(embedded.poll_once, server)
    await times["poll, unchanged (304)"].measure(embedded.poll_once, server)
    await times["aiohttp, whole"].measure(whole, server)
    await times["aiohttp, 304"].measure(lambda: fetch_all(port, count, unchanged=f'"{version}"'), server)
    await times["feedparser"].measure(parse, server)


async def fetch_next(port: int) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/next") as answer:
        await answer.read()


def report(times: dict[str, Times], memory: dict[str, float], count: int) -> str:
    """A table in Markdown, and the ratios."""
    lines = [f"| {count:,} feeds of {len(body(1, 1)) / 1000:.0f} kB | feeds/s | CPU per feed, ms |", "|---|--:|--:|"]
    each = {name: statistics.median(one.cpu) / count * 1000 for name, one in times.items()}
    for name, one in times.items():
        lines.append(f"| {name} | {count / statistics.median(one.wall):,.0f} | {each[name]:.2f} |")
    yardstick = each["feedparser"] + each["aiohttp, whole"]
    lines += [
        "",
        f"CPU of a poll with a new entry : aiohttp and feedparser: {each['poll, one new entry'] / yardstick:.2f}",
        f"CPU of an unchanged poll : aiohttp: {each['poll, unchanged (304)'] / each['aiohttp, 304']:.2f}",
        f"memory of the main process: {memory['before']:.0f} MB before, {memory['most']:.0f} MB at most",
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    count, rounds = (int(value) for value in (sys.argv[1:] + ["1000", "3"][len(sys.argv) - 1 :]))
    command = [sys.executable, "-m", "scripts.bench_feeds", "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            print(report(*asyncio.run(measure(port, server.pid, count, rounds)), count))
        finally:
            server.terminate()


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()

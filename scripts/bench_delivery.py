"""Measures how long an alert takes from the moment at which its article is seen in a feed until a web hook has it.

    ./test python -m scripts.bench_delivery [--rate 5] [--seconds 60] [--show]

A news site, the daemon (`almenara run`, its own process, the embedded log) and a web hook talk over real sockets. The
site publishes articles evenly; each fires a rule of its own message, so a send is measured for each article. The
poll of the feed is not in the time, the fetch of the article's page is. With --show also the time from the document to
the message, and from the message to its arrival.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

from aiohttp import web

from tests.agents.newsroom import Newsroom

SETTINGS = """
[fetch]
delay_per_site = 0
per_domain = 64
allow_networks = ["127.0.0.1/32"]
[poll]
every = 1
min_interval = 1
max_interval = 1
revisit = ["72h"]
[health]
listen = "off"
[logs]
level = "warning"
"""
SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()
ALERTS = """
[[alert]]
name = "Sentinel"
query = "sentinel"
severity = "low"
group = "none"
channels = ["hook"]
[channels]
hook = {{type = "webhook", url = "{url}/hook", secret = "{secret}"}}
"""
FIRST = 20  # articles published before the measurement: the first poll is backlog, the first articles warm up
PATIENCE = 120.0


@dataclass
class Hook:
    """Notes when each alert arrived. Times are in seconds since the epoch."""

    arrived: dict[str, tuple[float, float, float]] = field(default_factory=dict)  # url -> seen, decided, arrived

    async def take(self, request: web.Request) -> web.Response:
        now, data = time.time(), json.loads(await request.read())["data"]
        decided = moment(json.loads(await request.read())["timestamp"])
        for alert in data["alerts"]:
            self.arrived.setdefault(alert["url"], (moment(alert["seen"] or alert["first_seen"]), decided, now))
        return web.Response(status=204)


def moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


async def measure(rate: float, seconds: float) -> list[tuple[float, float, float]]:
    """Of each article published in the measurement: when it was seen, decided about, and taken by the hook."""
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    with tempfile.TemporaryDirectory() as folder:
        async with Newsroom() as room:
            room.published = 1
            process = await start(Path(folder), room.url, url)
            try:
                await warm(room, hook, rate)
                before, total = room.published, int(rate * seconds)
                for n in range(total):
                    room.published = before + n + 1
                    await asyncio.sleep(1 / rate)
                await until(lambda: len(measured(hook, before)) >= total)
            finally:
                process.terminate()
                await process.wait()
                await runner.cleanup()
    return measured(hook, before)


def measured(hook: Hook, since: int) -> list[tuple[float, float, float]]:
    return [times for url, times in hook.arrived.items() if int(url.rsplit("/", 1)[1]) >= since]


async def warm(room: Newsroom, hook: Hook, rate: float) -> None:
    """Wait for the first poll, which is backlog, and until articles come through."""
    end = time.monotonic() + PATIENCE
    while len(hook.arrived) < FIRST:
        assert time.monotonic() < end, "no alert arrived"
        await asyncio.sleep(1 / rate)
        room.published += 1


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  another process brings it about
            await asyncio.sleep(0.1)


async def start(folder: Path, site: str, hook: str) -> asyncio.subprocess.Process:
    config = folder / "config"
    (config / "topics").mkdir(parents=True)
    (config / "almenara.toml").write_text(SETTINGS)
    (config / "feeds.toml").write_text(f'[[feed]]\nid = "room"\nname = "Newsroom"\nurl = "{site}/feed.xml"\n')
    (config / "alerts.toml").write_text(ALERTS.format(url=hook, secret=SECRET))
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pipeline", "run", "--config", str(config),
        env=os.environ, stdin=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


def summary(name: str, values: list[float]) -> str:
    """A line with median, 99th percentile and maximum, in milliseconds."""
    cuts = quantiles(values, n=100)
    return f"{name:24} p50 {cuts[49] * 1000:6.0f} ms   p99 {cuts[98] * 1000:6.0f} ms   max {max(values) * 1000:6.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rate", type=float, default=5.0, help="articles a second")
    parser.add_argument("--seconds", type=float, default=60.0, help="for how long")
    parser.add_argument("--show", action="store_true", help="also the parts")
    asked = parser.parse_args()
    found = asyncio.run(measure(asked.rate, asked.seconds))
    print(f"{len(found)} articles at {asked.rate:g} a second")
    print(summary("seen to taken", [arrived - seen for seen, _, arrived in found]))
    if asked.show:
        print(summary("seen to decided", [decided - seen for seen, decided, _ in found]))
        print(summary("decided to taken", [arrived - decided for _, decided, arrived in found]))


if __name__ == "__main__":
    main()

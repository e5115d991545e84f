"""Measures how long an alert takes from the moment at which its article is seen in a feed until a web hook has it.

    ./test python -m scripts.bench_delivery [--rate 5] [--seconds 60] [--show]
    ./test python -m scripts.bench_delivery --rules 200 --group          # further rules, messages grouped by story
    ./test python -m scripts.bench_delivery --each                       # a channel that gets each alert alone
    ./test python -m scripts.bench_delivery --kafka                      # one worker, on a broker of its own

A news site, the daemon (`almenara run`, its own process, the embedded log) and a web hook talk over real sockets. The
site publishes articles evenly; each fires a rule of its own message, so a send is measured for each article. The
poll of the feed is not in the time, the fetch of the article's page is. With --group, articles that are taken for
one story come later, in follow-ups, and are not measured. With --show also the time from the document to
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
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

from aiohttp import web

from tests.agents.newsroom import Newsroom
from tests.services.servers import Kafka

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
[channels]
hook = {{type = "webhook", url = "{url}/hook", secret = "{secret}", each = {each}}}
[[alert]]
name = "Sentinel"
query = "sentinel"
severity = "low"
group = "{group}"
channels = ["hook"]
"""
MORE = '[[alert]]\nname = "More {n}"\nquery = "(witness AND boat{n}) OR \\"word{n} sentinel\\""\nchannels = ["hook"]\n'
KAFKA = 'log_url = "{url}"\n[kafka]\npartitions = 2\ninstance = "w"\n'
STAGES = "poll,clean,tag,relate,alert,notify"
FIRST = 20  # articles published before the measurement: the first poll is backlog, the first articles warm up
PATIENCE = 120.0
SETTLED = 8.0  # seconds without an alert after which no more are expected


@dataclass(frozen=True)
class Course:
    """What is measured. `broker`: URL of a broker, or none."""

    rate: float
    seconds: float
    rules: int = 1
    group: bool = False
    each: bool = False
    broker: str = ""

    @property
    def command(self) -> tuple[str, ...]:
        return ("worker", "--only", STAGES) if self.broker else ("run",)

    def alerts(self, hook: str) -> str:
        group, each = "story" if self.group else "none", str(self.each).lower()
        first = ALERTS.format(url=hook, secret=SECRET, group=group, each=each)
        return first + "".join(MORE.format(n=n) for n in range(1, self.rules))


@dataclass
class Hook:
    """Notes when each alert arrived. Times are in seconds since the epoch."""

    arrived: dict[str, tuple[float, float, float]] = field(default_factory=dict)  # url -> seen, decided, arrived
    last: float = 0.0

    async def take(self, request: web.Request) -> web.Response:
        now, data = time.time(), json.loads(await request.read())["data"]
        self.last = now
        decided = moment(json.loads(await request.read())["timestamp"])
        for alert in data["alerts"]:
            self.arrived.setdefault(alert["url"], (moment(alert["seen"] or alert["first_seen"]), decided, now))
        return web.Response(status=204)


def moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


async def measure(course: Course) -> list[tuple[float, float, float]]:
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
            process = await start(Path(folder), room.url, url, course)
            try:
                await warm(room, hook, course.rate)
                before, total = room.published, int(course.rate * course.seconds)
                for n in range(total):
                    room.published = before + n + 1
                    await asyncio.sleep(1 / course.rate)
                await until(lambda: len(measured(hook, before)) >= total or time.time() - hook.last > SETTLED)
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


async def start(folder: Path, site: str, hook: str, course: Course) -> asyncio.subprocess.Process:
    config = folder / "config"
    (config / "topics").mkdir(parents=True)
    settings = KAFKA.format(url=course.broker) if course.broker else ""
    (config / "almenara.toml").write_text(settings + SETTINGS)
    (config / "feeds.toml").write_text(f'[[feed]]\nid = "room"\nname = "Newsroom"\nurl = "{site}/feed.xml"\n')
    (config / "alerts.toml").write_text(course.alerts(hook))
    program = (sys.executable, "-m", "pipeline")
    if course.broker:
        for first in (("streams", "create"), ("feeds", "apply", "--yes")):
            done = await asyncio.create_subprocess_exec(*program, *first, "--config", str(config))
            assert await done.wait() == 0
    return await asyncio.create_subprocess_exec(
        *program, *course.command, "--config", str(config), env=os.environ, stdin=asyncio.subprocess.DEVNULL
    )  # fmt: skip


def summary(name: str, values: list[float]) -> str:
    """A line with median, 99th percentile and maximum, in milliseconds."""
    cuts = quantiles(values, n=100)
    return f"{name:24} p50 {cuts[49] * 1000:6.0f} ms   p99 {cuts[98] * 1000:6.0f} ms   max {max(values) * 1000:6.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rate", type=float, default=5.0, help="articles a second")
    parser.add_argument("--seconds", type=float, default=60.0, help="for how long")
    parser.add_argument("--rules", type=int, default=1, help="alert rules")
    parser.add_argument("--group", action="store_true", help="group messages by story")
    parser.add_argument("--each", action="store_true", help="the channel gets each alert alone")
    parser.add_argument("--kafka", action="store_true", help="one worker on a broker")
    parser.add_argument("--show", action="store_true", help="also the parts")
    asked = parser.parse_args()
    course = Course(asked.rate, asked.seconds, asked.rules, asked.group, asked.each)
    with tempfile.TemporaryDirectory() as folder:
        broker = Kafka(Path(folder)) if asked.kafka else None
        try:
            if broker:
                broker.start()
                course = replace(course, broker=broker.url)
            found = asyncio.run(measure(course))
        finally:
            if broker:
                broker.stop()
    print(f"{len(found)} articles at {asked.rate:g} a second")
    print(summary("seen to taken", [arrived - seen for seen, _, arrived in found]))
    if asked.show:
        print(summary("seen to decided", [decided - seen for seen, decided, _ in found]))
        print(summary("decided to taken", [arrived - decided for _, decided, arrived in found]))


if __name__ == "__main__":
    main()

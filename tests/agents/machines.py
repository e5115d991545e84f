"""Machines that run workers, and a site with many feeds for them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.agents.newsroom import Newsroom

STAGES = ("poll", "clean", "tag", "relate", "index", "alert", "notify")
#: Where a worker may die, by the stages that it runs.
POINTS = {
    ("poll", "clean"): (
        "claim.poll",
        *(f"commit.polls.{when}" for when in ("before", "outputs", "published")),
        *(f"commit.{name}.{when}" for name in ("poll", "clean", "later") for when in ("before", "published")),
    ),
    ("tag",): ("commit.tag.before", "commit.tag.published"),
    ("relate",): (
        "claim.relate", "commit.relate.before", "commit.relate.outputs", "commit.relate.published",
        "known.absorb",  # passed by a start after `known` was written
    ),
    ("index", "alert", "notify"): (
        "claim.notify", "index.stored", "send.before", "send.after", "tick.notify.before", "tick.notify.published",
        *(f"commit.{name}.{when}" for name in ("index", "alert", "notify") for when in ("before", "published")),
    ),
}  # fmt: skip
#: Of these, those after which an alert that was sent is not on record yet: it is sent again, with the same id.
SENDS_AGAIN = ("send.after", "tick.notify.before")

CONFIG = """
log_url = "{log}"
index_url = "{index}"
[kafka]
prefix = "{prefix}"
partitions = 2
instance = "{instance}"
session = {session}
watchdog = {watchdog}
[elasticsearch]
prefix = "{indices}"
timeout = 5
[fetch]
delay_per_site = 0
per_domain = 64
allow_networks = ["127.0.0.1/32", "::1/128"]
[poll]
every = 1
min_interval = 1
max_interval = 2
revisit = ["72h"]
[clean]
processes = 1
[logs]
level = "info"
"""
FEED = '[[feed]]\nid = "{id}"\nname = "Newsroom {id}"\nurl = "{url}"\n'


class Desk(Newsroom):
    """A newsroom of two sites, whose feeds list the newest articles only. Some pages are there at the second try."""

    LISTED = 400
    FLAKY = 60  # one page in so many

    def __init__(self) -> None:
        super().__init__()
        self.unread = 0  # the first article whose page nobody asked for
        self._asked: set[int] = set()

    async def __aenter__(self) -> Desk:
        await super().__aenter__()
        return self

    @property
    def sites(self) -> tuple[str, str]:
        return self.url, self.url.replace("127.0.0.1", "localhost")

    async def _feed(self, request: web.Request) -> web.Response:
        site = int(request.host.startswith("localhost"))
        numbers = range(max(0, self.published - self.LISTED), self.published)
        items = "".join(self._item(n) for n in numbers if n % 2 == site)
        xml = f'<rss version="2.0"><channel><title>Newsroom</title>{items}</channel></rss>'
        return web.Response(text=xml, content_type="application/rss+xml")

    def _item(self, number: int) -> str:
        url = f"{self.sites[number % 2]}/news/{number}"
        return f"<item><title>Item{number} of the day</title><link>{url}</link><guid>{url}</guid></item>"

    async def _page(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        first = number not in self._asked
        self._asked.add(number)
        while self.unread in self._asked:
            self.unread += 1
        if first and number % self.FLAKY == 7:
            return web.Response(status=503, headers={"Retry-After": "1"})
        return await super()._page(request)


@dataclass
class Machine:
    """A worker's own folder and name: what it has after a restart, and nobody else."""

    folder: Path
    only: tuple[str, ...] = STAGES
    watchdog: float = 60.0
    process: asyncio.subprocess.Process | None = None
    kills: list[str] = field(default_factory=list)  # where it was killed; "" at no named place
    ends: list[int] = field(default_factory=list)  # exit codes when it ended on its own
    wanted: bool = False  # restart it when it ends on its own

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def command(self) -> list[str]:
        """The `almenara` command that it runs."""
        return ["worker", "--only", ",".join(self.only)]

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def start(self, failpoint: str = "") -> None:
        """Start it in its own process group, so that its extraction processes die with it."""
        assert not self.runs
        self.wanted = not failpoint
        environment = os.environ | {"ALMENARA_FAILPOINT": failpoint}
        with (self.folder / "err").open("a") as err:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "pipeline", *self.command, "--config", str(self.config),
                env=environment, start_new_session=True, stdin=asyncio.subprocess.DEVNULL, stderr=err,
            )  # fmt: skip

    async def kill(self) -> None:
        """As a power cut ends it."""
        self.wanted = False
        if self.runs and self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()
            self.kills.append("")

    async def dies_at(self, point: str, nth: int, patience: float) -> None:
        """Start, and die at the `nth` passing of the named place. Raises AssertionError where it does not."""
        await self.start(f"{point}:{nth}")
        assert self.process
        try:
            code = await asyncio.wait_for(self.process.wait(), patience)
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"{point} was not reached in {patience:.0f} s:\n{self.said()}") from None
        assert code == -signal.SIGKILL, f"{point} was not reached, exit code {code}:\n{self.said()}"
        self.kills.append(point)

    async def stop(self) -> int:
        """As an operator stops it; the exit code."""
        self.wanted = False
        if not self.runs or not self.process:
            return 0
        self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 40)

    def said(self) -> str:
        """The end of what it wrote to standard error."""
        return (self.folder / "err").read_text()[-3000:]

    async def ask(self, *command: str) -> tuple[int, Any]:
        """Exit code and JSON of an `almenara` command with this configuration."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pipeline", *command, "--json", "--config", str(self.config),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        return process.returncode or 0, json.loads(out) if out else err.decode()

"""A stand for drills: what the embedded and the distributed one have in common."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from scripts.drills.drill import Missed
from scripts.drills.hook import Hook
from scripts.drills.press import Press
from scripts.drills.watching import until
from tests.agents.machines import Machine
from tests.services.servers import free_port

PATIENCE = 60.0  # seconds for a command
FIRST = 120.0  # seconds until the first article came through, on a busy machine
_NUMBER = re.compile(r"/news/(\d+)$")

#: Every article goes to both channels, also if several look like one story.
ALERTS = """
[[alert]]
name = "sentinel"
query = "sentinel"
severity = "low"
trigger = "article"
channels = ["file", "hook"]
[channels.file]
type = "file"
path = "{file}"
[channels.hook]
type = "apprise"
url = "{hook}"
"""
HEALTH = '\n[health]\nlisten = "127.0.0.1:{port}"\n'


class Stand(ABC):
    """A news site, processes that watch it, and two channels: a file and a web hook.

    `machines` run, and should be ready; their health endpoints are at `ports`, by name of their folder. `config` is the
    configuration folder for commands. A stand that is `broken` (the reason) is of no use to another drill.
    """

    def __init__(self, folder: Path, desk: Press, hook: Hook) -> None:
        self.folder, self.desk, self.hook = folder, desk, hook
        self.alerts = folder / "alerts.jsonl"
        self.machines: list[Machine] = []
        self.ports: dict[str, int] = {}
        self.broken = ""
        self.caused = 0.0  # when the trouble began, by time.monotonic(); a drill that prepares something sets it later
        self.seed = 1

    @property
    def config(self) -> Path:
        return self.machines[0].config

    def configure(self, machine: Machine) -> None:
        """Give a machine the alert rules, and a port for its health endpoint."""
        port = self.ports[machine.folder.name] = free_port()
        with (machine.config / "almenara.toml").open("a") as settings:
            settings.write(HEALTH.format(port=port))
        (machine.config / "alerts.toml").write_text(ALERTS.format(file=self.alerts, hook=self.hook.url))

    def ended(self) -> str:
        """What the machines said that ended by themselves, and for good; empty if none did."""
        gone = [one for one in self.machines if one.process and one.process.returncode not in (None, 3, 4)]
        return "; ".join(f"{one.folder.name} ended: {one.said()[-300:]}" for one in gone)

    async def opened(self, condition: Callable[[], Any], otherwise: str) -> None:
        """Wait for the machines to be at work. Raises Missed."""

        async def so() -> bool:
            if ended := self.ended():
                raise Missed(ended)
            found = condition()
            return bool(await found if asyncio.iscoroutine(found) else found)

        await until(so, FIRST, otherwise)

    def machine(self, stage: str) -> Machine:
        """The machine that runs a stage."""
        return next(machine for machine in self.machines if stage in machine.only)

    # -- what was delivered

    def in_file(self) -> Counter[int]:
        """Article -> alerts about it in the file."""
        return Counter(number(line["url"]) for line in self._lines())

    def _lines(self) -> list[dict[str, str]]:
        whole = self.alerts.read_text().rpartition("\n")[0] if self.alerts.exists() else ""  # the rest is being written
        return [json.loads(line) for line in whole.split("\n") if line]

    def undelivered(self, articles: Iterable[int]) -> int:
        """How many of the articles are not at both channels. A message to the hook about several reports of one story
        links one of them."""
        stories = {number(line["url"]): line["story_id"] for line in self._lines()}
        hooked = {stories.get(article) for article in self.hook.articles}
        return sum(article not in stories or stories[article] not in hooked for article in set(articles))

    @abstractmethod
    async def indexed(self) -> Counter[int]:
        """Article -> documents in the index."""

    @abstractmethod
    async def at_rest(self) -> bool:
        """Whether there is nothing to do, except what is due later."""

    # -- commands

    async def almenara(self, *arguments: str, config: Path | None = None) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of a command."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pipeline", *arguments, "--config", str(config or self.config),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(PATIENCE):
                out, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return process.returncode or 0, out.decode(), err.decode()

    async def audit(self) -> list[str]:
        """What `almenara audit` finds; empty if all is consistent."""
        code, out, err = await self.almenara("audit", "--json")
        if not out:
            return [f"exit code {code}: {err.strip()[-300:]}"]
        report: dict[str, Any] = json.loads(out)
        found = [f"{what}: {count}" for what, count in report["found"].items()]
        return found or ([f"exit code {code}"] if code else [])


def number(url: str) -> int:
    """The article at a URL of the news site."""
    found = _NUMBER.search(url)
    assert found, url
    return int(found[1])

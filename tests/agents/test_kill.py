"""The real daemon, killed with SIGKILL (its whole process group) at every named place and at random times.

Nothing may be lost, nothing doubled in index and alerts, and the counters must add up.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline.backends.index_tantivy import TantivyIndex
from tests.agents.newsroom import ALERTS, Newsroom

STAGES = ("poll", "clean", "tag", "relate", "index", "alert", "notify")
POINTS = (
    *(f"commit.{name}.{when}" for name in ("polls", *STAGES) for when in ("before", "after")),
    "index.stored",
    "index.applied",
    "known.absorb",
    "send.before",
    "send.after",
    "tick.notify.before",
    "tick.notify.after",
)
RANDOM_KILLS = 12
NEWS = 6  # articles published before each start
PATIENCE = 150.0  # seconds for a start to reach its failpoint: three, or until the next minutely tick

CONFIG = """
[fetch]
delay_per_site = 0
per_domain = 64
allow_networks = ["127.0.0.1/32"]
[poll]
every = 1
min_interval = 1
max_interval = 2
revisit = ["72h"]
[logs]
level = "warning"
"""
FEEDS = '[[feed]]\nid = "room"\nname = "Newsroom"\nurl = "{url}/feed.xml"\n'


class Daemon:
    """Start `almenara run` in its own process group."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trace = folder / "trace"

    async def start(self, failpoint: str = "") -> asyncio.subprocess.Process:
        environment = os.environ | {"ALMENARA_FAILPOINT_TRACE": str(self.trace), "ALMENARA_FAILPOINT": failpoint}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pipeline", "run", "--config", str(self.folder / "config"),
            env=environment, start_new_session=True, stdin=asyncio.subprocess.DEVNULL,
        )  # fmt: skip

    async def ask(self, *command: str) -> Any:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pipeline", *command, "--json", "--config", str(self.folder / "config"),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        assert process.returncode in (0, 5)  # 5: `status` shows a problem
        return json.loads(out)

    def passed(self) -> Counter[str]:
        return Counter(self.trace.read_text().split()) if self.trace.exists() else Counter()


def configure(folder: Path, url: str) -> None:
    config = folder / "config"
    (config / "topics").mkdir(parents=True)
    (config / "almenara.toml").write_text(CONFIG)
    (config / "feeds.toml").write_text(FEEDS.format(url=url))
    (config / "alerts.toml").write_text(ALERTS)


@pytest.mark.slow
async def test_killed_everywhere_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path)
    dice = random.Random(7)
    async with Newsroom() as room:
        configure(tmp_path, room.url)
        await known_feed(daemon, room)
        for point in POINTS:
            room.published += NEWS
            if point == "known.absorb":  # passed at a start or at a tick, whichever comes after news first
                await finish(daemon, room.published)
                room.published += NEWS
            nth = 1 if point.startswith(("commit.index", "index", "known")) else dice.randint(1, 2)
            process = await daemon.start(f"{point}:{nth}")
            await reaches(process, point)
        for _ in range(RANDOM_KILLS):
            room.published += NEWS
            process = await daemon.start()
            await asyncio.sleep(dice.uniform(0.5, 6))
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        await finish(daemon, room.published)
    assert set(POINTS) <= set(daemon.passed())
    check_documents(tmp_path, room.published)
    check_alerts(tmp_path, room.published)
    status = await daemon.ask("status")
    assert all(stage["adds_up"] for stage in status["stages"].values()), status["stages"]
    assert sum(n for stage in status["stages"].values() for e, n in stage["outcomes"].items() if e == "dead") == 0


async def reaches(process: asyncio.subprocess.Process, point: str) -> None:
    """The daemon dies at its failpoint."""
    try:
        code = await asyncio.wait_for(process.wait(), PATIENCE)
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        pytest.fail(f"{point} was not reached")
    assert code == -signal.SIGKILL, f"{point} was not reached: the daemon ended with {code}"


async def known_feed(daemon: Daemon, room: Newsroom) -> None:
    """One quiet run with a first article: what a feed lists at its first poll is backlog, alerted as a summary."""
    room.published = 1
    process = await daemon.start()
    await indexed(daemon, process, 1)
    process.terminate()
    assert await process.wait() == 0


async def finish(daemon: Daemon, expected: int) -> None:
    """Let it run undisturbed until all is done, then stop it as an operator would."""
    process = await daemon.start()
    await indexed(daemon, process, expected)
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 20) == 0


async def indexed(daemon: Daemon, process: asyncio.subprocess.Process, expected: int) -> None:
    """Until the alerts of all articles were delivered and every stage has nothing to do."""
    async with asyncio.timeout(PATIENCE):
        while True:
            assert process.returncode is None, "the daemon exited on its own"
            status = await daemon.ask("status")
            waiting = {name: s["waiting"] for name, s in status["stages"].items()}
            if status["documents"] == expected and not any(waiting.values()) and alerted(daemon.folder) == expected:
                return
            await asyncio.sleep(0.5)


def alerted(folder: Path) -> int:
    file = folder / "data" / "alerts.jsonl"
    return len(file.read_text().splitlines()) if file.exists() else 0


def check_documents(folder: Path, expected: int) -> None:
    documents = list(TantivyIndex.open(folder / "data" / "index", write=False).scan())
    numbers = sorted(int(document.article.url.rsplit("/", 1)[1]) for document in documents)
    assert numbers == list(range(expected))
    assert {document.relation.version for document in documents} == {1}
    assert sorted(document.relation.seq for document in documents) == list(range(1, expected + 1))


def check_alerts(folder: Path, expected: int) -> None:
    lines = (folder / "data" / "alerts.jsonl").read_text().splitlines()
    alerts = [json.loads(line) for line in lines]
    assert len({alert["id"] for alert in alerts}) == len(alerts) == expected
    assert len({alert["article"] for alert in alerts}) == expected

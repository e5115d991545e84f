"""`almenara run` as an operator meets it: starting, stopping, reloading, going on, with the commands beside it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.agents.newsroom import Newsroom

pytestmark = pytest.mark.slow

PATIENCE = 40.0  # seconds until something is seen that should take one or two
PROMPT = 8.0  # seconds to stop; 5 of them are given to work that does not end

CONFIG = """
[fetch]
delay_per_site = 0
per_domain = 64
allow_networks = ["127.0.0.1/32"]
[poll]
every = 1
min_interval = 1
max_interval = 2
revisit = []
[clean]
processes = 1
"""
FEED = '[[feed]]\nid = "room"\nname = "Newsroom"\nurl = "{url}/feed.xml"\n'
ALERT = """
[[alert]]
name = "{word}"
query = "{word}"
channels = ["file"]
"""
CHANNEL = '[channels.file]\ntype = "file"\npath = "alerts.jsonl"\n'


class Site(Newsroom):
    """A newsroom whose server can also be made to hang, at every page."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs = False
        self.asked: Counter[str] = Counter()

    async def _feed(self, request: web.Request) -> web.Response:
        self.asked[request.path_qs] += 1
        return await super()._feed(request)

    async def _page(self, request: web.Request) -> web.Response:
        while self.hangs:
            self.asked["hanging"] += 1
            await asyncio.sleep(0.1)
        return await super()._page(request)


class Daemon:
    """A running `almenara run` and what it said on standard error."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            self.said.append(line.decode().rstrip("\n"))

    def has_said(self, pattern: str) -> bool:
        return any(re.search(pattern, line) for line in self.said)

    async def says(self, pattern: str) -> None:
        await until(lambda: self.has_said(pattern) or self.process.returncode is not None)
        assert self.has_said(pattern), self.said

    async def stop(self, number: int) -> float:
        """Exit code 0 after the signal; how many seconds it took."""
        before = time.monotonic()
        self.process.send_signal(number)
        assert await asyncio.wait_for(self.process.wait(), PATIENCE) == 0, self.said
        await self.reading
        return time.monotonic() - before


@asynccontextmanager
async def running(config: Path) -> AsyncIterator[Daemon]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pipeline", "run", "--config", str(config), start_new_session=True,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    daemon = Daemon(process)
    try:
        await daemon.says(r"\bstarted\b")
        yield daemon
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        await daemon.reading
    assert not daemon.has_said("Traceback"), daemon.said


async def call(config: Path, *arguments: str) -> tuple[int, str, str]:
    """A command beside the daemon: exit code and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pipeline", "--config", str(config), *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def ask(config: Path, *arguments: str) -> Any:
    code, out, err = await call(config, *arguments, "--json")
    assert code == 0 or (arguments == ("status",) and code == 5), err  # 5: it shows a problem
    return json.loads(out)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.05)


def configure(folder: Path, url: str) -> Path:
    config = folder / "config"
    config.mkdir(parents=True)
    (config / "almenara.toml").write_text(CONFIG)
    (config / "feeds.toml").write_text(FEED.format(url=url))
    (config / "alerts.toml").write_text(ALERT.format(word="sentinel") + CHANNEL)
    return config


def alerts(config: Path) -> Counter[tuple[str, str]]:
    """(rule, url) -> how often an alert was sent."""
    file = config.parent / "data" / "alerts.jsonl"
    alerts = (json.loads(line) for line in file.read_text().splitlines()) if file.exists() else ()
    return Counter((alert["rule"], alert["url"].rsplit("/", 1)[1]) for alert in alerts)


def once(rule: str, numbers: range) -> Counter[tuple[str, str]]:
    return Counter((rule, str(n)) for n in numbers)


async def documents(config: Path) -> list[int]:
    code, out, err = await call(config, "export")
    assert code == 0, err
    return sorted(int(json.loads(line)["url"].rsplit("/", 1)[1]) for line in out.splitlines())


async def test_it_stops_on_signals_goes_on_where_it_was_and_survives_being_killed(tmp_path: Path) -> None:
    async with Site() as site:
        config = configure(tmp_path, site.url)
        async with running(config) as daemon:
            await until(
                lambda: site.asked["/feed.xml"] > 1
            )  # articles of the first poll are alerted later, in one summary
            site.published = 2
            await until(lambda: alerts(config) == once("sentinel", range(2)))
            code, _, err = await call(config, "run")
            assert code == 3
            assert f"another daemon (pid {daemon.process.pid})" in err

            # Backed up while it works and restored elsewhere: what was done before is not done again.
            site.published = 12
            await until(lambda: len(alerts(config)) > 3)
            code, _, err = await call(config, "backup", str(tmp_path / "saved"))
            assert code == 0, err
            os.killpg(daemon.process.pid, signal.SIGKILL)
            await daemon.process.wait()

        async with running(config) as daemon:  # the lock of the killed daemon does not stop it
            await until(lambda: alerts(config) == once("sentinel", range(12)))
            site.hangs = True
            site.published = 14
            await until(lambda: site.asked["hanging"] > 0)
            assert await daemon.stop(signal.SIGINT) < PROMPT
            assert daemon.has_said(r"\bstopped\b")
        site.hangs = False
        assert await documents(config) == list(range(12))
        status = await ask(config, "status")
        assert status["daemon"] is None
        assert all(stage["adds_up"] for stage in status["stages"].values()), status["stages"]
        assert status["dead"] == {"kept": 0, "open": 0}

        fresh = configure(tmp_path / "fresh", site.url)
        code, _, err = await call(fresh, "restore", str(tmp_path / "saved"))
        assert code == 0, err
        async with running(fresh) as daemon:
            await until(lambda: set(map(str, range(12, 14))) <= {number for _, number in alerts(fresh)})
            assert await daemon.stop(signal.SIGTERM) < PROMPT
        assert await documents(fresh) == list(range(14))
        assert max(alerts(fresh).values()) == 1


async def test_a_running_daemon_takes_up_what_people_change(tmp_path: Path) -> None:
    async with Site() as site:
        site.published = 1
        config = configure(tmp_path, site.url)
        rules = config / "alerts.toml"
        async with running(config) as daemon:
            await daemon.says("article .* Item0 ")

            assert (await call(config, "feeds", "add", f"{site.url}/feed.xml?second", "--no-check"))[0] == 0
            await until(lambda: site.asked["/feed.xml?second"] > 0)
            assert (
                await call(config, "feeds", "add", "http://nowhere.invalid/rss", "--name", "Nowhere", "--no-check")
            )[0] == 0
            await daemon.says(r"nowhere: dns \(.*\), next try \d\d:\d\d:\d\d")
            _, out, _ = await call(config, "feeds", "list", "--failing", "--json")
            (line,) = map(json.loads, out.splitlines())
            assert (line["feed"]["id"], line["state"]["error"]) == ("nowhere", "dns")

            both = ALERT.format(word="sentinel") + ALERT.format(word="witness") + CHANNEL
            rules.write_text(both)
            await daemon.says("new configuration applied")
            rules.write_text(both.replace('query = "witness"', 'query = "witness OR"'))
            await daemon.says("new configuration rejected.*stays in force")
            await daemon.says(r"alerts\.toml:\d+: .*column 11")
            site.published = 2
            await until(lambda: {("sentinel", "1"), ("witness", "1")} <= set(alerts(config)))

            rules.write_text(ALERT.format(word="witness") + CHANNEL)
            (config / "topics").mkdir()
            daemon.process.send_signal(signal.SIGHUP)
            await until(lambda: len([line for line in daemon.said if "new configuration applied" in line]) == 2)
            site.published = 3
            await until(lambda: ("witness", "2") in alerts(config))
            assert ("sentinel", "2") not in alerts(config)

            spoil(config)
            await daemon.says(r"dead .*stage=tag")
            shown = await call(config, "dead", "show", "0")
            assert "not a record" in shown[1]
            assert (await call(config, "dead", "replay", "--all"))[0] == 1  # it still cannot be read
            status = await ask(config, "status")
            assert status["daemon"] == daemon.process.pid
            assert status["stages"]["tag"]["outcomes"]["dead"] == 1
            assert all(stage["adds_up"] for stage in status["stages"].values()), status["stages"]
            assert [feed["id"] for feed in status["feeds"]["failing"]] == ["nowhere"]
            assert await daemon.stop(signal.SIGTERM) < PROMPT


def spoil(config: Path) -> None:
    """Put something on `articles` that no stage can read."""
    db = sqlite3.connect(config.parent / "data" / "log.sqlite", isolation_level=None, timeout=10)
    db.execute("BEGIN IMMEDIATE")
    (stream,) = db.execute("SELECT id FROM streams WHERE name = 'articles'").fetchone()
    row = db.execute("SELECT next FROM ends WHERE stream = ? AND partition = 0", (stream,)).fetchone()
    offset = row[0] if row else 0
    db.execute("INSERT INTO messages VALUES (?, 0, ?, 'k', 0, NULL, 0, ?)", (stream, offset, b"not a record"))
    db.execute("INSERT OR REPLACE INTO ends VALUES (?, 0, ?)", (stream, offset + 1))
    db.execute("COMMIT")
    db.close()


async def test_with_no_network_every_feed_says_why_and_when_it_is_tried_again(tmp_path: Path) -> None:
    config = configure(tmp_path, "http://nowhere.invalid")
    feeds = (FEED.replace('"room"', f'"feed-{n}"').format(url=f"http://host{n}.invalid") for n in range(40))
    (config / "feeds.toml").write_text("".join(feeds))
    async with running(config) as daemon:
        shown = re.compile(r"feed-(\d+)[\u00a0:].*?\d\d:\d\d:\d\d")
        await until(lambda: len({n for line in daemon.said for n in shown.findall(line)}) == 40)
        assert daemon.has_said("is this machine online?")
        assert len([line for line in daemon.said if re.match(r"\d{4}-", line)]) < 20  # not one line a feed
        before = handles(daemon.process.pid)
        await asyncio.sleep(5)  # about a hundred polls
        assert handles(daemon.process.pid) < before + 20
        assert await daemon.stop(signal.SIGINT) < PROMPT
    failing = (await ask(config, "status"))["feeds"]["failing"]
    assert len(failing) == 40
    assert all(feed["error"] == "dns" and feed["next"] for feed in failing)


def handles(pid: int) -> int:
    """Number of open file descriptors; 0 without /proc."""
    folder = Path(f"/proc/{pid}/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0

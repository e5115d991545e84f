"""Daemon and worker, killed with SIGKILL around matching, deciding, sending and noting: every alert reaches every
receiver, and what comes twice has the same key.

Documents are put on the log between the deaths. The receivers are real: two web hooks, of which one is slow, fails now
and then and has outages, and a file. Most kills are of a process that runs only the stages concerned, with a clock that
is hours later at each start, so that what waited is merged, and messages age.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from pipeline.assembly.deployment import deployment_for
from pipeline.core.notification.streams import DELIVERIES, MESSAGES
from pipeline.log.reading import read_newest
from pipeline.ports import Log
from pipeline.records import AlertRequest, Delivery, Message
from pipeline.stage import Out
from pipeline.stages.notify import REQUESTS
from tests.builders import document

KILLS = {"stages": 64, "run": 10, "worker": 26}  # by what runs; a daemon and a worker take long to start
AHEAD = 7.0  # hours by which the clock of each start of the stages is ahead of the one before: two weeks in all
RESENT = 40  # before this start the first message is asked for again
NEWS = 4  # documents put on the log before each start
PATIENCE = 90.0  # seconds for a start to reach its failpoint; a start takes about three
STEPS = ("commit.alert", "commit.notify", "tick.notify")
EMBEDDED = (
    *(f"{step}.{when}" for step in STEPS for when in ("before", "after")),
    "send.before", "send.after",
)  # fmt: skip
SHARED = (
    *(f"{step}.{when}" for step in STEPS for when in ("before", "published")),
    "claim.notify", "send.before", "send.after",
)  # fmt: skip
SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()
ALERTS = """
[[alert]]
name = "Sentinel"
query = "sentinel"
severity = "low"
group = "none"
channels = ["hook", "slow", "file"]
[channels]
hook = {{type = "webhook", url = "{url}/hook", secret = "{secret}"}}
slow = {{type = "webhook", url = "{url}/slow", timeout = "10s", secret = "{secret}", give_up = "60d"}}
file = {{type = "file", path = "alerts.jsonl"}}
"""


@dataclass
class Receivers:
    """Two web hooks that note the key and the alerts of each message they take."""

    dice: random.Random
    taken: dict[str, list[tuple[str, list[str]]]] = field(default_factory=lambda: defaultdict(list))
    url: str = ""
    out: bool = False  # whether the slow one takes nothing

    async def start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/{name}", self._take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def _take(self, request: web.Request) -> web.Response:
        name, body = request.match_info["name"], await request.read()
        if name == "slow":
            await asyncio.sleep(0.1)
            if self.out:
                return web.Response(status=500)
            if self.dice.random() < 0.1:
                return web.Response(status=429, headers={"Retry-After": "1"})
        said = json.loads(body)
        self.taken[name].append((request.headers["webhook-id"], _ids(said)))
        return web.Response(status=204)


def _ids(said: object) -> list[str]:
    """The ids of the alerts in a message, wherever they are in it."""
    if isinstance(said, dict) and isinstance(said.get("alerts"), list):
        return [one["id"] for one in said["alerts"]]
    inner = said.values() if isinstance(said, dict) else []
    return [id for value in inner for id in _ids(value)]


@dataclass
class Newsdesk:
    """A configuration, its log, and processes on it that are killed."""

    folder: Path
    command: tuple[str, ...]
    published: int = 0
    starts: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def configure(self, url: str, settings: str = "") -> None:
        config = self.folder / "config"
        (config / "topics").mkdir(parents=True)
        (config / "almenara.toml").write_text(settings + '\n[health]\nlisten = "off"\n[logs]\nlevel = "warning"\n')
        (config / "feeds.toml").write_text("")
        (config / "alerts.toml").write_text(ALERTS.format(url=url, secret=SECRET))

    async def publish(self, count: int) -> None:
        """Put documents on the log. On the embedded one nobody else may write meanwhile."""
        outs = []
        for n in range(self.published, self.published + count):
            changes = {"id": f"a{n}", "url": f"https://news.example/{n}", "seq": n + 1, "story_id": f"s{n}"}
            one = document(f"Report {n} of the day", f"The sentinel saw boat number {n}.", **changes)
            outs.append(Out("documents", f"a{n}", one))
        self.published += count
        await asyncio.to_thread(lambda: deployment_for(self.folder / "config").with_log(
            lambda log: log.publish(outs), write=True))  # fmt: skip

    async def start(self, failpoint: str = "") -> asyncio.subprocess.Process:
        self.starts += 1
        program, config = ("-m", "pipeline", *self.command, "--config"), str(self.folder / "config")
        if self.command[0] == "stages":
            program = ("-m", "tests.agents.delivery_process")
        more = (str(self.starts * AHEAD),) if self.command[0] == "stages" else ()
        with (self.folder / "err").open("a") as err:
            return await asyncio.create_subprocess_exec(
                sys.executable, *program, config, *more,
                env=os.environ | {"ALMENARA_FAILPOINT": failpoint}, start_new_session=True,
                stdin=asyncio.subprocess.DEVNULL, stderr=err,
            )  # fmt: skip

    async def dies(self, dice: random.Random, points: tuple[str, ...], n: int) -> str:
        """Start, and die at a named place, or every fifth time at any moment. Returns where."""
        point = "" if n % 5 == 4 else points[(n - n // 5) % len(points)]
        nth = dice.randint(1, 3) if point.startswith("send") else 1
        process = await self.start(f"{point}:{nth}" if point else "")
        try:
            await asyncio.wait_for(process.wait(), dice.uniform(2, 6) if not point else PATIENCE)
            assert process.returncode == -signal.SIGKILL, f"{point}: {(self.folder / 'err').read_text()[-3000:]}"
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            assert not point, f"{point} was not reached: {(self.folder / 'err').read_text()[-3000:]}"
        return point

    async def resend(self) -> str:
        """Ask for the first message again, at the hook. Returns its id."""

        async def ask(log: Log) -> str:
            messages = (await read_newest(log, MESSAGES, Message))[0]
            first = min(messages.values(), key=lambda one: one.at)
            await log.publish([Out(REQUESTS, "", AlertRequest(at=first.at, resend=first, again=("hook",)))])
            return first.id

        return await asyncio.to_thread(lambda: deployment_for(self.folder / "config").with_log(ask, write=True))

    def filed(self) -> Counter[str]:
        file = self.folder / "data" / "alerts.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return Counter(one["id"] for one in map(json.loads, lines) if "article" in one)  # reports are lines, too

    async def deliveries(self) -> list[Delivery]:
        async def read(log: object) -> list[Delivery]:
            return list((await read_newest(log, DELIVERIES, Delivery))[0].values())  # type: ignore[arg-type]

        found: list[Delivery] = await asyncio.to_thread(lambda: deployment_for(self.folder / "config").with_log(read))
        return found


async def survives(desk: Newsdesk, receivers: Receivers, points: tuple[str, ...]) -> str:
    """Kill the desk again and again; then everything must have arrived. Returns what was seen, in a line."""
    dice = random.Random(7)
    where: Counter[str] = Counter()
    kills = KILLS[desk.command[0]]
    resent = ""
    for n in range(kills):
        receivers.out = kills // 5 <= n < kills // 2
        await desk.publish(NEWS)
        if n == RESENT:
            resent = await desk.resend()
        where[await desk.dies(dice, points, n)] += 1
    await desk.publish(NEWS)
    process = await desk.start()
    async with asyncio.timeout(PATIENCE * 2):
        while not (
            len(desk.filed()) == desk.published and all(len(seen) == desk.published for seen in alerts(receivers))
        ):
            assert process.returncode is None
            await asyncio.sleep(0.2)
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 30) == 0
    assert set(points) <= set(where)
    assert not resent or [key for key, _ in receivers.taken["hook"]].count(resent) >= 2
    assert max(desk.filed().values()) == 1
    for seen in alerts(receivers):
        assert {len(keys) for keys in seen.values()} == {1}, "the same alert came with two keys"
    assert {state.status for state in await desk.deliveries()} == {"sent"}
    merged = {key for key, _ in receivers.taken["slow"] if key.startswith("merged-")}
    assert merged or desk.command[0] != "stages"
    again = {name: len(taken) - len({key for key, _ in taken}) for name, taken in receivers.taken.items()}
    sends = where["send.after"] + where["tick.notify.before"] + where[""]
    assert max(again.values()) <= sends + bool(resent)
    found = f"{desk.published} alerts, {len(merged)} merged messages, 0 lost, repeats with the same key: {again}"
    return f"delivery: {kills} kills of {desk.command[0]}, {found}"


def alerts(receivers: Receivers) -> list[dict[str, set[str]]]:
    """For each web hook: alert -> the keys with which it came."""
    found = []
    for name in ("hook", "slow"):
        seen: dict[str, set[str]] = {}
        for key, ids in receivers.taken[name]:
            for id in ids:
                seen.setdefault(id, set()).add(key)
        found.append(seen)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("command", ["stages", "run"])
async def test_killed_around_a_send_on_the_embedded_log(
    command: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    receivers = Receivers(random.Random(3))
    runner = await receivers.start()
    desk = Newsdesk(tmp_path, (command,))
    desk.configure(receivers.url)
    try:
        record_property("figure", await survives(desk, receivers, EMBEDDED))
    finally:
        await runner.cleanup()


@pytest.mark.slow
async def test_killed_around_a_send_on_kafka(
    tmp_path: Path, kafka: str, prefix: str, record_property: Callable[[str, object], None]
) -> None:
    receivers = Receivers(random.Random(3))
    runner = await receivers.start()
    desk = Newsdesk(tmp_path, ("worker", "--only", "alert,notify"))
    desk.configure(
        receivers.url,
        f'log_url = "{kafka}"\n[kafka]\nprefix = "{prefix}"\npartitions = 2\nsession = 6\ninstance = "w"\n',
    )
    try:
        create = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pipeline", "streams", "create", "--config", str(tmp_path / "config")
        )
        assert await create.wait() == 0
        record_property("figure", await survives(desk, receivers, SHARED))
    finally:
        await runner.cleanup()

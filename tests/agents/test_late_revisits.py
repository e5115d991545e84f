"""Late revisits, with a kill between each pair of steps: every article is revisited; once, but for kills on a broker
just between an item and the record that it was published."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.assembly.deployment import deployment_for
from pipeline.log.reading import read_all, read_newest
from pipeline.ports import Log
from pipeline.records import Item, Revisit
from pipeline.stage import Out
from tests.agents.workers import Place
from tests.builders import item

pytestmark = pytest.mark.slow

WAIT = 60.0  # seconds for what takes ten on an idle machine


class Runs:
    """Runs of `command` on one log; each starts after wishes for three more revisits, which were due long ago."""

    def __init__(self, place: Place, *command: str) -> None:
        self._place, self._command, self.wished = place, command, 0
        self.config = place.folder / "config"

    async def wish(self, log: Log) -> None:
        due = datetime.now(UTC) - timedelta(days=9)
        for number in range(self.wished, self.wished + 3):
            wanted = item(f"https://late.example/news/{number}", revisit=4)
            revisit = Revisit(article=f"a{number}", due=due, item=wanted)
            await log.publish([Out("revisits-wanted", revisit.article, revisit)] * 2)  # of a topic and of an alert
        self.wished += 3

    async def killed_at(self, point: str) -> None:
        process = await self._start(point)
        try:
            code = await asyncio.wait_for(process.wait(), WAIT)
        finally:
            _kill(process)
        assert code == -signal.SIGKILL, f"{point} was not reached"

    async def finish(self) -> tuple[Counter[str], int]:
        """Run until nothing waits any more; return the items by URL, and how many revisits are planned then."""
        process = await self._start("")
        try:
            async with asyncio.timeout(WAIT):
                while True:
                    await asyncio.sleep(1)
                    assert process.returncode is None
                    found, planned = await self.seen()
                    if len(found) == self.wished and not planned:
                        return found, planned
        finally:
            _kill(process)
            await process.wait()

    async def seen(self) -> tuple[Counter[str], int]:
        log = await deployment_for(self.config).open_log()
        try:
            items, _ = await read_all(log, "items", Item)
            states, _ = await read_newest(log, "revisits", Revisit)
        finally:
            await log.close()
        return Counter(one.url for one in items.values()), sum(state.item is not None for state in states.values())

    async def _start(self, point: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pipeline", *self._command, "--config", str(self.config),
            env=os.environ | self._place.environment | {"ALMENARA_FAILPOINT": point},
            start_new_session=True, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


async def test_embedded_each_is_done_exactly_once(tmp_path: Path) -> None:
    runs = Runs(Place.made(tmp_path), "run")
    for point in ("commit.poll.before", "commit.poll.after", "tick.poll.before", "tick.poll.after"):
        log = await deployment_for(runs.config).open_log(write=True)
        await runs.wish(log)
        await log.close()
        await runs.killed_at(point)
    found, _ = await runs.finish()
    assert set(found.values()) == {1}
    assert len(found) == runs.wished == 12


async def test_on_a_broker_none_is_lost_and_none_repeated_but_at_one_place(
    tmp_path: Path, kafka: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"ALMENARA_LOG_URL": kafka, "ALMENARA_KAFKA_PREFIX": prefix}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    place = Place.made(tmp_path, **environment)
    runs = Runs(place, "worker", "--only", "poll")
    log = await deployment_for(runs.config).open_broker()
    try:
        await log.create()
        points = ("commit.poll.before", "commit.poll.published", "tick.poll.before", "tick.poll.published")
        for point in points:
            await runs.wish(log)
            await runs.killed_at(point)
        found, _ = await runs.finish()
        assert set(found.values()) == {1}
        await runs.wish(log)
        await runs.killed_at("tick.poll.outputs")
        repeated, _ = await runs.finish()
        assert len(repeated) == runs.wished == 15
        assert sum(repeated.values()) <= 18
    finally:
        await log.close()

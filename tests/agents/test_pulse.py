"""A worker whose event loop stands still ends, and another gets its partitions."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from agents.pulse import STALLED, Pulse
from tests.agents.workers import Place

FREEZES = "import signal, time; signal.signal(signal.SIGUSR1, lambda *_: time.sleep(3600))"
WATCHDOG = 10  # seconds


async def test_a_loop_that_stands_still_ends_the_process_and_says_where() -> None:
    codes: list[int] = []
    with capture_logs() as logs, Pulse(0.4, codes.append).watched():
        stands_still(1.0)
    assert codes == [STALLED]
    [line] = logs
    assert line["event"] == "event loop stands still"
    assert "stands_still" in line["stack"]


def stands_still(seconds: float) -> None:
    time.sleep(seconds)


async def test_a_loop_that_is_busy_in_turns_is_left_alone() -> None:
    codes: list[int] = []
    with Pulse(1.0, codes.append).watched():
        for _ in range(10):
            stands_still(0.2)
            await asyncio.sleep(0)
    assert not codes


@pytest.mark.slow
async def test_another_worker_gets_the_partitions(tmp_path: Path, kafka: str, prefix: str) -> None:
    common = {"LOG_URL": kafka, "ALMENARA_KAFKA_PREFIX": prefix, "ALMENARA_KAFKA_WATCHDOG": f"{WATCHDOG}s"}
    one, two = (Place.made(tmp_path / name, ALMENARA_KAFKA_INSTANCE=name, **common) for name in ("one", "two"))
    assert (await one.almenara("streams", "create"))[0] == 0
    async with one.worker("tag", program=FREEZES) as first, two.worker("tag") as second:
        await second.says("group=tag  held=1")
        await first.says("started")
        os.kill(first.process.pid, signal.SIGUSR1)
        assert await first.ended() == STALLED
        assert "event loop stands still" in first.said
        assert "<lambda>" in first.said  # what it did
        await second.says("group=tag  held=2")

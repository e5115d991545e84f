"""A full disk, a second daemon, and a configuration that cannot be used."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.assembly.data_lock import lock
from pipeline.assembly.deployment import deployment_of
from pipeline.assembly.wiring import EmbeddedPipeline, embedded_pipeline
from pipeline.commands import daemon
from pipeline.config.folder import load
from pipeline.config.settings import Logs
from pipeline.stage import Unavailable
from pipeline.terminal import logs
from pipeline.terminal.reporter import Reporter
from tests.agents.newsroom import ALERTS, Newsroom
from tests.flow.machine import almenara, configure

pytestmark = pytest.mark.slow


# -- no room


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("needs root, to mount a small file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """Take all the room there is."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return filler


async def test_a_full_disk_is_shown_and_waited_for(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.health.MAX_PAUSE", 0.3)
    logs.configure(Logs(level="error"), quiet=True)
    async with Newsroom() as room:
        configuration = load(configure(small_disk, room.url), {})
        async with asyncio.timeout(60), embedded_pipeline(configuration, Reporter()) as pipeline:
            async with pipeline.driver.running(poll=False):
                room.published = 5
                await pipeline.driver.poll_once()
                await pipeline.driver.drained(1)
                filler = fill(small_disk)
                room.published = 25
                polling = asyncio.create_task(pipeline.driver.poll_once())
                while not pipeline.driver.health.unavailable:
                    await asyncio.sleep(0.05)
                await asyncio.sleep(1)
                assert "full" in str(pipeline.driver.health.unavailable)
                filler.unlink()
                await polling
                await pipeline.driver.drained(1)
            assert pipeline.driver.health.unavailable == {}
            check(pipeline, 25)
        status = await deployment_of(configuration.settings).status()
    assert all(stage["adds_up"] for stage in status["stages"].values()), status["stages"]


def check(pipeline: EmbeddedPipeline, published: int) -> None:
    """Every article is there, once."""
    urls = [document.article.url for document in pipeline.index.scan()]
    assert sorted(int(url.rsplit("/", 1)[1]) for url in urls) == list(range(published))
    assert not any(ending == "dead" for _, ending in pipeline.log.counters())


async def test_retention_waits_too() -> None:
    done: list[str] = []

    async def job() -> None:
        done.append("tried")
        if len(done) == 1:
            raise Unavailable("log.sqlite: database or disk is full")

    logs.configure(Logs(level="error"), quiet=True)
    task = asyncio.create_task(daemon._every(0.01, "retention", job))
    async with asyncio.timeout(5):
        while len(done) < 2:
            await asyncio.sleep(0.01)
    task.cancel()


# -- two daemons


def test_a_second_daemon_says_that_there_is_one(tmp_path: Path) -> None:
    config = configure(tmp_path)
    with lock(load(config, {}).settings.data):
        code, said = almenara(config, "run")
    assert code == 3
    assert f"pid {os.getpid()}" in said
    assert str(tmp_path / "data") in said


# -- a configuration that cannot be used


def test_every_fault_of_a_configuration_is_reported_at_once(tmp_path: Path) -> None:
    config = configure(tmp_path)
    (config / "almenara.toml").write_text("[fetch]\ntimeot = 3\n[clean]\nmemory = 'much'\n[nothing]\nx = 1\n")
    (config / "alerts.toml").write_text(ALERTS.replace('"sentinel"', "'(a OR'"))
    (config / "feeds.toml").write_text('[[feed]\nid = "room"')
    (config / "topics" / "odd.toml").write_text('id = "odd"\nthreshold = "high"\n')
    for command in ("run", "check"):
        code, said = almenara(config, command)
        assert code == 1
        for part in ("did you mean fetch.timeout", "clean.memory", "nothing", "query", "feeds.toml", "odd.toml"):
            assert part in said, part
    assert not (tmp_path / "data").exists()


def test_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    code, said = almenara(tmp_path / "nowhere", "run")
    assert code == 1
    assert "no such folder" in said

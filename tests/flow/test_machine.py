"""The real pipeline on a machine in trouble: no room, two daemons, damaged files, files of a newer program."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.assembly.data_lock import lock
from pipeline.assembly.deployment import deployment_of
from pipeline.assembly.wiring import EmbeddedPipeline, embedded_pipeline
from pipeline.commands import daemon
from pipeline.config.folder import load
from pipeline.config.settings import Logs
from pipeline.records import Dead, decode
from pipeline.stage import Unavailable
from pipeline.terminal import reporter as observe
from tests.agents.newsroom import ALERTS, Newsroom

pytestmark = pytest.mark.slow

SETTINGS = """
[fetch]
delay_per_site = 0
per_domain = 64
allow_networks = ["127.0.0.1/32"]
[clean]
processes = 1
[poll]
revisit = ["72h"]
[logs]
level = "warning"
"""


def configure(folder: Path, url: str = "http://127.0.0.1:9") -> Path:
    config = folder / "config"
    (config / "topics").mkdir(parents=True)
    (config / "almenara.toml").write_text(SETTINGS)
    (config / "alerts.toml").write_text(ALERTS)
    (config / "feeds.toml").write_text(f'[[feed]]\nid = "room"\nname = "Newsroom"\nurl = "{url}/feed.xml"\n')
    return config


def almenara(config: Path, *arguments: str) -> tuple[int, str]:
    """Exit code, and what was said on standard error."""
    command = [sys.executable, "-m", "pipeline", *arguments, "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


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
    observe.configure(Logs(level="error"), quiet=True)
    async with Newsroom() as room:
        configuration = load(configure(small_disk, room.url), {})
        async with asyncio.timeout(60), embedded_pipeline(configuration, observe.Reporter()) as pipeline:
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

    observe.configure(Logs(level="error"), quiet=True)
    task = asyncio.create_task(daemon._every(0.01, job))
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


def test_every_fault_of_a_configuration_is_told_at_once(tmp_path: Path) -> None:
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


# -- damaged files, and files of a newer program


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with config and data, in which five articles were read."""
    folder = tmp_path_factory.mktemp("used")

    async def run() -> None:
        async with Newsroom() as room:
            room.published = 5
            configuration = load(configure(folder, room.url), {})
            async with (
                embedded_pipeline(configuration, observe.Reporter()) as pipeline,
                pipeline.driver.running(poll=False),
            ):
                await pipeline.driver.poll_once()
                await pipeline.driver.drained(1)

    observe.configure(Logs(level="error"), quiet=True)
    asyncio.run(run())
    return folder


@pytest.fixture
def folder(used: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(used, tmp_path / "copy"))


def scribble(file: Path, start: int = 0) -> None:
    """Overwrite from `start` on, as a failing disk might."""
    content = file.read_bytes()
    file.write_bytes(content[:start] + b"scribble" * ((len(content) - start) // 8))


def alter(statement: str, *values: object) -> Callable[[Path], None]:
    def act(file: Path) -> None:
        db = sqlite3.connect(file)
        db.execute(statement, values)
        db.commit()
        db.close()

    return act


NEWER_FEED = alter(
    "UPDATE messages SET value = ? WHERE stream = (SELECT id FROM streams WHERE name = 'feeds')",
    b'{"v": 9, "id": "room"}',
)


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("log.sqlite", scribble, "log.sqlite: file is not a database. If it stays, restore a backup"),
        ("log.sqlite", lambda file: scribble(file, 4096), "log.sqlite: database disk image is malformed"),
        ("log.sqlite", alter("PRAGMA user_version = 99"), "written by a newer Almenara"),
        ("log.sqlite", alter("PRAGMA user_version = 1"), "data away and start again"),
        ("log.sqlite", NEWER_FEED, "a Feed record was written by a newer Almenara (schema 9"),
        ("index/documents.sqlite", scribble, "damaged (file is not a database): restore a backup"),
        ("index/documents.sqlite", alter("PRAGMA user_version = 99"), "was written by a newer Almenara (schema 99"),
    ],
)
def test_what_cannot_be_used_is_named_and_left_as_it_is(
    folder: Path, name: str, damage: Callable[[Path], None], message: str
) -> None:
    file = folder / "data" / name
    damage(file)
    before = hashlib.sha256(file.read_bytes()).digest()
    code, said = almenara(folder / "config", "run")
    assert (code, message in said) == (3, True), said
    assert hashlib.sha256(file.read_bytes()).digest() == before


async def test_what_is_only_a_copy_is_made_anew(folder: Path) -> None:
    for damaged in ("known.sqlite", "index/search-*/*"):
        files = [file for file in (folder / "data").glob(damaged) if file.is_file()]
        assert files
        for file in files:
            scribble(file)
    async with Newsroom() as room:
        room.published = 5
        (folder / "config" / "feeds.toml").write_text(
            f'[[feed]]\nid = "room"\nname = "Newsroom"\nurl = "{room.url}/feed.xml"\n'
        )
        async with embedded_pipeline(load(folder / "config", {}), observe.Reporter()) as pipeline:
            async with asyncio.timeout(60), pipeline.driver.running(poll=False):
                await pipeline.driver.poll_once()
                await pipeline.driver.drained(1)
            documents = list(pipeline.index.scan())
    # The room has another port now, so these are other articles with the same text: copies of the five that were known.
    assert len(documents) == 10
    originals = {document.article.id for document in documents if document.relation.duplicate_of is None}
    assert {d.relation.duplicate_of for d in documents if d.relation.duplicate_of} == originals
    assert sorted(document.relation.seq for document in documents) == list(range(1, 11))


def put_in_the_place_of_the_newest_tagged(file: Path, value: bytes) -> bytes:
    """What stood there. The log is then as if relate had stopped before it."""
    tagged = "(SELECT id FROM streams WHERE name = 'tagged')"
    newest = f"SELECT stream, partition, max(offset), value FROM messages WHERE stream = {tagged}"
    db = sqlite3.connect(file)
    *place, before = db.execute(newest).fetchone()
    db.execute("UPDATE messages SET value = ? WHERE stream = ? AND partition = ? AND offset = ?", (value, *place))
    if db.execute("SELECT offset FROM groups WHERE name = 'relate' AND stream = ?", place[:1]).fetchone()[0] > place[2]:
        db.execute("UPDATE groups SET offset = ? WHERE name = 'relate' AND stream = ?", (place[2], place[0]))
        db.execute("UPDATE counters SET n = n - 1 WHERE stage = 'relate' AND ending = 'ok'")
    db.commit()
    db.close()
    return bytes(before)


async def test_what_is_no_record_is_dead_and_the_next_is_read(folder: Path) -> None:
    put_in_the_place_of_the_newest_tagged(folder / "data" / "log.sqlite", b'{"v": 2}')
    configuration = load(folder / "config", {})
    async with embedded_pipeline(configuration, observe.Reporter()) as pipeline:
        async with asyncio.timeout(30), pipeline.driver.running(poll=False):
            await pipeline.driver.drained(1)
        [dead] = [decode(Dead, message.value) async for message in pipeline.log.replay("dead") if message.value]
    assert (dead.stage, dead.error) == ("relate", "SchemaError")
    assert "not a Tagged" in dead.detail
    status = await deployment_of(configuration.settings).status()
    assert status["stages"]["relate"]["adds_up"]
    assert status["stages"]["relate"]["waiting"] == 0


async def test_a_record_of_a_newer_program_waits_for_that_program(folder: Path) -> None:
    file = folder / "data" / "log.sqlite"
    before = put_in_the_place_of_the_newest_tagged(file, b'{"v": 9}')
    configuration = load(folder / "config", {})
    async with embedded_pipeline(configuration, observe.Reporter()) as pipeline:
        async with asyncio.timeout(30), pipeline.driver.running(poll=False):
            while "relate" not in pipeline.driver.health.unavailable:
                await asyncio.sleep(0.05)
        reason = pipeline.driver.health.unavailable["relate"]
    assert reason == "a Tagged record was written by a newer Almenara (schema 9, this one knows 2): upgrade this one"
    status = await deployment_of(configuration.settings).status()
    assert (status["stages"]["relate"]["waiting"], status["dead"]["kept"]) == (1, 0)
    put_in_the_place_of_the_newest_tagged(file, before)  # what the newer program makes of it
    async with embedded_pipeline(configuration, observe.Reporter()) as pipeline, pipeline.driver.running(poll=False):
        await asyncio.wait_for(pipeline.driver.drained(1), 30)
    status = await deployment_of(configuration.settings).status()
    assert (status["stages"]["relate"]["waiting"], status["dead"]["kept"]) == (0, 0)
    assert status["stages"]["relate"]["adds_up"]

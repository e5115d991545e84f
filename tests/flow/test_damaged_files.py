"""Damaged files, and files of a newer program, are named and left as they are."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.assembly.deployment import deployment_of
from pipeline.assembly.wiring import embedded_pipeline
from pipeline.config.folder import load
from pipeline.config.settings import Logs
from pipeline.records import SCHEMA, Dead, decode
from pipeline.terminal import logs
from pipeline.terminal.reporter import Reporter
from tests.agents.newsroom import Newsroom
from tests.flow.machine import almenara, configure

pytestmark = pytest.mark.slow


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
                embedded_pipeline(configuration, Reporter()) as pipeline,
                pipeline.driver.running(poll=False),
            ):
                await pipeline.driver.poll_once()
                await pipeline.driver.drained(1)

    logs.configure(Logs(level="error"), quiet=True)
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


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("log.sqlite", scribble, "log.sqlite: file is not a database. If this persists, restore a backup"),
        ("log.sqlite", lambda file: scribble(file, 4096), "log.sqlite: database disk image is malformed"),
        ("log.sqlite", alter("PRAGMA user_version = 99"), "written by a newer Almenara"),
        ("log.sqlite", alter("PRAGMA user_version = 1"), "data away and start again"),
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
        async with embedded_pipeline(load(folder / "config", {}), Reporter()) as pipeline:
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
    put_in_the_place_of_the_newest_tagged(folder / "data" / "log.sqlite", b'{"v": %d}' % SCHEMA)
    configuration = load(folder / "config", {})
    async with embedded_pipeline(configuration, Reporter()) as pipeline:
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
    async with (
        embedded_pipeline(configuration, Reporter()) as pipeline, asyncio.timeout(30),
        pipeline.driver.running(poll=False),
    ):  # fmt: skip
        while not (found := [one for one in pipeline.driver.health.problems() if one.part == "relate"]):
            await asyncio.sleep(0.05)
    assert [problem.state for problem in found] == ["blocked"]
    assert (
        f"a Tagged record was written by a newer Almenara (schema 9, this one knows {SCHEMA}): upgrade" in found[0].why
    )
    status = await deployment_of(configuration.settings).status()
    assert (status["stages"]["relate"]["waiting"], status["dead"]["kept"]) == (1, 0)
    put_in_the_place_of_the_newest_tagged(file, before)  # what the newer program makes of it
    async with embedded_pipeline(configuration, Reporter()) as pipeline, pipeline.driver.running(poll=False):
        await asyncio.wait_for(pipeline.driver.drained(1), 30)
    status = await deployment_of(configuration.settings).status()
    assert (status["stages"]["relate"]["waiting"], status["dead"]["kept"]) == (0, 0)
    assert status["stages"]["relate"]["adds_up"]

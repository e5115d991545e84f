"""The embedded stand: `almenara run`, with the log and the index in files; and drills for it."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

from pipeline.assembly.backends import open_sqlite
from pipeline.backends.index_tantivy import CannotOpen, TantivyIndex
from pipeline.config.read_settings import settings_of
from pipeline.stage import Unavailable
from scripts.drills import channels
from scripts.drills.drill import SOON, Drill, Missed
from scripts.drills.hook import Hook
from scripts.drills.poison import Poison, poisons
from scripts.drills.press import Press
from scripts.drills.small_disk import full, small_disk
from scripts.drills.stand import Stand, number
from tests.agents.machines import CONFIG, FEED, Machine

DISK = 96  # MB for log, index and state
TROUBLE = 12.0  # seconds


class Daemon(Machine):
    """A machine that runs `almenara run`."""

    @property
    def command(self) -> list[str]:
        return ["run"]


class Embedded(Stand):
    """One daemon; its data is on a small disk, if this machine can mount one."""

    @property
    def data(self) -> Path:
        return self.machines[0].folder / "data"

    async def indexed(self) -> Counter[int]:
        try:
            index = TantivyIndex.open(self.data / "index", write=False)
        except CannotOpen:  # the daemon has not created it yet
            return Counter()
        try:
            return Counter(number(document.article.url) for document in index.scan())
        except Unavailable:  # nothing is indexed yet
            return Counter()
        finally:
            await index.close()

    async def at_rest(self) -> bool:
        log = open_sqlite(settings_of(self.config))
        try:
            ends = await log.ends()
            done = (await log.groups()).items()
            return all(at >= ends.get((stream, n), 0) for (_, stream, n), at in done if stream != "items-later")
        finally:
            await log.close()


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[Embedded]:
    """A new daemon at work."""
    async with AsyncExitStack() as stack:
        desk, hook = await stack.enter_async_context(Press()), await stack.enter_async_context(Hook())
        stand = Embedded(folder, desk, hook)
        daemon = Daemon(folder / "daemon")
        (daemon.config / "topics").mkdir(parents=True)
        stack.enter_context(small_disk(daemon.folder / "data", DISK))
        (daemon.config / "almenara.toml").write_text(_settings())
        feeds = [FEED.format(id=f"room{n}", url=f"{site}/feed.xml") for n, site in enumerate(desk.sites)]
        (daemon.config / "feeds.toml").write_text("\n".join(feeds))
        stand.machines.append(daemon)
        stand.configure(daemon)
        stack.push_async_callback(daemon.kill)
        desk.published = 2  # one in each feed; both are old news
        await daemon.start()
        await stand.opened(lambda: (stand.data / "index").exists(), "the daemon did not start")

        async def both() -> bool:
            return len(await stand.indexed()) == 2

        await stand.opened(both, "the first articles were not indexed")
        yield stand


def _settings() -> str:
    """Those of the workers, without servers."""
    lines = CONFIG.replace("{session}", "10").replace("{watchdog}", "60").splitlines()
    return "\n".join(line for line in lines if not line.startswith(("log_url", "index_url", "prefix"))).format(
        instance="daemon"
    )


@asynccontextmanager
async def killed(stand: Embedded) -> AsyncIterator[None]:
    await stand.machines[0].kill()
    yield
    await stand.machines[0].start()


@asynccontextmanager
async def stopped(stand: Embedded) -> AsyncIterator[None]:
    process = stand.machines[0].process
    assert process
    os.killpg(process.pid, signal.SIGSTOP)
    yield
    os.killpg(process.pid, signal.SIGCONT)


@asynccontextmanager
async def second(stand: Embedded) -> AsyncIterator[None]:
    """Another daemon on the same data must be refused."""
    async with asyncio.timeout(SOON):
        code, _, err = await stand.almenara("run")
    process = stand.machines[0].process
    if code != 3 or not process or str(process.pid) not in err:
        raise Missed(f"a second daemon ended with {code}: {err[-300:]}")
    yield


@asynccontextmanager
async def disk_full(stand: Embedded) -> AsyncIterator[None]:
    with full(stand.data):
        yield


@asynccontextmanager
async def poisoned(stand: Embedded) -> AsyncIterator[None]:
    """Poison on every stream; then the daemon starts again, and reads its state with it."""
    dice = random.Random(stand.seed)
    await asyncio.to_thread(_insert, stand, dice)
    yield
    daemon = stand.machines[0]
    if code := await daemon.stop():
        raise Missed(f"the daemon ended with {code}: {daemon.said()[-300:]}")
    await daemon.start()


def _insert(stand: Embedded, dice: random.Random) -> None:
    with closing(sqlite3.connect(stand.data / "log.sqlite", timeout=10, isolation_level=None)) as db:
        places = db.execute("SELECT id, partition FROM streams JOIN ends ON ends.stream = streams.id").fetchall()
        for stream, partition in places:
            where = (stream, partition)
            first = db.execute(
                "SELECT value, compacted FROM messages WHERE (stream, partition) = (?, ?)", where
            ).fetchone()
            good, compacted = first or (None, 0)
            db.execute("BEGIN IMMEDIATE")
            for one in poisons(dice, good):
                _append(db, where, one, compacted)
            db.execute("COMMIT")


def _append(db: sqlite3.Connection, where: tuple[int, int], one: Poison, compacted: int) -> None:
    (at,) = db.execute("SELECT next FROM ends WHERE (stream, partition) = (?, ?)", where).fetchone()
    db.execute(
        "INSERT INTO messages (stream, partition, offset, key, written, due, compacted, value) "
        "VALUES (?, ?, ?, CAST(? AS TEXT), unixepoch() * 1000, ?, ?, ?)",
        (*where, at, one.key or b"", one.due, compacted, one.value),
    )
    db.execute("UPDATE ends SET next = ? WHERE (stream, partition) = (?, ?)", (at + 1, *where))


def drills() -> list[Drill[Embedded]]:
    return [
        Drill(
            "run-kill", "`almenara run`: kill -9", killed,
            status="^daemon: (stopped|silent)", health="no answer", again=1, small=True,
        ),
        Drill(
            "run-stop", "`almenara run`: stop and continue", stopped,
            status="^daemon: silent", health="no answer", lasts=TROUBLE, again=1,
        ),
        Drill("run-twice", "`almenara run` twice on the same data", second),
        Drill(
            "run-disk-full", "`almenara run`: the disk is full", disk_full,
            status="full", health="full", lasts=TROUBLE,
        ),
        Drill(
            "run-poison", "`almenara run`: random bytes and keys on every stream", poisoned,
            status="^dead: open", stays=True,
        ),
        *channels.drills("run-", "`almenara run`: "),
    ]  # fmt: skip

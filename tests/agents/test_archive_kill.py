"""Relate, killed with SIGKILL while it moves old articles to the archive: all of them are still known, in both modes.

The process has a clock that is weeks ahead, and pages of two articles. Its caches are lost once, too.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from pipeline.assembly.deployment import deployment_for
from pipeline.log.reading import read_all
from pipeline.ports import Log
from pipeline.records import Archived, Document, Known, Tagged, decode
from pipeline.stage import Out
from tests.stages.relate.house import T0, tagged

pytestmark = pytest.mark.slow

T = TypeVar("T")

ARTICLES = 12
PATIENCE = 90.0
EMBEDDED = ("tick.relate.before", "tick.relate.after", "archive.absorb", "known.absorb", "tick.relate.after")
SHARED = ("tick.relate.before", "tick.relate.published", "archive.absorb", "known.absorb", "tick.relate.published")
CONFIG = """
log_url = "{log}"
index_url = "{index}"
[kafka]
prefix = "{prefix}"
session = 6
[elasticsearch]
prefix = "{prefix}x"
[logs]
level = "warning"
"""


def article(number: int, boats: int = 0, url: str = "", days: float = 0) -> Tagged:
    words = " ".join(f"{word}{number}" for word in ("harbour", "council", "ferry", "bridge", "island", "winter") * 9)
    return tagged(
        url or f"https://a.example/{number}", f"The {words} counted {boats + 100} boats in Port{number}.",
        title=f"Report{number} of harbour{number}", guid=f"g{number}", seen=T0 + timedelta(days=days),
        aliases=[] if url else [f"https://short.example/{number}"],
    )  # fmt: skip


@dataclass
class Office:
    """A configuration, its log, and processes on it that are killed."""

    folder: Path
    put: int = 0
    page: int = 2

    @property
    def config(self) -> Path:
        return self.folder / "config"

    def configure(self, log: str = "", index: str = "", prefix: str = "t") -> None:
        (self.config / "topics").mkdir(parents=True)
        (self.config / "almenara.toml").write_text(CONFIG.format(log=log, index=index, prefix=prefix))
        for name in ("feeds.toml", "alerts.toml"):
            (self.config / name).write_text("")

    async def publish(self, *records: Tagged) -> None:
        await self.ask(lambda log: log.publish([Out("tagged", one.article.id, one) for one in records]), write=True)
        self.put += len(records)

    async def ask(self, question: Callable[[Log], Awaitable[T]], write: bool = False) -> T:
        deployment = deployment_for(self.config)
        return await asyncio.to_thread(lambda: deployment.with_log(question, write=write))

    async def documents(self) -> list[Document]:
        found, unreadable = await self.ask(lambda log: read_all(log, "documents", Document))
        assert not unreadable
        return sorted(found.values(), key=lambda one: one.relation.seq)

    async def decided(self) -> int:
        async def ended(log: Log) -> int:
            return (await log.groups()).get(("relate", "tagged", 0), 0)

        return await self.ask(ended)

    async def live(self) -> int:
        """Records on `known`, as after compaction."""

        async def read(log: Log) -> int:
            newest = {message.key: message.value async for message in log.replay("known") if not message.stale}
            return sum(value is not None and bool(decode(Known, value)) for value in newest.values())

        return await self.ask(read)

    async def start(self, days: float, failpoint: str = "") -> asyncio.subprocess.Process:
        with (self.folder / "err").open("a") as err:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.agents.archive_process", str(self.config), str(days), str(self.page),
                env=os.environ | {"ALMENARA_FAILPOINT": failpoint}, start_new_session=True, stderr=err,
            )  # fmt: skip

    async def dies(self, days: float, failpoint: str) -> None:
        process = await self.start(days, f"{failpoint}:1")
        try:
            await asyncio.wait_for(process.wait(), PATIENCE)
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL, f"{failpoint}: {(self.folder / 'err').read_text()[-3000:]}"

    async def works(self, days: float, done: Callable[[], Awaitable[bool]]) -> None:
        """Run until `done()`, awaited, is true."""
        process = await self.start(days)
        try:
            async with asyncio.timeout(PATIENCE):
                while not await done():
                    assert process.returncode is None, (self.folder / "err").read_text()[-3000:]
                    await asyncio.sleep(0.5)
            process.terminate()
            assert await process.wait() == 0
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)

    async def all_decided(self) -> bool:
        return await self.decided() >= self.put


async def survives(office: Office, points: tuple[str, ...]) -> None:
    await office.publish(*map(article, range(ARTICLES)))
    await office.works(0, office.all_decided)
    before = await office.documents()
    assert len(before) == ARTICLES
    for point in points:
        await office.dies(20, point)

    async def archived() -> bool:
        return not await office.live()

    await office.works(20, archived)
    pages, _ = await office.ask(lambda log: read_all(log, "archive", Archived))
    assert sum(page.articles for page in pages.values()) >= ARTICLES
    for cache in (office.folder / "data").glob("[!l]*.sqlite*"):  # all but the log
        cache.unlink()
    await comes_again(office, before)


async def comes_again(office: Office, before: list[Document]) -> None:
    """After more than a year: all are known, one has changed, one is found at another address, one is reposted."""
    again = [article(number, days=400) for number in range(ARTICLES)]
    changed = article(3, boats=5, days=401)
    moved = article(4, boats=7, url="https://short.example/4", days=402)
    copy = article(5, url="https://b.example/repost", days=403)
    await office.publish(*again, changed, moved, copy)
    await office.works(40, office.all_decided)
    version, found, repost = (await office.documents())[len(before) :]
    assert (version.article.id, version.relation.version) == (before[3].article.id, 2)
    assert [(one.before, one.after) for one in version.relation.changes] == [("100", "105")]
    assert (found.article.id, found.relation.version) == (before[4].article.id, 2)
    assert version.relation.first_seen == before[3].relation.first_seen
    assert (repost.relation.kind, repost.relation.duplicate_of) == ("copy", before[5].article.id)


async def test_embedded(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.configure()
    await survives(office, EMBEDDED)


async def test_on_a_broker(tmp_path: Path, kafka: str, elasticsearch: str, prefix: str) -> None:
    office = Office(tmp_path)
    office.configure(kafka, elasticsearch, prefix)

    async def create(log: Log) -> None:
        await log.create()  # type: ignore[attr-defined]

    await office.ask(create, write=True)
    await survives(office, SHARED)

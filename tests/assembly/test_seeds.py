"""Feeds of feeds.toml in a running process: the name of the seed, applying it, comparing it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pipeline.assembly import seeds
from pipeline.assembly.seeds import SeedCheck, apply_and_log, embedded_seed, shared_seed
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.config.folder import Configuration
from pipeline.config.settings import Settings
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.feeds.changes import Change, removal
from pipeline.core.feeds.seed import Seed
from pipeline.core.topics.judge import parse_rules
from pipeline.log.feeds import publish_changes, read_feeds
from pipeline.log.streams import declared_streams
from pipeline.records import Feed

UNNAMED = Seed("", ())


def configured(name: str, *feeds: Feed) -> Configuration:
    return Configuration(Path("config"), Settings(), Seed(name, feeds), parse_rules([]), AlertSet([]))


def feed(identity: str, name: str = "F") -> Feed:
    return Feed(id=identity, name=name, url=f"https://{identity}.example/rss")


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    opened = SqliteLog(
        tmp_path / "log", declared_streams(Settings().keep, 1.0), lambda: datetime(2026, 3, 2, tzinfo=UTC)
    )
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("folder", "log", "other_folder", "other_log", "same"),
    [
        pytest.param("a/config", "a/data/log", "a/config", "a/data/log", True, id="the same"),
        pytest.param("a/config", "a/data/log", "b/config", "b/data/log", True, id="moved together"),
        pytest.param("etc/almenara", "var/log", "etc/almenara", "var/log", True, id="a container that is made again"),
        pytest.param("a/config", "a/data/log", "a/other", "a/data/log", False, id="two folders beside one log"),
        pytest.param("a/config", "shared/log", "b/config", "shared/log", False, id="two places, one log"),
    ],
)
def test_an_embedded_seed_without_a_name_is_known_by_its_place_beside_the_log(
    tmp_path: Path, folder: str, log: str, other_folder: str, other_log: str, same: bool
) -> None:
    one = embedded_seed(UNNAMED, tmp_path / folder, tmp_path / log)
    assert (one == embedded_seed(UNNAMED, tmp_path / other_folder, tmp_path / other_log)) == same


def test_a_shared_seed_without_a_name_is_known_by_host_and_folder(tmp_path: Path) -> None:
    name = shared_seed(UNNAMED, tmp_path / "config", "one").name
    assert name == f"one:{(tmp_path / 'config').resolve()}"
    assert name != shared_seed(UNNAMED, tmp_path / "config", "two").name
    assert name != shared_seed(UNNAMED, tmp_path / "other", "one").name


def test_a_name_wins(tmp_path: Path) -> None:
    named = Seed("ours", (feed("a"),))
    assert embedded_seed(named, tmp_path, tmp_path / "log") == named == shared_seed(named, tmp_path, "host")


async def test_applying_logs_what_changed(log: SqliteLog) -> None:
    with capture_logs() as lines:
        await apply_and_log(log, Seed("ours", tuple(feed(f"f{n}") for n in range(7))))
        await apply_and_log(log, Seed("ours", (feed("f0", "G"), feed("f1"))))
        await apply_and_log(log, Seed("ours", (feed("f0", "G"), feed("f1"))))
        await apply_and_log(log, Seed("theirs", (feed("f0"), feed("f1"))))
    assert [{key: value for key, value in line.items() if key not in ("log_level", "hint")} for line in lines] == [
        {"event": "feeds.toml applied", "added": "f0, f1, f2, f3, f4 … (7)"},
        {"event": "feeds.toml applied", "changed": "f0", "removed": "f2, f3, f4, f5, f6"},
        {"event": "feeds kept", "feeds": "f0", "seeds": "ours"},
    ]
    known, _ = await read_feeds(log)
    assert {feed.id for feed in known.values() if not feed.removed} == {"f0", "f1"}
    assert known["f0"].name == "G"


async def test_comparing_publishes_nothing_and_reports_once(log: SqliteLog) -> None:
    said: list[tuple[str, str]] = []
    check = SeedCheck(log, lambda part, why: said.append((part, why)))
    ours = configured("ours", feed("a"))
    for _ in range(2):
        await check.check(ours)
    assert said == [("feeds", "no feed is polled: run `almenara feeds apply`, or add one with `almenara feeds add`")]
    assert await log.ends() == {}
    await apply_and_log(log, ours.seed)
    for _ in range(2):
        await check.check(ours)
    await check.check(configured("theirs", feed("a")))  # polled as it says, by whomever
    assert said[1:] == [("feeds", "")]
    await check.check(configured("theirs", feed("a", "Other"), feed("b")))
    assert said[2][1] == "feeds.toml differs from the feeds on the log: added: b; otherwise in ours: a"


async def test_what_users_do_is_no_difference(log: SqliteLog) -> None:
    said: list[str] = []
    check = SeedCheck(log, lambda _, why: said.append(why))
    ours = configured("ours", feed("a"), feed("b"))
    await apply_and_log(log, ours.seed)
    known, _ = await read_feeds(log)
    more = Feed(id="c", name="C", url="https://c.example/rss", origin="cli")
    await publish_changes(log, [removal(known["a"], origin="cli"), Change("added", more)])
    await check.check(ours)
    assert said == []


async def test_watching_notices_what_is_published(log: SqliteLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "RECHECK", 0.01)
    said: asyncio.Queue[str] = asyncio.Queue()
    check = SeedCheck(log, lambda _, why: said.put_nowait(why))
    ours = configured("ours", feed("a"))
    await check.check(ours)
    assert "no feed is polled" in said.get_nowait()
    watching = asyncio.create_task(check.watch(lambda: ours))
    await apply_and_log(log, ours.seed)
    assert await asyncio.wait_for(said.get(), 10) == ""
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)

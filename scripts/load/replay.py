"""Measures recovery: how fast a new owner reads each state from the log into memory.

That decides how long feeds are not polled when their partition moves, and how long relate stops without a standby.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from agents.health import Health
from agents.skips import Skips
from agents.state import StateReader, StateView
from pipeline.assembly.backends import clock, make_worker_pool
from pipeline.backends.state_sqlite import ArchiveSqlite, StateSqlite
from pipeline.config.settings import Settings
from pipeline.core.feeds.seed import site_key
from pipeline.flow import Ports, build_flow
from pipeline.records import Feed, Known, Story
from pipeline.stage import Out, ReadState, Stage
from pipeline.stages.relate import Relate
from scripts.load.hops import Records
from scripts.load.memory import state_of
from scripts.load.place import Place, Servers, place

FEEDS = 5_000


@dataclass(frozen=True)
class Replay:
    """Per article and per feed: (CPU, elapsed) milliseconds. `known`: bytes of the cache on disk per article."""

    articles: int
    article: tuple[float, float]
    known: float
    feeds: int
    feed: tuple[float, float]


async def measure(servers: Servers, records: Records) -> Replay:
    articles = records["tagged"]
    async with place(servers, "replay") as here:
        await here.preload("tagged", articles)
        async with here.worker("relate") as worker:
            await here.until_done(worker, {"relate": ["tagged"]})
        file = here.folder / "known.sqlite"
        stories = StateSqlite(Story, ":memory:")
        relate = Relate(StateSqlite(Known, file), ArchiveSqlite(":memory:"), stories, Settings().relate.window)
        article = await _timed(lambda: relate.restore(_reader(here, relate)), len(articles))
        await relate.close()
        feed = await _feeds(here)
        return Replay(len(articles), article, file.stat().st_size / len(articles), FEEDS, feed)


async def _feeds(here: Place) -> tuple[float, float]:
    feeds = [Feed(id=f"f{n}", name=f"Feed {n}", url=f"https://news{n % 5000}.example/{n}.xml") for n in range(FEEDS)]
    for first in range(0, FEEDS, 1000):
        part = feeds[first : first + 1000]
        await here.log.publish([Out("feeds", feed.id, feed, by=site_key(feed)) for feed in part])
        await here.log.publish([Out("feed-state", feed.id, state_of(feed.id), by=site_key(feed)) for feed in part])
    configuration = here.configuration
    pool = make_worker_pool(configuration.settings, configuration.rules)
    known, stories = StateSqlite(Known, ":memory:"), StateSqlite(Story, ":memory:")
    ports = Ports(_no_fetch, pool, known, ArchiveSqlite(":memory:"), stories, clock)
    flow = build_flow(ports, configuration.settings, configuration.rules, configuration.alerts, None, {})
    spent = await _timed(lambda: flow.poll.restore(_reader(here, flow.poll)), FEEDS)
    if len(flow.poll.states) != FEEDS:
        raise RuntimeError(f"{len(flow.poll.states)} of {FEEDS} states came back")
    return spent


def _reader(here: Place, stage: Stage) -> ReadState:
    async def publish(dead: Out) -> None:
        raise RuntimeError(f"{dead.key} cannot be read")

    skips = Skips(here.log.replay, Health(clock))
    return StateView(StateReader(stage, here.log, skips, clock, lambda *_: None, publish))


async def _no_fetch(url: str, headers: Any = None, profile: Any = None) -> Any:
    raise RuntimeError("nothing is fetched here")


async def _timed(act: Callable[[], Awaitable[None]], count: int) -> tuple[float, float]:
    started, core = time.perf_counter(), time.process_time()
    await act()
    return 1000 * (time.process_time() - core) / count, 1000 * (time.perf_counter() - started) / count

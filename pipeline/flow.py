"""The stages in order, and how an article passes through them. `stages/` holds each stage, `core/` what it decides.

    feeds ─poll─▶ items ─clean─▶ articles ─tag─▶ tagged ─relate─▶ documents ─┬─index──▶ index
            ▲       └▶ items-later ┘                                │        └─alert──▶ alerts ─notify─▶ channels
            └────────────────── revisits (the one loop) ◀───────────┘
    any stage: a record it cannot handle ─▶ dead

The driver passes each stage the records of the streams that it reads. Poll also does work that no record starts: the
driver polls the feeds that are due (agents/poller.py). Both are counted under `poll`: records as `ok`, `dead` and so
on, polls as `fetch.OUTCOME`, the entries of feeds as `entry.item`, `entry.drop.REASON` and `entry.garbled`.

Backends are passed in behind the protocols of ports.py. The daemon, `demo`, `process` and `bench` build the flow here.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.config.settings import Settings
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.notification.planning.planner import plan_of
from pipeline.core.timing.next_poll import Pacing
from pipeline.core.timing.pace import Pace
from pipeline.core.topics.judge import RuleSet
from pipeline.ports import AgeingCache, Channel, Clock, Fetch, IndexWriter, RobotsStore, StateCache, WorkerPool
from pipeline.records import Known, Story
from pipeline.stage import Stage
from pipeline.stages import alert, clean, index, notify, poll, relate, tag
from pipeline.stages.further_pages import SeveralPages
from pipeline.stages.robots import RobotsCache, RobotsOptions


@dataclass(frozen=True)
class Ports:
    """What the stages use from outside: backends, clock and randomness."""

    fetch: Fetch
    pool: WorkerPool
    known: AgeingCache[Known]
    archive: StateCache[Known]
    stories: AgeingCache[Story]
    clock: Clock
    existing: relate.Existing | None = None
    robots: RobotsStore | None = None  # None: no page is on the network
    monotonic: Callable[[], float] = time.monotonic
    random: Callable[[], float] = random.random


@dataclass(frozen=True)
class ArticleStages:
    """The stages that turn an item into a document."""

    clean: clean.Clean
    tag: tag.Tag
    relate: relate.Relate


@dataclass(frozen=True)
class Flow:
    """All stages. Iterating gives them in order."""

    poll: poll.Poll
    article_stages: ArticleStages
    index: index.Index | None  # None in a worker that does not index
    alert: alert.Alert
    notify: notify.Notify

    def __iter__(self) -> Iterator[Stage]:
        yield self.poll  #            feeds ─▶ items; documents, alerts ─▶ items-later (revisits)
        yield self.article_stages.clean  #   items, items-later ─▶ articles
        yield self.article_stages.tag  #     articles ─▶ tagged
        yield self.article_stages.relate  #  tagged ─▶ documents
        if self.index:
            yield self.index  #       documents ─▶ the index
        yield self.alert  #           documents ─▶ alerts
        yield self.notify  #          alerts ─▶ channels


def build_article_stages(ports: Ports, settings: Settings, rules: RuleSet, pace: Pace) -> ArticleStages:
    """Build the stages that turn an item into a document."""
    options = clean_options(settings)
    return ArticleStages(
        clean.Clean(
            ports.fetch,
            ports.pool,
            pace,
            ports.clock,
            monotonic=ports.monotonic,
            options=options,
            robots=_robots(ports, settings),
        ),
        tag.Tag(ports.pool, rules),
        relate.Relate(ports.known, ports.archive, ports.stories, settings.relate.window, existing=ports.existing),
    )


def _robots(ports: Ports, settings: Settings) -> RobotsCache | None:
    fetch = settings.fetch
    if ports.robots is None or not fetch.robots:
        return None
    options = RobotsOptions(frozenset(fetch.robots_exempt), fetch.robots_delay)
    return RobotsCache(ports.fetch, ports.robots, ports.clock, options)


def clean_options(settings: Settings) -> clean.CleanOptions:
    """The options of the clean stage, from the settings of [clean]."""
    several = SeveralPages(pages=settings.clean.pages)
    return clean.CleanOptions(settings.clean.window, settings.clean.attempts, several=several)


def poll_options(settings: Settings) -> poll.PollOptions:
    """The options of the poll stage, from the settings of [poll]."""
    times = settings.poll
    pacing = Pacing(times.every, times.min_interval, times.max_interval, times.per_site)
    return poll.PollOptions(pacing, times.revisit, times.revisit_late)


def build_flow(
    ports: Ports,
    settings: Settings,
    rules: RuleSet,
    alerts: AlertSet,
    store: IndexWriter | None,
    channels: Mapping[str, Channel],
) -> Flow:
    """Build all stages. Feeds and pages of a site share one pace."""
    pace = Pace(settings.fetch.delay_per_site, settings.fetch.per_domain)
    return Flow(
        poll.Poll(
            ports.fetch,
            ports.pool,
            pace,
            ports.clock,
            random=ports.random,
            monotonic=ports.monotonic,
            options=poll_options(settings),
        ),
        build_article_stages(ports, settings, rules, pace),
        index.Index(store) if store else None,
        alert.Alert(alerts),
        notify.Notify(plan_of(alerts), channels, ports.clock, ports.random),
    )

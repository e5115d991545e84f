"""Looks up what a new alert rule would have found in the last day, so that notify reports it as one summary.

Nothing decides by the index: the articles found there become alerts on the log, with the ids that they would have had
in time, so an article is reported once whichever way it came. Only where notify runs, and after a kill again from the
start, until notify has noted that the rule has started.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
import structlog

from pipeline.assembly.backends import clock, index_place
from pipeline.assembly.wiring import Pipeline
from pipeline.core.alerts.firing import AlertSet
from pipeline.ports import Clock, Index, Log
from pipeline.records import AlertRequest
from pipeline.reports.matching import matching
from pipeline.requests.alerts import REQUESTS, publish_requests
from pipeline.stage import Out

AT_ONCE = 200  # alerts published at once
OTHERS = 30.0  # seconds in which every worker has noticed a changed configuration
VISIBLE = 5.0  # seconds after which Elasticsearch finds what was written; it is one (refresh_interval)

logger = structlog.get_logger("almenara")

Ends = Mapping[tuple[str, int], int]


@dataclass(slots=True)
class Batch:
    """New rules that are looked up together, and how far that is: what must be done before each next step."""

    keys: tuple[str, ...]
    since: datetime  # when they were noticed
    documents: Ends | None = None  # to be in the index first
    indexed: datetime | None = None  # when they were; searches find them a little later
    alerts: Ends | None = None  # published; notify must have taken them first
    requests: Ends | None = None  # published; then notify knows the rules


@dataclass(slots=True)
class NewRules:
    """Call `look` every few seconds.

    `unstarted`: keys of the rules that notify does not know yet; none where another process runs it. `past`: seconds
    of which the articles are reported. `settle`: seconds until other workers use the new rules too. `visible`: seconds
    until searches find what was indexed.
    """

    log: Log
    index: Callable[[], Awaitable[Index | None]]  # None: there is nothing to search
    close: Callable[[Index], Awaitable[None]]
    unstarted: Callable[[], tuple[str, ...]]
    rules: Callable[[], AlertSet]
    clock: Clock
    past: float
    settle: float = 0.0
    visible: float = 0.0
    _batch: Batch | None = field(default=None, init=False)

    async def look(self) -> None:
        """Go on with the new rules, as far as that is possible without waiting. Raises Unavailable."""
        keys = self.unstarted()
        if self._batch is not None and not set(self._batch.keys) <= set(keys):
            self._batch = None  # they have started, or are gone
        if not keys:
            return
        batch = self._batch = self._batch or Batch(keys, self.clock())
        if (self.clock() - batch.since).total_seconds() < self.settle:
            return
        batch.documents = batch.documents or await self._ends("documents")
        if not await self._done("index", batch.documents):
            return  # an article that the old rules judged may not be indexed yet
        batch.indexed = batch.indexed or self.clock()
        if (self.clock() - batch.indexed).total_seconds() < self.visible:
            return
        if batch.alerts is None:
            await self._publish(batch.keys)
            batch.alerts = await self._ends("alerts")
        if batch.requests is None and await self._done("notify", batch.alerts):
            await publish_requests(self.log, [AlertRequest(at=self.clock(), started=key) for key in batch.keys])
            batch.requests = await self._ends(REQUESTS)
        elif batch.requests is not None and await self._done("notify", batch.requests):
            self._batch = None

    async def _publish(self, keys: tuple[str, ...]) -> None:
        """Publish the alerts of the past."""
        now, whole = self.clock(), self.rules()
        rules = [rule for rule in whole.rules if rule.key in keys and not rule.counts]
        index = await self.index() if rules and self.past else None
        if index is None:
            return
        found = AlertSet(rules, whole.channels, whole.reader)
        published = 0
        try:
            since, until = now - timedelta(seconds=self.past), now + timedelta(seconds=1)
            articles = matching(index, rules, found.fire, since, until, lambda done, total: None)
            outs: list[Out] = []
            async with aclosing(articles) as fired:
                async for alerts in fired:
                    # The hash is that of all rules, as if the alert had come in time.
                    late = (msgspec.structs.replace(alert, backlog=True, rules=whole.hash) for alert in alerts)
                    outs += [Out("alerts", alert.rule, alert) for alert in late]
                    if len(outs) >= AT_ONCE:
                        await self.log.publish(outs)
                        published, outs = published + len(outs), []
            await self.log.publish(outs)
            published += len(outs)
        finally:
            await self.close(index)
        if published:
            logger.info("new rules looked up", rules=", ".join(keys[:5]), articles=published)

    async def _ends(self, stream: str) -> Ends:
        return {place: end for place, end in (await self.log.ends()).items() if place[0] == stream}

    async def _done(self, group: str, ends: Ends) -> bool:
        groups = await self.log.groups()
        return all(groups.get((group, *place), 0) >= end for place, end in ends.items())


def new_rules_of(pipeline: Pipeline) -> NewRules:
    """What looks up the new rules of a running pipeline; it does nothing where notify does not run."""
    settings, opened = pipeline.configuration.settings, pipeline.index
    place = index_place(settings)

    async def give() -> Index | None:
        if opened is not None:
            return opened
        return await place.open(write=False) if place.exists() else None

    async def close(index: Index) -> None:
        if index is not opened:
            await index.close()

    return NewRules(
        pipeline.workers, give, close, pipeline.flow.notify.unstarted, lambda: pipeline.configuration.alerts, clock,
        settings.alerts.past, *((OTHERS, VISIBLE) if pipeline.shared else (0.0, 0.0)),
    )  # fmt: skip

"""Feeds of feeds.toml in a running process: which seed they are, applying them, or only comparing them with the log.

In the embedded deployment the daemon applies them. On a broker `almenara feeds apply` does, and workers only compare.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from pipeline.assembly.backends import sqlite_path
from pipeline.config.folder import Configuration
from pipeline.core.feeds.changes import Plan
from pipeline.core.feeds.seed import Seed, plan_of
from pipeline.log.feeds import apply_seed, read_feeds
from pipeline.ports import Log
from pipeline.stage import Unavailable

RECHECK = 5.0  # seconds between two looks whether feeds were published
SHOWN = 5  # ids in a log line

logger = structlog.get_logger("almenara")


def embedded_seed(seed: Seed, folder: Path, log: Path) -> Seed:
    """The seed with a name. Without one in the file, the place of the folder as seen from the log's folder.

    So two folders that use one log differ; and a container, or folders that are moved together, stay the same.
    """
    return replace(seed, name=seed.name or os.path.relpath(folder.resolve(), log.resolve().parent))


def shared_seed(seed: Seed, folder: Path, host: str | None = None) -> Seed:
    """The seed with a name, for a log that any host may use. Without one in the file, host and folder.

    Rather too different than too equal: in two containers everything can be at the same path. A seed that is taken for
    another one leaves feeds as they are and says so; one that is taken for the same could remove another team's.
    """
    return replace(seed, name=seed.name or f"{host or socket.gethostname()}:{folder.resolve()}")


async def apply_feeds(log: Log, configuration: Configuration) -> None:
    """Apply feeds.toml to the embedded log. Raises Unavailable."""
    file = sqlite_path(configuration.settings)
    await apply_and_log(log, embedded_seed(configuration.seed, configuration.folder, file))


async def apply_and_log(log: Log, seed: Seed) -> None:
    """Publish what differs from the feeds on the log, and log what that was. Raises Unavailable."""
    plan = await apply_seed(log, seed)
    if plan.changes:
        logger.info("feeds.toml applied", **_summary(plan))
    if plan.disputed:
        logger.warning(
            "feeds kept",
            **_disputed(plan),
            hint="another feeds.toml published them: see `almenara feeds apply --dry-run`",
        )


def _summary(plan: Plan) -> dict[str, Any]:
    """Kind of change -> how many feeds, and the first ids."""
    counts = Counter(change.kind for change in plan.changes)
    return {kind: _some([c.feed.id for c in plan.changes if c.kind == kind]) for kind in counts}


def _disputed(plan: Plan) -> dict[str, Any]:
    return {
        "feeds": _some([kept.listed.id for kept in plan.disputed]),
        "seeds": ", ".join(sorted({kept.held.seed or "unnamed" for kept in plan.disputed})),
    }


def _some(ids: list[str]) -> str:
    more = f" … ({len(ids)})" if len(ids) > SHOWN else ""
    return ", ".join(ids[:SHOWN]) + more


class SeedCheck:
    """Compares the feeds.toml of a worker with the feeds on the log, and reports when they begin to differ or agree.

    `report` gets "feeds" and how they differ, "" when they no longer do.
    """

    def __init__(self, log: Log, report: Callable[[str, str], None]) -> None:
        self._log, self._report = log, report
        self._said = ""
        self._ends: dict[int, int] | None = None  # of the partitions of `feeds` when they were last read

    async def check(self, configuration: Configuration) -> None:
        """Compare once. Raises Unavailable."""
        seed = shared_seed(configuration.seed, configuration.folder)
        self._ends = await self._end()
        known, _ = await read_feeds(self._log)
        why = difference(plan_of(known, seed), polled=any(feed.enabled and not feed.removed for feed in known.values()))
        if why == self._said:
            return
        self._said = why
        self._report("feeds", why)
        if why:
            logger.warning("feeds differ", why=why, hint="compare with `almenara feeds apply --dry-run`")
        else:
            logger.info("feeds agree", feeds=len(seed.feeds))

    async def watch(self, current: Callable[[], Configuration]) -> None:
        """Compare whenever feeds were published, with the configuration that is in force then."""
        while True:
            await asyncio.sleep(RECHECK)
            try:
                if await self._end() != self._ends:
                    await self.check(current())
            except Unavailable:
                self._ends = None  # the stages report it

    async def _end(self) -> dict[int, int]:
        return {place: end for (stream, place), end in (await self._log.ends()).items() if stream == "feeds"}


def difference(plan: Plan, *, polled: bool) -> str:
    """How feeds.toml differs from the feeds on the log, in one line, or "". `polled`: whether any feed is."""
    parts = [f"{kind}: {ids}" for kind, ids in _summary(plan).items()]
    if plan.disputed:
        parts.append("otherwise in {seeds}: {feeds}".format(**_disputed(plan)))
    if not polled:
        return "no feed is polled: run `almenara feeds apply`, or add one with `almenara feeds add`"
    return f"feeds.toml differs from the feeds on the log: {'; '.join(parts)}" if parts else ""

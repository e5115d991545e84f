"""Reads from the log what `almenara status` reports, whatever the streams hold; what cannot be read is named."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from pipeline.log.groups import all_groups
from pipeline.log.heartbeats import heartbeats_since, tail
from pipeline.log.incarnations import created_again
from pipeline.log.kinds import BrokerLog, EmbeddedLog
from pipeline.log.reading import Unreadable, read_newest
from pipeline.ports import Log
from pipeline.records import AlertState, Delivery, Dropped, Feed, FeedState, Heartbeat, Record
from pipeline.reports.dead import DeadRecords, read_dead
from pipeline.reports.losses import read_dropped
from pipeline.reports.problems.finding import Broker, Key, Seen
from pipeline.stage import Position, Unavailable

R = TypeVar("R", bound=Record)
T = TypeVar("T")
NAMED = 3  # records that are named of each stream
HEARTBEATS = 10_000  # offsets from the end in which heartbeats are looked for: those of an hour, of ten workers
TWICE = 2.0  # seconds after which missing owners are looked for again: a group may just be sharing out its partitions


async def see_embedded(log: EmbeddedLog, now: datetime) -> Seen:
    """What the embedded log says. Raises Unavailable if it cannot be read at all."""
    with log.snapshot():  # otherwise a running daemon would seem not to add up
        counters, committed = log.counters(), await log.groups()
        lags, stored = log.lag(now), log.stored()
    ends = await log.ends()
    seen = Seen(now, counters=counters, committed=committed, lags=lags, stored=stored, ends=ends)
    return await _with_records(log, seen)


async def see_broker(log: BrokerLog, now: datetime) -> Seen:
    """What a broker says. Raises Unavailable if it cannot be read, or has none of the streams."""
    faults, ends = await log.faults(), await log.ends()
    if not ends:
        raise Unavailable("\n".join(faults))
    # At the same time: each is a few requests, one after the other, to a broker that may be busy.
    reading = asyncio.create_task(_with_records(log, Seen(now, embedded=False)))
    try:
        recreated, committed, lags, starts, held = await asyncio.gather(
            _recreated(log), log.groups(), log.lag(now, all_groups()), log.starts(), _held(log, frozenset(ends))
        )
        return replace(
            await reading, committed=committed, lags=lags, ends=ends, starts=starts,
            broker=Broker(frozenset(ends), held, (*faults, *recreated)),
        )  # fmt: skip
    finally:
        reading.cancel()


async def _recreated(log: BrokerLog) -> tuple[str, ...]:
    """A line for each stream that was created again and not repaired."""
    with suppress(Unavailable):  # the stream that remembers them is missing, which is a fault of its own
        lost = await created_again(log)
        return tuple(f"stream {name} was recreated: what was on it before is missing" for name in lost)
    return ()


async def _held(log: BrokerLog, places: frozenset[tuple[str, int]]) -> dict[Key, str]:
    """Which worker holds each partition; looked up again if one is free, since a group may be rebalancing."""
    held = await log.workers()
    wanted = {(group, *place) for group, streams in all_groups().items() for place in places if place[0] in streams}
    if held and not wanted <= held.keys():
        await asyncio.sleep(TWICE)
        held |= await log.workers()
    return held


async def _with_records(log: Log, seen: Seen) -> Seen:
    """The same, with feeds, alerts, dead records and heartbeats."""
    unreadable: dict[str, str] = {}
    bad: list[Unreadable] = []

    async def guarded(stream: str, read: Callable[[], Awaitable[T]], otherwise: T) -> T:
        try:
            return await read()
        except Unavailable as error:
            unreadable[stream] = str(error)
            return otherwise

    async def newest(stream: str, kind: type[R]) -> dict[str, R]:
        empty: tuple[dict[str, R], list[Unreadable]] = ({}, [])
        found, odd = await guarded(stream, lambda: read_newest(log, stream, kind), empty)
        bad.extend(odd)
        return found

    silence: tuple[Heartbeat, ...] = ()
    none: tuple[Dropped, ...] = ()
    beats, dead, dropped, feeds, states, notified = await asyncio.gather(
        guarded("workers", lambda: read_beats(log), silence),
        guarded("dead", lambda: read_dead(log), DeadRecords({}, set())),
        guarded("dropped", lambda: read_dropped(log), none),
        newest("feeds", Feed), newest("feed-state", FeedState),
        asyncio.gather(newest("alert-state", AlertState), newest("deliveries", Delivery)),
    )  # fmt: skip
    alerts, deliveries = notified
    ended = {Position(record.stream, record.partition, record.offset) for record in dead.kept.values()}
    bad = [one for one in (*bad, *dead.unreadable) if one.at not in ended]
    return replace(
        seen, beats=beats, feeds=feeds, feed_states=states, dropped=dropped, alerts=tuple(alerts.values()),
        deliveries=tuple(deliveries.values()),
        dead_kept=len(dead.kept),
        dead=tuple(record for number, record in dead.kept.items() if number not in dead.replayed),
        unreadable={**_named(bad), **unreadable},
    )  # fmt: skip


def _named(bad: Sequence[Unreadable]) -> dict[str, str]:
    """By stream, the records that cannot be read and have no dead record."""
    found: dict[str, str] = {}
    for stream in {one.at.stream: None for one in bad}:
        ours = [one for one in bad if one.at.stream == stream]
        named = ", ".join(f"{one.at} ({one.why[:100]})" for one in ours[:NAMED])
        more = f" and {len(ours) - NAMED} more" if len(ours) > NAMED else ""
        found[stream] = f"{len(ours)} records cannot be read: {named}{more}"
    return found


async def read_beats(log: Log) -> tuple[Heartbeat, ...]:
    """The newest heartbeat of each process, in the order of the log. Raises Unavailable."""
    found: dict[tuple[str, str], Heartbeat] = {}
    async for _, beat in heartbeats_since(log, await tail(log, HEARTBEATS)):
        found.pop((beat.instance, beat.process), None)
        found[beat.instance, beat.process] = beat
    return tuple(found.values())

"""Finds out what the groups of a broker have not done: what waits, what is planned for later, what is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from aiokafka import TopicPartition

from pipeline.backends.log_kafka.reader import Reader
from pipeline.ports import Lag, Stream

Key = tuple[str, str, int]  # group, stream, partition
Place = tuple[str, int]  # stream, partition
Offsets = Mapping[Place, int]


def expected(readers: Mapping[str, Collection[str]], committed: Mapping[Key, int], starts: Offsets) -> dict[Key, int]:
    """The committed offsets; a partition that a group reads but never committed counts from the start."""
    wanted = {
        (group, *place): start
        for group, streams in readers.items() for place, start in starts.items() if place[0] in streams
    }  # fmt: skip
    return wanted | dict(committed)


def lag_of(at: int, start: int, end: int, due: int | None) -> Lag:
    """The lag of a group whose next message is `at`. `due`: the offset of the first message that is not due yet."""
    if at > end:  # a consumer reads such a stream from its start
        return replace(lag_of(start, start, end, due), beyond=at - end)
    first = max(at, start)
    planned = 0 if due is None else end - min(max(due, first), end)
    return Lag(end - first - planned, planned, deleted=max(0, start - at))


class Lags:
    """Reads lags from a broker. `prefix` of its topics."""

    def __init__(self, reader: Reader, prefix: str, streams: Mapping[str, Stream]) -> None:
        self._reader, self._prefix, self._streams = reader, prefix, streams

    async def read(self, committed: Mapping[Key, int], starts: Offsets, ends: Offsets, now: datetime) -> dict[Key, Lag]:
        """The lag of each group and partition. Raises Unavailable."""
        due = await self._due(ends, now)
        found = {
            key: lag_of(at, starts[key[1:]], ends[key[1:]], due.get(key[1:]))
            for key, at in committed.items()
            if key[1:] in ends
        }
        return found | await self._with_oldest({key: lag for key, lag in found.items() if lag.waiting}, committed)

    async def _due(self, ends: Offsets, now: datetime) -> dict[Place, int]:
        """Of the delayed streams, by partition, the offset of the first message that is not due at `now`.

        All messages of a partition have the same delay, and the broker notes when each was written.
        """
        moments = {
            (name, number): now - timedelta(seconds=delay)
            for name, stream in self._streams.items() for number, delay in enumerate(stream.delays)
            if (name, number) in ends
        }  # fmt: skip
        found = await self._reader.written_since({self._topic(place): at for place, at in moments.items()})
        return {place: found.get(self._topic(place), ends[place]) for place in moments}

    async def _with_oldest(self, waiting: Mapping[Key, Lag], committed: Mapping[Key, int]) -> dict[Key, Lag]:
        """The lags with `oldest`: the moment at which the first record that waits was written or due."""
        groups = {key[0] for key in waiting}  # several read the same partition, each from its own offset
        found = await asyncio.gather(*(self._first_of(group, waiting, committed) for group in groups))
        return {key: lag for lags in found for key, lag in lags.items()}

    async def _first_of(self, group: str, waiting: Mapping[Key, Lag], committed: Mapping[Key, int]) -> dict[Key, Lag]:
        keys = {self._topic(key[1:]): key for key in waiting if key[0] == group}
        first = await self._reader.first(
            {topic: 0 if waiting[key].beyond else committed[key] for topic, key in keys.items()}
        )
        found = {}
        for topic, written in first.items():
            key = keys[topic]
            delays = self._streams[key[1]].delays
            wait = timedelta(seconds=delays[key[2]] if key[2] < len(delays) else 0)
            found[key] = replace(waiting[key], oldest=written + wait)
        return found

    def _topic(self, place: Place) -> TopicPartition:
        return TopicPartition(self._prefix + place[0], place[1])

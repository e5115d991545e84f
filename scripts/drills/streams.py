"""Drills on streams that are deleted and created again while workers use them, and on state that is lost."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from pipeline.records import Item
from pipeline.stage import Out
from scripts.drills.distributed import Distributed
from scripts.drills.drill import Drill, Missed
from scripts.drills.watching import until

GONE = 20.0  # seconds until the broker has deleted a stream
QUIET = 60.0  # seconds until everything published so far was handled
CORRECTED = 20  # articles that are corrected after state was lost


@asynccontextmanager
async def recreated(stand: Distributed, streams: Sequence[str]) -> AsyncIterator[None]:
    """Deleted and created again while nothing is on its way, so that what was on them is no loss."""
    await until(lambda: not stand.undelivered(range(stand.desk.published)), QUIET, "some articles were not delivered")
    await until(stand.at_rest, QUIET, "some records were not handled")
    await delete(stand, streams)
    await _ran(stand, "streams", "create")
    stand.caused = time.monotonic()
    yield
    for machine in stand.machines:
        await machine.stop()
    await _ran(stand, "streams", "repair")
    if "feeds" in streams:
        await _ran(stand, "feeds", "apply", "--yes")
    for machine in stand.machines:
        await machine.start()


async def delete(stand: Distributed, streams: Sequence[str]) -> None:
    topics = [stand.log.options.prefix + stream for stream in streams]
    admin = AIOKafkaAdminClient(bootstrap_servers=list(stand.log.options.servers))
    await admin.start()
    try:
        await admin.delete_topics(topics)

        async def gone() -> bool:
            return not set(topics) & set(await admin.list_topics())

        await until(gone, GONE, "the broker did not delete the streams")
    finally:
        await admin.close()


async def _ran(stand: Distributed, *command: str) -> str:
    code, out, err = await stand.almenara(*command)
    if code:
        raise Missed(f"`almenara {' '.join(command)}` ended with {code}: {(out + err)[-300:]}")
    return out


@asynccontextmanager
async def state_lost(stand: Distributed) -> AsyncIterator[None]:
    """What relate remembers is no longer on its streams; `almenara rebuild-state` restores it."""
    relate = stand.machine("relate")
    await relate.stop()
    await _empty(stand, ("known", "fingerprints"))
    await relate.start()
    stand.desk.published += 1  # it looks when it decides about the next article
    await until(lambda: "state lost" in relate.said(), QUIET, "relate did not say that its state is lost")
    stand.caused = time.monotonic()
    yield
    await relate.stop()
    await _ran(stand, "rebuild-state")
    await relate.start()


async def _empty(stand: Distributed, streams: Sequence[str]) -> None:
    """Delete all records of the streams, which stay."""
    admin = AIOKafkaAdminClient(bootstrap_servers=list(stand.log.options.servers))
    await admin.start()
    try:
        ends = await stand.log.ends()
        places = {
            TopicPartition(stand.log.options.prefix + stream, n): RecordsToDelete(before_offset=end)
            for (stream, n), end in ends.items()
            if stream in streams
        }
        await admin.delete_records(places)
    finally:
        await admin.close()


async def corrections_arrive(stand: Distributed) -> None:
    """Articles from before the loss are corrected: each correction is a second version, and none is refused as old."""
    numbers = range(min(CORRECTED, stand.desk.published))
    stand.desk.corrected.update(numbers)
    seen = datetime.now(UTC)
    for number in numbers:
        url = stand.desk.url_of(number)
        item = Item(feed=f"room{number % 2}", source="Newsroom", url=url, seen=seen, revisit=1)
        await stand.log.publish([Out("items", url.split("/")[2], item)])

    async def versions() -> bool:
        documents = await stand.cluster.indexed()
        newest = {int(one.article.url.rsplit("/", 1)[1]): one.relation.version for one in documents}
        return all(newest[number] == 2 for number in numbers)

    await until(versions, QUIET, "not every correction was indexed")
    await until(stand.at_rest, QUIET, "some records were not handled")


def drills() -> list[Drill[Distributed]]:
    groups = {
        "work": ("items", "articles", "tagged", "documents", "alerts"),
        "state": ("known", "fingerprints", "alert-state", "messages", "deliveries", "mutes", "alert-rhythms"),
        "feeds": ("feeds", "feed-state", "outcomes"),
        "rest": ("items-later", "items-backfill", "articles-backfill", "dead", "control", "workers", "alert-requests"),
    }
    return [
        Drill(
            "lost-state", "`known` and `fingerprints` are emptied, then rebuilt; 20 corrections", state_lost,
            status="^(state known|state fingerprints|relate: failing)", health="relate: relate: failing",
 afterwards=corrections_arrive,
        ),
        *(
            Drill(
                f"recreate-{name}", f"deleted and created again: {', '.join(streams)}",
                partial(recreated, streams=streams), status="^stream .*: recreated", last=True,
            )
            for name, streams in groups.items()
        ),
    ]  # fmt: skip

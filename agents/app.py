"""Builds the Faust app of a consumer group: no tables, no web server, and commits that never run ahead of the work.

Faust's own commit follows acknowledged offsets. It skips a gap of one offset, and any gap before the first commit;
counts messages skipped in a rebalance as done; takes a failed commit for a successful one; and crashes the app when the
broker is unavailable. So `_Consumer.commit` commits only what a window has finished, and retries a failed commit.
Faust's `pause_partitions` loses messages that were fetched but not yet delivered. So `_Consumer.full` only stops
fetching, and what was fetched is still delivered.

After a rebalance, Faust goes back to the committed offsets, because messages may have been fetched meanwhile. Where
nothing was committed yet it stays where it is, after those messages; and it may deliver messages while it goes back. So
`_Thread._seek` goes to the beginning where nothing is committed, and `_Consumer.getmany` and `perform_seek` take turns.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import faust
import structlog
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

COMMIT = 0.5  # seconds between commits: as much work is repeated after a crash
FETCH = 64  # messages fetched at once, so that few wait in memory
RECHECK = 0.1  # seconds between checks whether a full partition has room again

logger = structlog.get_logger("agents")


class _Thread(driver.AIOKafkaConsumerThread):
    """Commits offsets with the id of the topic that they belong to, and starts a topic that was created again from its
    beginning: its offsets begin at 0 again, so those of the deleted one would skip records."""

    def _incarnation(self, tp: Any) -> str:
        return str(cast(App, self.app).incarnations.get(tp.topic, ""))

    async def seek_to_committed(self) -> Mapping[TP, int]:
        return cast(Mapping[TP, int], await self.call_thread(self._seek))

    async def _seek(self) -> Mapping[TP, int | None]:
        """Go to the committed offsets, and return them; to the beginning where nothing is committed, and where they
        are of another topic, or beyond the end of a partition that was cut off."""
        consumer = self._ensure_consumer()
        positions: dict[TP, int | None] = await consumer.seek_to_committed()
        if new := [tp for tp, at in positions.items() if not at]:
            for tp, start in (await consumer.beginning_offsets(new)).items():
                consumer.seek(tp, start)
        committed = await consumer._coordinator.fetch_committed_offsets(list(positions))  # `committed` has no metadata
        ends = await consumer.end_offsets(list(positions))
        for tp, at in committed.items():
            other = at.metadata and self._incarnation(tp) and at.metadata != self._incarnation(tp)
            if other or at.offset > ends[tp]:
                start = (await consumer.beginning_offsets([tp]))[tp]
                consumer.seek(tp, start)
                positions[tp] = start
                cast(_Consumer, self.consumer).restarted[TP(*tp)] = start
                logger.warning(
                    "reading a stream from its beginning", group=self.app.conf.id, topic=tp.topic,
                    partition=tp.partition, committed=at.offset, end=ends[tp], start=start,
                    why="it was deleted and created again" if other else "it ends before the committed offset",
                )  # fmt: skip
        return positions

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Commit; return whether the broker accepted it. If not, the offsets are part of the next commit."""
        consumer = self._ensure_consumer()
        held = self.assignment()
        wanted = {
            TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(offset, self._incarnation(tp))
            for tp, offset in offsets.items()
            if tp in held
        }
        try:
            if wanted:
                await consumer.commit(wanted)
        except (KafkaError, IllegalStateError) as error:
            logger.warning("commit failed", group=self.app.conf.id, error=repr(error), next_try=COMMIT)
            return False
        return True


class _Consumer(driver.Consumer):
    """Commits what is `done`: by partition, the offset of the first unfinished message. Does not fetch from partitions
    that are `full`.

    `positioned` is set when the consumer is at the committed offsets of its partitions: from then on messages come in
    order. Earlier messages may belong to a former assignment; `on_positioned` is called to drop them.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.done: dict[TP, int] = {}
        self.full: set[TP] = set()
        self.positioned = asyncio.Event()
        self.on_positioned: Callable[[], object] = lambda: None
        self._committed: dict[TP, int] = {}
        self.restarted: dict[TP, int] = {}  # partitions that are read from their beginning, and where that is
        self._turn = asyncio.Lock()  # held while messages are fetched and delivered, and while positions are set

    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    def forget(self) -> None:
        """Forget the partitions, which were revoked."""
        self.done.clear()
        self.full.clear()
        self._committed.clear()
        self.positioned.clear()

    async def perform_seek(self) -> None:
        async with self._turn:
            self.restarted.clear()
            await super().perform_seek()
            self.forget()
            self.done.update(self.restarted)  # committed, so that the old offset is not there at the next start
            self.on_positioned()
            self.positioned.set()

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:
        if not self.flow_active:
            await self.wait(self.can_resume_flow.wait())  # not in turn: `perform_seek` comes first
        async with self._turn:
            if self.flow_active:
                async for tp, message in super().getmany(timeout):
                    yield tp, message

    async def _wait_next_records(self, timeout: float) -> Any:
        """The next messages; none in a rebalance, which ends with `perform_seek`, so that they are fetched again."""
        records, active = await super()._wait_next_records(timeout)
        return (records if self.flow_active else None), active

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        wanted = (active_partitions or set()) - self.full
        if not wanted:
            await asyncio.sleep(RECHECK)
            return {}
        return await super()._getmany(wanted, RECHECK if self.full else timeout)

    async def verify_all_partitions_active(self) -> None:
        """Report no partition that is slow or waits: waiting is by design, and agents/watchdog.py finds stalls."""

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        offsets = {tp: offset for tp, offset in self.done.items() if self._committed.get(tp) != offset}
        if not offsets or not await self._thread.commit(offsets):
            return False
        self._committed.update(offsets)
        self.app.monitor.on_tp_commit(offsets)
        return True

    force_commit = commit


class _Transport(driver.Transport):
    Consumer = _Consumer


class App(faust.App):
    incarnations: Mapping[str, str] = {}  # by name, the ids of the topics as the worker knows them

    def _new_transport(self) -> _Transport:
        return _Transport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """Create no directories: they are for tables, and the working directory may not be writable."""

    @property
    def committing(self) -> _Consumer:
        """The consumer, with its type."""
        return cast(_Consumer, self.consumer)


@dataclass(frozen=True, slots=True)
class Broker:
    """How to connect to the broker. `instance`: the name of this worker, which stays the same after a restart (static
    membership).
    `session`: seconds without a heartbeat after which a worker counts as gone."""

    servers: tuple[str, ...]  # host:port
    prefix: str  # of consumer groups
    instance: str
    session: float = 10.0
    tls: ssl.SSLContext | None = None
    mechanism: str = ""  # of SASL
    username: str = ""
    password: str = field(default="", repr=False)


def make_app(group: str, broker: Broker) -> App:
    """The app of the consumer group `group`."""
    return App(
        broker.prefix + group,
        broker=[f"aiokafka://{server}" for server in broker.servers],
        broker_credentials=_credentials(broker),
        store="memory://",
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        processing_guarantee="at_least_once",
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=broker.instance,
        broker_session_timeout=broker.session,
        broker_heartbeat_interval=min(3.0, broker.session / 4),
        broker_request_timeout=max(40.0, broker.session + 10),
        broker_commit_interval=COMMIT,
        broker_max_poll_records=FETCH,
        broker_max_poll_interval=86400.0,  # a full window fetches nothing, for example while Elasticsearch is down
    )


def _credentials(broker: Broker) -> Any:
    if broker.mechanism:
        return faust.SASLCredentials(
            username=broker.username, password=broker.password, mechanism=broker.mechanism, ssl_context=broker.tls
        )
    return faust.SSLCredentials(broker.tls) if broker.tls else None

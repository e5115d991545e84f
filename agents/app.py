"""A Faust app as every agent here uses it: one consumer group, no tables, no web server, commits that never run ahead.

Faust's own commit goes by acknowledged offsets: it passes over a gap of one, over any gap before the first commit,
counts messages skipped in a rebalance as done, takes a failed commit for a successful one, and crashes the app when the
broker is away. So `commit` here commits only what a window says is done, and again when it failed. Its own
`pause_partitions` throws away what was fetched and not yet handed on: those messages would never come. So `full` here
asks for no more of a partition, and hands on what is there.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import faust
import structlog
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

COMMIT = 0.5  # seconds between commits: what a crash makes a worker do again
FETCH = 64  # messages brought at once, so that what waits in memory stays small
AGAIN = 0.1  # seconds between looks whether a partition that was full has room

logger = structlog.get_logger("agents")


class _Thread(driver.AIOKafkaConsumerThread):
    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Whether the broker took them. What it did not take is committed with the next."""
        consumer = self._ensure_consumer()
        held = self.assignment()
        wanted = {
            TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(offset, "")
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
    """`done`: partition -> offset of the first message that is not finished. `full`: partitions to bring no more of.

    `sought` is set when it stands at the committed offsets of its partitions: what comes from then on is of them, in
    order. What came before may belong to an assignment that is no more; `begin` is called to have it dropped.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.done: dict[TP, int] = {}
        self.full: set[TP] = set()
        self.sought = asyncio.Event()
        self.begin: Callable[[], object] = lambda: None
        self._told: dict[TP, int] = {}

    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    def forget(self) -> None:
        """The partitions are gone."""
        self.done.clear()
        self.full.clear()
        self._told.clear()
        self.sought.clear()

    async def perform_seek(self) -> None:
        await super().perform_seek()
        self.forget()
        self.begin()
        self.sought.set()

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        wanted = (active_partitions or set()) - self.full
        if not wanted:
            await asyncio.sleep(AGAIN)
            return {}
        return await super()._getmany(wanted, AGAIN if self.full else timeout)

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        offsets = {tp: offset for tp, offset in self.done.items() if self._told.get(tp) != offset}
        if not offsets or not await self._thread.commit(offsets):
            return False
        self._told.update(offsets)
        self.app.monitor.on_tp_commit(offsets)
        return True

    force_commit = commit


class _Transport(driver.Transport):
    Consumer = _Consumer


class App(faust.App):
    def _new_transport(self) -> _Transport:
        return _Transport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """None: they are for tables, and where a worker was started it may not be allowed to write."""

    @property
    def committing(self) -> _Consumer:
        """The consumer, to be told what is done."""
        return cast(_Consumer, self.consumer)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where and as whom. `instance` is the same after a restart (static membership), `session` seconds of silence after
    which a worker counts as gone."""

    servers: tuple[str, ...]  # host:port
    prefix: str  # of consumer groups
    instance: str
    session: float = 10.0
    tls: ssl.SSLContext | None = None
    mechanism: str = ""  # of SASL
    username: str = ""
    password: str = field(default="", repr=False)


def make_app(group: str, broker: Broker) -> App:
    """An app of the consumer group `group`."""
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
        broker_commit_livelock_soft_timeout=3600.0,  # the watchdog of worker.py looks after this
        broker_max_poll_records=FETCH,
        broker_max_poll_interval=86400.0,  # a full window asks for nothing for as long as Elasticsearch is down
    )


def _credentials(broker: Broker) -> Any:
    if broker.mechanism:
        return faust.SASLCredentials(
            username=broker.username, password=broker.password, mechanism=broker.mechanism, ssl_context=broker.tls
        )
    return faust.SSLCredentials(broker.tls) if broker.tls else None

"""The distributed stand: workers that share the stages, on a real broker and a real Elasticsearch behind a proxy."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.backends.log_kafka import KafkaLog
from pipeline.stage import Unavailable
from scripts.drills.front import Front
from scripts.drills.hook import Hook
from scripts.drills.press import Press
from scripts.drills.stand import Stand, number
from tests.agents.cluster import Cluster
from tests.agents.machines import POINTS, STAGES, Machine
from tests.services.servers import Elasticsearch, Kafka

WATCHDOG = 8.0  # seconds; outages are longer


@dataclass(frozen=True)
class Servers:
    kafka: Kafka
    elasticsearch: Elasticsearch


class Distributed(Stand):
    """Its `machines` are workers. `front` is the proxy through which they reach Elasticsearch."""

    def __init__(self, cluster: Cluster, desk: Press, hook: Hook, servers: Servers, front: Front) -> None:
        super().__init__(cluster.folder, desk, hook)
        self.cluster, self.servers, self.front = cluster, servers, front

    @property
    def log(self) -> KafkaLog:
        assert self.cluster.log
        return self.cluster.log

    def add(self, name: str, only: tuple[str, ...] = STAGES, instance: str = "") -> Machine:
        """A worker that is not started. `instance`: its name, if that differs from its folder's."""
        machine = self.cluster.machine(name, only, WATCHDOG)
        self.configure(machine)
        if instance:
            settings = machine.config / "almenara.toml"
            settings.write_text(settings.read_text().replace(f'instance = "{name}"', f'instance = "{instance}"'))
        return machine

    async def indexed(self) -> Counter[int]:
        return Counter(number(document.article.url) for document in await self.cluster.indexed())

    async def at_rest(self) -> bool:
        try:
            return not any(count > 0 for count in (await self.cluster.behind()).values())
        except Unavailable:
            return False


@asynccontextmanager
async def distributed(
    folder: Path, servers: Servers, kinds: Iterable[tuple[str, ...]] = POINTS
) -> AsyncIterator[Distributed]:
    """New streams, indices and workers on the servers, at work. `kinds`: the stages of each worker."""
    async with AsyncExitStack() as stack:
        desk, hook = await stack.enter_async_context(Press()), await stack.enter_async_context(Hook())
        front = await stack.enter_async_context(Front(servers.elasticsearch.url))
        cluster = Cluster(folder, servers.kafka.url, front.url, f"d{secrets.token_hex(4)}.", desk)
        stand = Distributed(cluster, desk, hook, servers, front)
        stand.machines += [stand.add("-".join(only), only) for only in kinds]
        stack.push_async_callback(cluster.close)
        await cluster.open()
        await asyncio.gather(*(machine.start() for machine in stand.machines))
        desk.published = 1
        await stand.opened(lambda: not stand.undelivered([0]), "no article came through the new workers")

        async def indexed() -> bool:
            return 0 in await stand.indexed()

        await stand.opened(indexed, "the first article was not indexed")
        yield stand

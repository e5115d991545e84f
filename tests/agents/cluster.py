"""A newsroom, several machines that run workers for it, and what can be seen of them from outside."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.assembly.backends import open_kafka
from pipeline.assembly.deployment import deployment_for
from pipeline.backends.log_kafka import KafkaLog
from pipeline.core.feeds.seed import site_key
from pipeline.log.feeds import apply_seed
from pipeline.records import Document, Feed, FeedState, Outcomes, decode
from pipeline.stage import Out, Unavailable
from tests.agents.machines import CONFIG, FEED, POINTS, STAGES, Desk, Machine
from tests.agents.newsroom import ALERTS


@dataclass
class Cluster:
    """`prefix` opens the names of streams, groups and indices."""

    folder: Path
    log_url: str
    index_url: str
    prefix: str
    desk: Desk
    session: float = 6.0
    patience: float = 120.0  # seconds for a failpoint to be reached
    machines: list[Machine] = field(default_factory=list)
    log: KafkaLog | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    # -- machines -----------------------------------------------------------------------------------------------

    def machine(self, name: str, only: tuple[str, ...] = STAGES, watchdog: float = 60.0) -> Machine:
        """A new one, not started."""
        machine = Machine(self.folder / name, only, watchdog)
        (machine.config / "topics").mkdir(parents=True)
        values = CONFIG.format(
            log=self.log_url, index=self.index_url, prefix=self.prefix, instance=name, session=self.session,
            watchdog=watchdog, indices=self.prefix.rstrip("."),
        )  # fmt: skip
        (machine.config / "almenara.toml").write_text(values)
        feeds = [FEED.format(id=f"room{n}", url=f"{site}/feed.xml") for n, site in enumerate(self.desk.sites)]
        (machine.config / "feeds.toml").write_text("\n".join(feeds))
        (machine.config / "alerts.toml").write_text(ALERTS.replace("alerts.jsonl", str(self.folder / "alerts.jsonl")))
        self.machines.append(machine)
        return machine

    async def open(self) -> None:
        """Create the streams, apply the feeds, and supervise the machines. The feeds count as polled before, so that
        what they list is news."""
        self._tasks.append(asyncio.create_task(self._supervise()))
        deployment = deployment_for(self.machines[0].config)
        self.log = await open_kafka(deployment.settings)
        await self.log.create()
        await apply_seed(self.log, deployment.seed(self.machines[0].config))
        before = datetime.now(UTC) - timedelta(hours=1)
        for n, site in enumerate(self.desk.sites):
            feed = Feed(id=f"room{n}", name="", url=f"{site}/feed.xml")
            state = FeedState(feed=feed.id, polled_at=before, next_at=before, interval=1, first_polled_at=before)
            await self.log.publish([Out("feed-state", feed.id, state, by=site_key(feed))])

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for machine in self.machines:
            await machine.kill()
        if self.log:
            await self.log.close()

    async def _supervise(self) -> None:
        """Restart, like systemd or Docker, a worker that exits because a server is unavailable or it stalls."""
        while True:
            await asyncio.sleep(0.5)
            for machine in self.machines:
                if machine.wanted and not machine.runs and machine.process and machine.process.returncode in (3, 4):
                    machine.ends.append(machine.process.returncode)
                    await machine.start()

    # -- work and trouble ---------------------------------------------------------------------------------------

    def publish(self, total: int, batch: int = 20, every: float = 1.0) -> None:
        """Publish articles from now on, up to `total`; none leaves its feed's list before it was read."""

        async def go() -> None:
            while self.desk.published < total:
                if self.desk.published + batch - self.desk.unread <= Desk.LISTED:
                    self.desk.published = min(total, self.desk.published + batch)
                await asyncio.sleep(every)

        self._tasks.append(asyncio.create_task(go()))

    async def kill_everywhere(self, machine: Machine, dice: random.Random) -> None:
        """At each named place that its stages pass, one after the other; then it runs on."""
        for point in POINTS[machine.only]:
            await machine.dies_at(point, dice.randint(1, 2) if point.startswith("commit") else 1, self.patience)
        await machine.start()

    async def kill_at_random(self, machine: Machine, times: int, dice: random.Random, longest: float = 8.0) -> None:
        for _ in range(times):
            await asyncio.sleep(dice.uniform(0.5, longest))
            await machine.kill()
            await machine.start()

    # -- what is seen -------------------------------------------------------------------------------------------

    async def behind(self) -> dict[str, int]:
        """Group -> number of records it has not done, if any, without delayed ones. Raises Unavailable."""
        assert self.log
        ends, groups = await self.log.ends(), await self.log.groups()
        found: Counter[str] = Counter()
        for (group, stream, partition), at in groups.items():
            found[group] += ends[stream, partition] - at if stream != "items-later" else 0
        return {group: count for group, count in found.items() if count}

    async def at_work(self) -> None:
        """Until every stage has ended something after now. Raises AssertionError."""
        end, moment, stages = time.monotonic() + self.patience, time.time(), set[str]()
        while not set(STAGES) <= stages:
            assert time.monotonic() < end, f"in {self.patience:.0f} s only {sorted(stages)} did something"
            await asyncio.sleep(0.5)
            stages = {stage for stage, *_ in await self.ended_since(moment)}

    async def quiet(self, articles: int, patience: float) -> None:
        """Until all articles were alerted and no group has anything to do. Raises AssertionError."""
        end, behind = time.monotonic() + patience, {"all": 1}
        while len(self.alerted()) < articles or behind:
            if time.monotonic() >= end:
                raise AssertionError(f"after {patience:.0f} s {await self.found()}; behind: {behind}")
            for machine in self.machines:
                ended = machine.process and machine.process.returncode
                assert ended in (None, 0, 3, 4, -signal.SIGKILL), f"{machine.folder.name}: {ended}\n{machine.said()}"
            await asyncio.sleep(0.5)
            try:
                behind = await self.behind()
            except Unavailable as error:
                behind = {str(error): 1}

    async def alerts(self, articles: int, patience: float) -> None:
        """Until so many articles were alerted. Raises AssertionError."""
        end = time.monotonic() + patience
        while len(self.alerted()) < articles:
            if time.monotonic() >= end:
                raise AssertionError(f"after {patience:.0f} s {await self.found()}")
            await asyncio.sleep(0.5)

    def alerted(self) -> Counter[str]:
        """Alert id -> how often it was delivered."""
        file = self.folder / "alerts.jsonl"
        whole = file.read_text().rpartition("\n")[0] if file.exists() else ""  # without a line that is being written
        return Counter(json.loads(line)["id"] for line in whole.split("\n") if line)

    async def found(self) -> str:
        """Where everything is, for the message of a test that fails: what no stage ended although it was committed past
        or not, what waits, and what the machines said last."""
        assert self.log
        ends, groups = await self.log.ends(), await self.log.groups()
        ended: dict[tuple[str, str, int], set[int]] = {}
        async for message in self.log.replay("outcomes"):
            one = decode(Outcomes, message.value or b"")
            ended.setdefault((one.stage, one.stream, one.partition), set()).update(one.offsets)
        lines = [f"{len(self.alerted())} alerted"]
        for (group, stream, partition), at in sorted(groups.items()):
            stage = group.removesuffix("-backfill")
            missing = sorted(set(range(at)) - ended.get((stage, stream, partition), set()))
            if missing or at < ends[stream, partition]:
                lines.append(
                    f"{group} {stream}/{partition}: at {at} of {ends[stream, partition]}, passed over: {missing}"
                )
        for machine in self.machines:
            ending = machine.process and machine.process.returncode
            lines.append(f"-- {machine.folder.name}, exit code {ending}, earlier {machine.ends}:\n{machine.said()}")
        return "\n".join(lines)

    async def indexed(self) -> list[Document]:
        """All documents of the index, each as often as it is there."""
        index = await deployment_for(self.machines[0].config).open_index()
        try:
            await asyncio.sleep(1.5)  # what was written last is found after a second
            return await asyncio.to_thread(lambda: list(index.scan()))
        finally:
            await index.close()

    async def ended_since(self, moment: float) -> dict[tuple[str, str, int], float]:
        """(stage, stream, partition) -> when it first ended a record after `moment`, in seconds since the epoch by the
        broker's clock."""
        assert self.log
        first: dict[tuple[str, str, int], float] = {}
        async for message in self.log.replay("outcomes"):
            if message.written.timestamp() > moment:
                ended = decode(Outcomes, message.value or b"")
                first.setdefault((ended.stage, ended.stream, ended.partition), message.written.timestamp())
        return first

    def kills(self) -> Iterator[tuple[str, str]]:
        """Machine and place of every kill; the place is empty for those at random."""
        return ((machine.folder.name, point) for machine in self.machines for point in machine.kills)


def numbers(documents: Sequence[Document]) -> list[int]:
    """The articles that the documents are of."""
    return sorted(int(document.article.url.rsplit("/", 1)[1]) for document in documents)

"""The two deployments, embedded and distributed; chosen once, from log_url.

`Embedded`: the log is a file, one process runs all stages. `Distributed`: the log is on a broker, workers share the
stages. With either, the index is files or Elasticsearch (index_url). What a deployment cannot do raises Unavailable.

Most commands need little of this, and are waited for: what only some need is imported when it is used.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pipeline.assembly.backends import IndexPlace, clock, index_place, open_kafka, open_sqlite, sqlite_path
from pipeline.assembly.backup import Backups
from pipeline.assembly.data_lock import lock
from pipeline.assembly.result_of import result_of
from pipeline.assembly.status import status_report
from pipeline.config.read_settings import settings_of
from pipeline.config.settings import Settings
from pipeline.log.kinds import BrokerLog, EmbeddedLog
from pipeline.log.streams import STAGES
from pipeline.ports import Fetch, Index, Log, Progress
from pipeline.reports.problems import Seen
from pipeline.reports.seen import see_broker, see_embedded
from pipeline.reports.status import report_of
from pipeline.stage import Unavailable
from pipeline.terminal.logs import configure

if TYPE_CHECKING:
    from pipeline.assembly.wiring import EmbeddedPipeline, Pipeline
    from pipeline.config.folder import Configuration
    from pipeline.core.feeds.seed import Seed
    from pipeline.reports.audit.report import AuditReport
    from pipeline.terminal.reporter import Reporter

T = TypeVar("T")

NO_BROKER = "log_url names none: set log_url = kafka://HOST:PORT"


@dataclass(frozen=True)
class Deployment(ABC):
    """The log and the index of a configuration. Every method may raise Unavailable."""

    settings: Settings
    index: IndexPlace
    embedded: ClassVar[bool]  # whether one process runs all stages

    # -- running

    @abstractmethod
    def lock(self) -> AbstractContextManager[None]:
        """Lock the data folder. Raises Unavailable if another daemon uses it."""

    @abstractmethod
    def pipeline(self, configuration: Configuration, reporter: Reporter) -> AbstractAsyncContextManager[Pipeline]:
        """All stages, as the daemon runs them in this deployment."""

    @abstractmethod
    def worker(
        self, configuration: Configuration, reporter: Reporter, only: Collection[str]
    ) -> AbstractAsyncContextManager[Pipeline]:
        """The stages named in `only`, as one of several workers. Raises Unavailable without a broker."""

    @abstractmethod
    def single_process(
        self, configuration: Configuration, reporter: Reporter, pages: Fetch | None = None
    ) -> AbstractAsyncContextManager[EmbeddedPipeline]:
        """All stages in this process. Raises Unavailable if the log is on a broker."""

    # -- the log

    @abstractmethod
    def seed(self, folder: Path) -> Seed:
        """The feeds of feeds.toml, with the name by which the log knows them. Raises Faults."""

    @abstractmethod
    async def open_log(self, write: bool = False) -> Log:
        """Open the log; without `write`, nothing is published, created or changed."""

    @abstractmethod
    async def open_broker(self) -> BrokerLog:
        """The log on a broker, with methods to manage its streams. Raises Unavailable without a broker."""

    def with_log(self, act: Callable[[Log], Awaitable[T]], write: bool = False) -> T:
        """Run `act` on the log and close it; `write` if it publishes. A running daemon notices what is published."""

        async def run() -> T:
            log = await self.open_log(write)
            try:
                return await act(log)
            finally:
                await log.close()

        return result_of(run())

    # -- the index

    async def open_index(self, write: bool = False) -> Index:
        """Open the index; without `write`, a daemon may write it meanwhile."""
        return await self.index.open(write)

    async def require_documents(self) -> None:
        """Raise Unavailable if nothing is indexed yet."""
        if self.index.exists():
            index = await self.open_index()
            try:
                if await index.count():
                    return
            finally:
                await index.close()
        raise Unavailable(f"nothing is indexed yet in {self.settings.index_location()}: start `almenara run`")

    async def reindex(self, progress: Progress = lambda done, total: None) -> int:
        """Rebuild the outdated parts of the index; return how many records they have."""
        with self.lock() if self.index.exclusive else nullcontext():
            index = await self.open_index(write=True)
            try:
                return await index.reindex(progress)
            finally:
                await index.close()

    @abstractmethod
    def backups(self) -> Backups:
        """Saves and restores log and index. Raises Unavailable unless both are files on this machine."""

    # -- reports

    @abstractmethod
    async def see(self) -> Seen:
        """What the log says for `status`."""

    @abstractmethod
    async def audit(self) -> AuditReport:
        """Check that every record has an outcome, and that its results exist once."""

    async def status(self) -> dict[str, Any]:
        """The report of `almenara status --json`. Raises nothing: what cannot be read is one of its problems."""
        return await status_report(self.settings, self.index, self.embedded, self.see)


class Embedded(Deployment):
    """The log is a file on this machine; one process runs all stages."""

    embedded = True

    def lock(self) -> AbstractContextManager[None]:
        return lock(self.settings.data)

    def pipeline(self, configuration: Configuration, reporter: Reporter) -> AbstractAsyncContextManager[Pipeline]:
        return self.single_process(configuration, reporter)

    def worker(
        self, configuration: Configuration, reporter: Reporter, only: Collection[str]
    ) -> AbstractAsyncContextManager[Pipeline]:
        raise Unavailable(f"workers need a Kafka broker, and {NO_BROKER}")

    def single_process(
        self, configuration: Configuration, reporter: Reporter, pages: Fetch | None = None
    ) -> AbstractAsyncContextManager[EmbeddedPipeline]:
        from pipeline.assembly.wiring import embedded_pipeline

        return embedded_pipeline(configuration, reporter, pages)

    def seed(self, folder: Path) -> Seed:
        from pipeline.assembly.seeds import embedded_seed
        from pipeline.config.folder import seed_of

        return embedded_seed(seed_of(folder), folder, sqlite_path(self.settings))

    async def open_log(self, write: bool = False) -> EmbeddedLog:
        return open_sqlite(self.settings, write=write)

    async def open_broker(self) -> BrokerLog:
        raise Unavailable(f"`almenara streams` needs a Kafka broker, and {NO_BROKER}")

    def backups(self) -> Backups:
        self.index.require_files()
        return Backups(self.settings, self.index)

    async def see(self) -> Seen:
        log = await self.open_log()
        try:
            return await see_embedded(log, clock())
        finally:
            await log.close()

    async def audit(self) -> AuditReport:
        from pipeline.reports.audit import audit_embedded

        return audit_embedded(report_of(await self.see())["stages"])


class Distributed(Deployment):
    """The log is on a broker; any number of workers share the stages."""

    embedded = False

    def lock(self) -> AbstractContextManager[None]:
        return lock(self.settings.data, ", or give this worker its own folder (ALMENARA_DATA)")

    def pipeline(self, configuration: Configuration, reporter: Reporter) -> AbstractAsyncContextManager[Pipeline]:
        return self.worker(configuration, reporter, STAGES)

    def worker(
        self, configuration: Configuration, reporter: Reporter, only: Collection[str]
    ) -> AbstractAsyncContextManager[Pipeline]:
        from pipeline.assembly.wiring import worker_pipeline

        return worker_pipeline(configuration, reporter, only)

    def single_process(
        self, configuration: Configuration, reporter: Reporter, pages: Fetch | None = None
    ) -> AbstractAsyncContextManager[EmbeddedPipeline]:
        raise Unavailable(
            "running all stages in one process needs the embedded log, but log_url names a broker, whose workers poll "
            "all the time: see `almenara feeds list` and `almenara status`"
        )

    def seed(self, folder: Path) -> Seed:
        from pipeline.assembly.seeds import shared_seed
        from pipeline.config.folder import seed_of

        return shared_seed(seed_of(folder), folder)

    async def open_log(self, write: bool = False) -> BrokerLog:
        return await open_kafka(self.settings, write=write)

    async def open_broker(self) -> BrokerLog:
        return await open_kafka(self.settings)

    def backups(self) -> Backups:
        raise Unavailable(
            f"the log is on {self.settings.log_location()}: a broker keeps its streams safe by replication; backup and "
            "restore are for the embedded log and index. See docs/distributed.md"
        )

    async def see(self) -> Seen:
        log = await self.open_log()
        try:
            return await see_broker(log, clock())
        finally:
            await log.close()

    async def audit(self) -> AuditReport:
        from pipeline.reports.audit import audit_broker

        log = await self.open_log()
        try:
            index = await self.open_index()
            try:
                return await audit_broker(log, index, clock())
            finally:
                await index.close()
        finally:
            await log.close()


def deployment_of(settings: Settings) -> Deployment:
    """The deployment that log_url and index_url name."""
    kind = Distributed if settings.log_location().startswith("kafka:") else Embedded
    return kind(settings, index_place(settings))


def deployment_for(config: Path) -> Deployment:
    """The deployment of a configuration folder. Reads only its settings, and configures logging. Raises Faults."""
    settings = settings_of(config)
    configure(settings.logs)
    return deployment_of(settings)

"""The seams to the outside, one per outside thing: backends implement them, `parts.py` chooses, tests fake them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

from pipeline.core.query.search import Results, Search
from pipeline.records import Alert, Document, Page
from pipeline.stage import Message, Out

Clock = Callable[[], datetime]  # aware, UTC
T = TypeVar("T")


class FetchFailed(Exception):
    """A fetch that gave no page. `reason` is a fixed word and becomes a counter (`drop.fetch_<reason>`):

    dns, connect, tls, timeout, too_large, bad_encoding, media, refused_address, redirects, protocol, http_4xx …
    `temporary`: worth another try. `retry_after`: seconds the server asked for.
    """

    def __init__(self, reason: str, detail: str, *, temporary: bool, retry_after: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail, self.temporary, self.retry_after = reason, detail, temporary, retry_after


class Fetch(Protocol):
    async def __call__(self, url: str, headers: Mapping[str, str] | None = None) -> Page:
        """GET `url`. Any HTTP status is a Page (304 with an empty body too). Raises FetchFailed, Unavailable."""
        ...


class MemoryPages(Fetch, Protocol):
    """Answers each URL with the pages put there, in order; every page is handed out once. Uses no network."""

    def put(self, page: Page) -> None: ...


class JobFailed(Exception):
    """A job in a guarded process ended without an answer. `reason`: extract_timeout, extract_crash."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


class WorkerPool(Protocol):
    """CPU work off the event loop, in processes that may be killed."""

    async def run(self, job: Callable[..., T], *args: Any) -> T:
        """`job(*args)` in a free slot: a module-level function, picklable arguments. Raises JobFailed;
        what the job itself raises is raised here."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of the log. `keep` in seconds: older messages go; None keeps all. Compacted: the newest per key stays.

    `scales`: may have as many partitions as a broker is told to make; the others have those that are given here.
    """

    name: str
    partitions: int = 1
    keep: float | None = None
    compacted: bool = False
    scales: bool = False


@dataclass(frozen=True, slots=True)
class Ack:
    """Everything before `offset` is done by `group`."""

    group: str
    stream: str
    partition: int
    offset: int


Counts = Mapping[tuple[str, str], int]  # (stage, ending) -> how many


class Log(Protocol):
    """Partitioned streams: what the embedded log and Kafka both give. Raises Unavailable."""

    async def publish(self, outs: Sequence[Out]) -> None:
        """Durable on return. Those of one partition keep their order."""
        ...

    def replay(self, stream: str, since: int = 0, partitions: Collection[int] | None = None) -> AsyncIterator[Message]:
        """Every message of the partitions (None: all) from `since` up to the ends found at the call."""
        ...

    async def ends(self) -> dict[tuple[str, int], int]:
        """(stream, partition) -> offset that the next message will get."""
        ...

    async def groups(self) -> dict[tuple[str, str, int], int]:
        """(group, stream, partition) -> offset of the first message not done."""
        ...

    async def close(self) -> None: ...


class Claims(Log, Protocol):
    """The log as workers need it who share it: state streams have one owner at a time, told by rising epochs."""

    async def claim(self, stream: str, partition: int, owner: str) -> int:
        """Become the owner: what is published there from now on carries the new epoch. What a former owner still
        publishes is `stale` to every reader."""
        ...

    def alone(self, stream: str, partition: int) -> bool:
        """Whether nobody else had written there between this process's last message and its newest claim."""
        ...

    def release(self, stream: str, partition: int) -> None:
        """Own it no more."""
        ...

    async def begins(self) -> dict[tuple[str, int], int]:
        """(stream, partition) -> offset of the oldest message that is still there."""
        ...

    def partitions(self, stream: str) -> int:
        """How many there are."""
        ...


class Transactions(Log, Protocol):
    """The log as the embedded driver needs it. A commit is one transaction: exactly once inside it."""

    async def commit(self, outs: Sequence[Out], counts: Counts | None = None, acks: Sequence[Ack] = ()) -> None:
        """Publish, count and acknowledge, all or nothing. Raises Unavailable (disk full, locked)."""
        ...

    async def read(self, stream: str, partition: int, offset: int, limit: int) -> list[Message]:
        """At most `limit` messages from `offset` on, in order; gaps (compaction, retention) are skipped."""
        ...

    def end(self, stream: str, partition: int) -> int:
        """Offset that the next message will get, as far as this process has noticed. Cheap."""
        ...

    async def committed(self, group: str, stream: str, partition: int) -> int:
        """First offset the group has not done. A new group starts at 0."""
        ...

    def signal(self, stream: str, partition: int) -> asyncio.Future[None]:
        """Done when something was published there after the call, as far as this process has noticed. Shared: do not
        cancel it."""
        ...

    def refresh(self) -> None:
        """Notice what other processes published. Cheap. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What an index holds. `bytes` on disk, by what is stored; `outdated`: parts that `reindex` would rebuild."""

    documents: int
    bytes: Mapping[str, int]
    health: str | None = None  # of a cluster: green, yellow or red
    outdated: tuple[str, ...] = ()


Progress = Callable[[int, int], None]  # records done, of how many


class IndexWriter(Protocol):
    """Whole documents by article id; one with a lower `seq` than the stored one is stale and not written."""

    async def put(self, documents: Sequence[Document]) -> list[str]:
        """Write durably; per document "ok" or "stale". Raises Unavailable."""
        ...


class Index(IndexWriter, Protocol):
    """The index as commands and reports use it. Every method may raise Unavailable."""

    async def search(self, search: Search) -> Results:
        """Raises ValueError for what cannot be searched so."""
        ...

    async def get(self, article: str) -> Document | None:
        """The newest document of the article."""
        ...

    def scan(self, search: Search | None = None) -> Iterator[Document]:
        """Every document that matches, in order of `seq`; sort, limit and offset do not count.

        A blocking iterator for its own thread. An article replaced while it runs may come twice, as two versions.
        """
        ...

    async def status(self) -> IndexStatus: ...

    async def expire(self, before: datetime) -> int:
        """Delete articles first seen before `before`; how many."""
        ...

    async def reindex(self, progress: Progress = lambda done, total: None) -> int:
        """Rebuild what searches need from the stored records; how many."""
        ...

    async def backup(self, target: Path) -> None:
        """Copy the documents into the folder `target`. Raises Unavailable where the index is not of this machine."""
        ...

    async def close(self) -> None: ...


@runtime_checkable  # the stage asks an index whether it is one
class AlertIndex(Protocol):
    """Alerts beside the documents, for people who search there (Kibana). Not every index keeps them."""

    async def put_alerts(self, alerts: Sequence[Alert]) -> list[str]:
        """Write durably; "ok" each. Repeats are harmless: the id is the alert's. Raises Unavailable."""
        ...


class SendFailed(Exception):
    """A channel did not take the alerts; worth another try."""


class Notify(Protocol):
    """One channel. Must be safe to repeat with the same alert ids."""

    async def send(self, alerts: Sequence[Alert]) -> None:
        """Deliver together, one message for several where the channel can. Raises SendFailed."""
        ...

    async def close(self) -> None: ...

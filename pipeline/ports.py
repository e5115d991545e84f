"""Protocols for everything outside: backends implement them, `assembly/` chooses a backend, tests fake them.

Each declares only the methods that its callers use.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

from pipeline.core.query.search import Results, Search
from pipeline.records import Alert, Document, Page, Profile, Record, Story
from pipeline.records import Message as Notice
from pipeline.stage import Message, Out

Clock = Callable[[], datetime]  # aware, UTC
T = TypeVar("T")
R = TypeVar("R", bound=Record)
NO_PROFILE = Profile()  # of a feed that is requested as any other


class FetchFailed(Exception):
    """A fetch failed without an answer. `reason` becomes a counter (`drop.fetch_<reason>`) and is one of:

    dns, connect, tls, timeout, too_large, bad_encoding, media, refused_address, redirects, protocol, proxy (the feed's
    own), secret, bad_url.
    `temporary`: a retry may succeed. `retry_after`: seconds that the server asked to wait.
    """

    def __init__(self, reason: str, detail: str, *, temporary: bool, retry_after: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail, self.temporary, self.retry_after = reason, detail, temporary, retry_after


class Fetch(Protocol):
    async def __call__(self, url: str, headers: Mapping[str, str] | None = None, profile: Profile = NO_PROFILE) -> Page:
        """GET `url` as `profile` says. Any HTTP status is a Page (304 with an empty body too). Raises FetchFailed,
        Unavailable."""
        ...


class RobotsStore(Protocol):
    """Remembers robots.txt files by address over a restart. Never raises."""

    def get(self, url: str) -> bytes | None: ...

    def put(self, url: str, value: bytes) -> None: ...

    def close(self) -> None: ...


class MemoryPages(Fetch, Protocol):
    """Answers each URL with the pages that were `put` for it, in order, each once. Uses no network."""

    def put(self, page: Page) -> None: ...


class JobFailed(Exception):
    """A job in another process ended without an answer. `reason`: extract_timeout or extract_crash."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


class WorkerPool(Protocol):
    """Runs CPU work off the event loop, in processes that may be killed."""

    async def run(self, job: Callable[..., T], *args: Any) -> T:
        """Run `job(*args)`: a module-level function with picklable arguments. Raises JobFailed, and what the job
        raises."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of the log. `keep`: seconds after which messages are deleted; None: never. Compacted: only the newest
    message per key stays.

    `scales`: on a broker it has as many partitions as the settings say, otherwise those given here. `delays`: by
    partition, the seconds between the moment a message is written and the moment it is due; empty: due at once.
    """

    name: str
    partitions: int = 1
    keep: float | None = None
    compacted: bool = False
    scales: bool = False
    delays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ack:
    """Acknowledges that `group` has done everything before `offset`."""

    group: str
    stream: str
    partition: int
    offset: int


Counts = Mapping[tuple[str, str], int]  # (stage, counter) -> how many to add; see stage.is_ending


@dataclass(frozen=True, slots=True)
class Lag:
    """What a group has not done in one partition.

    `waiting`: records that could be handled now. `planned`: records that are not due yet, such as revisits. `oldest`:
    since when the first of those that wait could have been handled. `deleted`: records that retention deleted before
    the group had read them. `beyond`: how far the group is past the end, so the stream was deleted and created again.
    """

    waiting: int = 0
    planned: int = 0
    oldest: datetime | None = None
    deleted: int = 0
    beyond: int = 0


class Log(Protocol):
    """The log: partitioned streams, embedded or on Kafka. Every method may raise Unavailable."""

    async def publish(self, outs: Sequence[Out]) -> None:
        """Publish records; durable on return. Those of one partition keep their order."""
        ...

    def replay(
        self, stream: str, since: int = 0, partitions: Collection[int] | None = None
    ) -> AsyncGenerator[Message, None]:
        """Yield every message of the partitions (None: all) from offset `since` up to the ends as of the call."""
        ...

    async def ends(self) -> dict[tuple[str, int], int]:
        """By (stream, partition), the offset that the next message will get."""
        ...

    async def groups(self) -> dict[tuple[str, str, int], int]:
        """By (group, stream, partition), the offset of the first message that is not done."""
        ...

    async def close(self) -> None: ...


class SharedLog(Log, Protocol):
    """The log that workers share: a partition of a state stream has one owner at a time, with a rising epoch."""

    async def claim(self, stream: str, partition: int, owner: str) -> int:
        """Become the owner; return the new epoch. Messages published from now on carry it; what a former owner still
        publishes is marked `stale` for every reader."""
        ...

    def alone(self, stream: str, partition: int) -> bool:
        """Whether no other process wrote there between this process's last message and its newest claim."""
        ...

    def release(self, stream: str, partition: int) -> None:
        """Stop being the owner."""
        ...

    def skip_own(self, stream: str, partition: int, offset: int) -> int:
        """The first offset from `offset` on whose message is not known to be of this process, as its owner."""
        ...

    async def starts(self) -> dict[tuple[str, int], int]:
        """By (stream, partition), the offset of the oldest message that is still there."""
        ...

    async def incarnations(self) -> dict[str, str]:
        """By stream, an id that changes when the stream is deleted and created again; none for a missing one."""
        ...


class TransactionalLog(Log, Protocol):
    """The log of the embedded driver. A commit is one transaction, so delivery is exactly once."""

    async def commit(self, outs: Sequence[Out], counts: Counts | None = None, acks: Sequence[Ack] = ()) -> None:
        """Publish, count and acknowledge in one transaction. Raises Unavailable (disk full, locked)."""
        ...

    async def read(self, stream: str, partition: int, offset: int, limit: int) -> list[Message]:
        """Return at most `limit` messages from `offset` on, in order. Gaps (compaction, retention) are skipped."""
        ...

    def end(self, stream: str, partition: int) -> int:
        """The offset that the next message will get, as of the last `refresh` or commit of this process. Cheap."""
        ...

    async def committed(self, group: str, stream: str, partition: int) -> int:
        """The first offset that the group has not done. A new group starts at 0."""
        ...

    def signal(self, stream: str, partition: int) -> asyncio.Future[None]:
        """A future that is done when this process notices a new message there. It is shared: do not cancel it."""
        ...

    def refresh(self) -> None:
        """Notice what other processes published. Cheap."""
        ...

    def lag(self, now: datetime) -> dict[tuple[str, str, int], Lag]:
        """By (group, stream, partition), what the group has not done at `now`. Cheap."""
        ...


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The size and state of an index. `bytes` on disk, by kind of data; `outdated`: parts that `reindex` rebuilds;
    `blocked`: why it accepts no writes, one line per reason."""

    documents: int
    bytes: Mapping[str, int]
    health: str | None = None  # of a cluster: green, yellow or red
    outdated: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


Progress = Callable[[int, int], None]  # records done, of how many


class IndexWriter(Protocol):
    """Writes documents by article id; one with a lower `seq` than the stored one is stale and not written.

    The stored version stays readable when a new one is written. A document that is only a note (`Relation.noted`) is
    added to the stored one; without one it is stale.
    """

    async def put(self, documents: Sequence[Document]) -> list[str]:
        """Write durably; per document "ok" or "stale". Documents of one article come one call after another. Raises
        Unavailable."""
        ...

    async def put_stories(self, stories: Sequence[Story]) -> list[str]:
        """Write records of stories durably; per record "ok", or "stale" if one with a higher `seq` is stored. Those of
        one story come one call after another, and whole. Raises Unavailable."""
        ...

    async def get_stories(self, ids: Sequence[str]) -> dict[str, Story]:
        """The records of these stories that are there, by id; of one that was merged its redirect."""
        ...


@dataclass(frozen=True, slots=True)
class StoryList:
    """Which stories to list, without those that were merged into others. `since` (inclusive) limits `changed`.

    `sort`: newest (last changed first) or importance (core/stories/importance.py, without rules).
    `hosted`: only those about countries that admit foreign forces (`Story.hosts`). `where`: facet of stories
    (core/documents/story_facets.py) -> values of which a story has at least one. `having`: facets of which it has any
    value. `independent`: sources at least.
    `facets`: to count, over all stories that are found.
    """

    since: datetime | None = None
    sort: Literal["newest", "importance"] = "newest"
    limit: int = 20
    offset: int = 0
    hosted: bool = False
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    having: tuple[str, ...] = ()
    independent: int = 1
    facets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoryPage:
    """How many stories there are, a page of them, and facet -> value -> how many, the most frequent first."""

    total: int
    stories: tuple[Story, ...] = ()
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Index(IndexWriter, Protocol):
    """The index as commands and reports use it. Every method may raise Unavailable."""

    async def search(self, search: Search) -> Results:
        """The results. Raises ValueError for an invalid search."""
        ...

    async def get(self, article: str) -> Document | None:
        """The newest document of the article."""
        ...

    async def versions(self, article: str) -> list[Document]:
        """The newest document of each version of the article that is kept, oldest first."""
        ...

    async def list_stories(self, wanted: StoryList) -> StoryPage:
        """A page of the stories. Raises ValueError for an unknown facet."""
        ...

    def scan_stories(self) -> Iterator[Story]:
        """Every record of a story, redirects too, in order of `seq`. Blocks: use it in a thread."""
        ...

    async def max_seq(self) -> int:
        """The highest `seq` of a document stored, 0 in an empty index."""
        ...

    def scan(self, search: Search | None = None) -> Iterator[Document]:
        """Every document that matches, in order of `seq`; sort, limit and offset are ignored.

        Blocks: use it in a thread. An article replaced meanwhile may come twice, as two versions.
        """
        ...

    def arrivals(self, search: Search) -> Iterator[Document]:
        """Every document that matches, and perhaps others: the query only narrows them down. In order of `first_seen`;
        sort, limit and offset are ignored. Documents that searches do not see yet are among them.

        Blocks: use it in a thread, always the same.
        """
        ...

    async def count(self) -> int:
        """How many articles there are."""
        ...

    async def values_starting(self, field: str, prefix: str, most: int) -> list[str]:
        """At most `most` values of a keyword field of the query language that start with `prefix`, folded, in their
        order. Values that only deleted or replaced articles had may be among them. Raises ValueError for a field that
        is no keyword."""
        ...

    async def words_starting(self, prefix: str, most: int) -> int:
        """How many different words start with `prefix`, at most `most` + 1; of a cluster, in its newest articles."""
        ...

    async def status(self) -> IndexStatus: ...

    async def health(self) -> str | None:
        """The health of the cluster: green, yellow or red; None for files on this machine. Cheap."""
        ...

    async def expire(self, before: datetime) -> int:
        """Delete articles first seen before `before`, and stories that opened before; return how many articles."""
        ...

    async def reindex(self, progress: Progress = lambda done, total: None) -> int:
        """Rebuild what searches need from the stored records; return how many there are."""
        ...

    async def backup(self, target: Path) -> None:
        """Copy the documents into the folder `target`. Raises Unavailable if the index is not on this machine."""
        ...

    async def close(self) -> None: ...


@runtime_checkable  # the index stage checks whether an index implements it
class AlertIndex(Protocol):
    """An index that also keeps alerts, for people who search them there (Kibana)."""

    async def put_alerts(self, alerts: Sequence[Alert]) -> list[str]:
        """Write durably; "ok" for each. Of a rule and an article, only the alert of the newest version is kept, so a
        repeat is harmless; an older one is "stale". Raises Unavailable."""
        ...


#: Why a message was not accepted, which decides what happens next (core/notification/delivery/retry.py).
#: unreachable: nothing was sent. unsure: it was sent, and no answer came. busy: later, see `retry_after`.
#: broken: the channel accepts nothing (credentials, address). refused: it will never accept this message. too_long: it
#: would accept a shorter one.
SendFailure = Literal["unreachable", "unsure", "busy", "broken", "refused", "too_long"]


class SendFailed(Exception):
    """A channel did not accept a message. The text has no secret and no URL. `retry_after`: seconds asked to wait.

    `taken`: how many parts each address of the channel has accepted in all attempts so far.
    """

    def __init__(
        self,
        why: str,
        kind: SendFailure = "unreachable",
        retry_after: float | None = None,
        taken: tuple[int, ...] = (),
    ) -> None:
        super().__init__(why)
        self.kind, self.retry_after, self.taken = kind, retry_after, taken


class CallFailed(Exception):
    """The heartbeat URL did not answer with success. The text does not contain the URL, which is a secret."""


class Channel(Protocol):
    """Where messages go. `send` is never called twice at once."""

    async def send(self, message: Notice, key: str, taken: Sequence[int] = ()) -> str:
        """Deliver the message; return what the receiver answered, for people. Raises SendFailed.

        `key`: the same in every attempt, so that a receiver can recognize a repeat. `taken`: that of the SendFailed of
        the last attempt; those parts are not sent again. The channel keeps its own time limit (ChannelSpec.timeout).
        """
        ...

    def changed(self) -> bool:
        """Whether what it reads again, such as a file with a secret, changed since the last attempt. Cheap."""
        ...

    async def close(self) -> None: ...


class StateCache(Protocol[R]):
    """A cache of a state stream (`known`, `archive`, `stories`), filled only from the log, so it may be deleted. Raises
    Unavailable."""

    def get(self, ids: Sequence[str]) -> dict[str, R]:
        """The records under `ids` that are there, aliases as they are."""
        ...

    def absorb(self, messages: Sequence[Message]) -> None:
        """Add the next messages of the log, all or none of them."""
        ...

    def position(self) -> tuple[int, int]:
        """Offset of the first message not yet absorbed, and the highest seq absorbed."""
        ...

    def ends_with(self, message: Message) -> bool:
        """Whether this was the last message absorbed."""
        ...

    def clear(self) -> None: ...

    def close(self) -> None: ...


class AgeingCache(StateCache[R], Protocol[R]):
    """The cache of a stream from which old records are removed (`known`, `stories`): it finds them, too."""

    def due(self, before: datetime, limit: int, after: str = "") -> dict[str, R]:
        """At most `limit` records written before `before`, the oldest first; without those that lead to one that is
        there. By key. `after`: only those that follow on the one with this key, if it is there."""
        ...

    def leading(self, ids: Sequence[str]) -> dict[str, R]:
        """The records that lead to one of `ids`, by key."""
        ...

"""The embedded index (`ports.Index`): SQLite stores the documents, tantivy finds them. One process writes it.

One thread writes first to SQLite, durably, then to tantivy. What tantivy missed (a kill in between, a full disk) is
applied at the next write or start. A tantivy directory that is missing, damaged or of another schema is rebuilt in the
background, newest articles first. Meanwhile searches see the part that is built, and `Results.missing` is the number of
documents that they do not see.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pipeline.backends.index_tantivy.database import FILE, CannotOpen, WriterLock, disk, reading_mode
from pipeline.backends.index_tantivy.search import arrivals, run, scan
from pipeline.backends.index_tantivy.store import Store
from pipeline.backends.index_tantivy.text import Damaged, Searcher, TextIndex
from pipeline.backends.index_tantivy.writer import Writer
from pipeline.core.documents.fields import TEXT_FIELDS, keyword_prefix
from pipeline.core.query.search import Results, Search
from pipeline.ports import IndexStatus, Progress, StoryList, StoryPage
from pipeline.records import Document, Story
from pipeline.stage import Unavailable

READERS = 2  # threads; tantivy and SQLite search outside the interpreter lock
T = TypeVar("T")


class TantivyIndex:
    """The index. Create it with `open`. Every method may raise Unavailable (disk full, files locked or damaged)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock: WriterLock | None = None
        self._writer: Writer | None = None
        self._followed: TextIndex | None = None  # in a process that only reads
        self._writing = ThreadPoolExecutor(1, "index-write")
        self._reading = ThreadPoolExecutor(READERS, "index-read")
        self._local = threading.local()
        self._readers: list[Store] = []
        self._mode = ""  # of all readers, in a process that only reads
        self._building: Future[None] | None = None
        self._closing = False

    @classmethod
    def open(cls, directory: Path, write: bool) -> TantivyIndex:
        """Open the index in `directory`. With `write` it is created or repaired if necessary; one process at a time.

        Without, any number of processes may read, even while one writes. Raises CannotOpen, Unavailable.
        """
        index = cls(directory)
        if not write:
            index._mode = reading_mode(directory)
            Store.reader(directory, index._mode).close()
            return index
        index._lock = WriterLock(directory)
        try:
            index._writer = index._writing.submit(Writer, directory).result()
            index._build_on()
        except BaseException:
            index._close()
            raise
        return index

    @staticmethod
    def exists(directory: Path) -> bool:
        """Whether there is an index to open."""
        return (directory / FILE).exists()

    # -- ports.Index

    async def put(self, documents: Sequence[Document]) -> list[str]:
        """Write all or none, durable and searchable on return; "ok" or "stale" for each document. A repeat is "ok"."""
        try:
            return await self._in_writer(self._written().put, list(documents))
        finally:
            self._build_on()

    async def search(self, search: Search) -> Results:
        """Sees every `put` of this process that has returned. Raises ValueError for an invalid search."""
        return await self._in_reader(self._search, search)

    async def get(self, article: str) -> Document | None:
        """The newest document of the article."""
        return await self._in_reader(lambda: self._reader().get(article))

    async def put_stories(self, stories: Sequence[Story]) -> list[str]:
        """Write all or none, durable on return."""
        return await self._in_writer(self._written().store.stories.put, list(stories))

    async def get_stories(self, ids: Sequence[str]) -> dict[str, Story]:
        return await self._in_reader(lambda: self._reader().stories.get(ids))

    async def list_stories(self, wanted: StoryList) -> StoryPage:
        return await self._in_reader(lambda: self._reader().stories.page(wanted))

    async def close(self) -> None:
        """Finish what is being written and release the lock."""
        await asyncio.to_thread(self._close)

    # -- not in the protocol

    async def versions(self, article: str) -> list[Document]:
        """Every document of the article, oldest first."""
        return await self._in_reader(lambda: self._reader().versions(article))

    async def count(self) -> int:
        return await self._in_reader(lambda: self._reader().count())

    async def values_starting(self, field: str, prefix: str, most: int) -> list[str]:
        """At most `most` values of a keyword field that start with `prefix`, folded."""
        return await self._in_reader(self._values_starting, field, keyword_prefix(field, prefix), most)

    async def words_starting(self, prefix: str, most: int) -> int:
        """How many different words start with `prefix`, at most `most` + 1."""
        return await self._in_reader(self._words_starting, prefix, most)

    async def max_seq(self) -> int:
        return await self._in_reader(lambda: self._reader().max_seq())

    async def health(self) -> None:
        """None: it is no cluster, and its errors show when it is used."""

    async def status(self) -> IndexStatus:
        return IndexStatus(await self.count(), await self.sizes())

    async def sizes(self) -> dict[str, int]:
        """Bytes on disk: `documents` (the record store), `search` (the tantivy directory)."""
        return await self._in_reader(self._sizes)

    async def expire(self, before: datetime) -> int:
        """Delete the articles first seen before `before`, and the stories that opened before; return how many articles.
        Writes may happen in between."""
        writer, total = self._written(), 0
        await self._in_writer(writer.store.stories.expire, before)
        while expired := await self._in_writer(writer.expire, before):
            total += expired
        while await self._in_writer(writer.shrink):
            pass
        return total

    async def reindex(self, progress: Progress = lambda done, total: None) -> int:
        """Rebuild tantivy's part from the store; return how many documents it has. Writes may happen in between."""
        writer = self._written()
        await self._in_writer(writer.start_over)
        total = await self.count()
        while await self._in_writer(writer.build):
            progress(min(writer.built, total), total)
        progress(total, total)
        return total

    async def backup(self, target: Path) -> None:
        """Copy the record store into the directory `target`, even while it is written to. Search is rebuilt from it."""
        await self._in_reader(lambda: self._reader().copy(target / FILE))

    @staticmethod
    def restore(source: Path, directory: Path) -> None:
        """Replace the index in `directory` by the backup in `source`. No process may have the index open to write.

        tantivy's part is built when the index is next opened. Raises CannotOpen, Unavailable.
        """
        backup = Store.reader(source)
        try:
            backup.check()
            lock = WriterLock(directory)
            try:
                _replace(backup, directory)
            finally:
                lock.release()
        finally:
            backup.close()

    def scan(self, search: Search | None = None) -> Iterator[Document]:
        """Every document that matches, in order of `seq`, a few at a time; ignores sort, limit and offset.

        Blocks: use it in a thread. An article replaced meanwhile may come twice, as two versions.
        """
        with closing(Store.reader(self._directory, self._mode)) as store, _readable():
            yield from scan(search or Search(), self._searcher(store), store)

    def scan_stories(self) -> Iterator[Story]:
        """Every record of a story, in order of `seq`. Blocks: use it in a thread, always the same."""
        with closing(Store.reader(self._directory, self._mode)) as store:
            yield from store.stories.scan()

    def arrivals(self, search: Search) -> Iterator[Document]:
        """What may match, in order of `first_seen`. Blocks: use it in a thread, always the same."""
        with closing(Store.reader(self._directory, self._mode)) as store, _readable():
            yield from arrivals(search, self._searcher(store), store)

    # -- threads

    def _written(self) -> Writer:
        if self._writer is None:
            raise CannotOpen("the index was opened for reading only")
        return self._writer

    def _build_on(self) -> None:
        """Let the writing thread add unbuilt documents to tantivy, a batch at a time, between writes."""
        if self._writer is not None and not self._closing and (self._building is None or self._building.done()):
            self._building = self._writing.submit(self._build_piece)

    def _build_piece(self) -> None:
        try:
            more = self._written().build()
        except Unavailable:
            return  # the next write fails the same way, reports it, and starts building again
        if more and not self._closing:
            self._building = self._writing.submit(self._build_piece)

    def _close(self) -> None:
        self._closing = True
        self._reading.shutdown()
        for store in self._readers:  # before the writer: only it moves what is in -wal into the file, if it is the last
            store.close()
        try:
            if self._writer is not None:
                self._writing.submit(self._writer.close).result()
        finally:
            self._writing.shutdown()
            self._writer = self._followed = None  # tantivy has a thread for each directory that is open
            if self._lock is not None:
                self._lock.release()

    def _reader(self) -> Store:
        """The connection of this reading thread."""
        store: Store | None = getattr(self._local, "store", None)
        if store is None:
            store = self._local.store = Store.reader(self._directory, self._mode)
            self._readers.append(store)
        return store

    def _search(self, search: Search) -> Results:
        store = self._reader()
        with _readable():
            return run(search, self._searcher(store), store)

    def _values_starting(self, field: str, prefix: str, most: int) -> list[str]:
        with _readable():
            return self._searcher(self._reader()).terms(field, prefix, most)

    def _words_starting(self, prefix: str, most: int) -> int:
        with _readable():
            return self._searcher(self._reader()).words_starting(TEXT_FIELDS, prefix, most)

    def _searcher(self, store: Store) -> Searcher:
        """A searcher of what is committed. A process that only reads opens the directory that the writer now uses."""
        if self._writer is not None:
            return self._writer.text.searcher()
        while True:
            name = str(store.state("search", ""))
            if not name:  # the writer has just started for the first time
                raise Unavailable(f"nothing is indexed yet in {self._directory}")
            try:
                if self._followed is None or self._followed.path.name != name:
                    self._followed = TextIndex(self._directory / name, write=False)
                return self._followed.searcher(fresh=True)
            except Damaged:
                if name == store.state("search", ""):  # otherwise the writer has replaced this directory
                    raise

    def _sizes(self) -> dict[str, int]:
        found = {"documents": 0, "search": 0}
        for path in self._directory.rglob("*"):
            with suppress(FileNotFoundError):  # merges delete files meanwhile
                kind = "search" if path.parent.name.startswith("search-") else "documents"
                found[kind] += path.stat().st_size if path.is_file() else 0
        return found

    async def _in_writer(self, job: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writing, job, *args)

    async def _in_reader(self, job: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._reading, job, *args)


def _replace(backup: Store, directory: Path) -> None:
    """Replace the store. Deletes the tantivy directories first: with another store they would give wrong answers."""
    with disk(directory):
        for old in directory.glob("search-*"):
            shutil.rmtree(old)
        for name in (FILE + "-wal", FILE + "-shm"):
            (directory / name).unlink(missing_ok=True)
    backup.copy(directory / FILE)


@contextmanager
def _readable() -> Iterator[None]:
    """Turn Damaged into Unavailable: a search cannot repair the directory; the writer does at its next start."""
    try:
        yield
    except Damaged as error:
        raise Unavailable(f"{error}; `almenara reindex` rebuilds it") from error

"""The embedded index behind `ports.Index`: SQLite has the documents, tantivy finds them. One process writes it.

A write is durable in SQLite first, then applied to tantivy, from one thread. What tantivy missed (a kill between the
two, a full disk) is applied at the next write or start. A tantivy directory that is missing, damaged or of another
schema is begun anew and filled in the background, newest articles first; meanwhile searches see the part that is
built, and `Results.missing` says how many documents that leaves out.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pipeline.backends.index_tantivy import search as searching
from pipeline.backends.index_tantivy.schema import schema_hash
from pipeline.backends.index_tantivy.store import FILE, CannotOpen, Store, WriterLock
from pipeline.backends.index_tantivy.text import Damaged, TextIndex
from pipeline.failpoints import point
from pipeline.ports import Results, Search
from pipeline.records import Document
from pipeline.stage import Unavailable

APPLIED_AT_ONCE = 1_000  # documents of one tantivy commit when catching up: about half a second
EXPIRED_AT_ONCE = 1_000
READERS = 2  # threads; tantivy and SQLite search outside the interpreter lock

T = TypeVar("T")
Progress = Callable[[int, int], None]  # done, of how many


class TantivyIndex:
    """Made by `open`. Every method may raise Unavailable: the disk is full, the files are locked or damaged."""

    def __init__(self, directory: Path, lock: WriterLock | None, store: Store | None) -> None:
        self._directory, self._lock, self._store = directory, lock, store
        self._text: TextIndex | None = None
        self._writer = ThreadPoolExecutor(1, "index-write")
        self._readers = ThreadPoolExecutor(READERS, "index-read")
        self._local = threading.local()
        self._opened: list[Store] = []
        self._building: Future[None] | None = None
        self._closing = False
        self._built = 0  # documents, since the directory was begun

    @classmethod
    def open(cls, directory: Path, write: bool) -> TantivyIndex:
        """The index in `directory`. To write: made where there is none, upgraded, repaired; one process at a time.

        To read: any number of processes, beside a writer or without. Raises CannotOpen, Unavailable.
        """
        if not write:
            Store.reader(directory).close()
            return cls(directory, None, None)
        lock = WriterLock(directory)
        index = cls(directory, lock, None)
        try:
            index._store = Store.create(directory)
            index._writer.submit(index._repair).result()
        except BaseException:
            index._close()
            raise
        return index

    # -- the seam

    async def put(self, documents: Sequence[Document]) -> list[str]:
        """Write all or none, durable and searchable on return; per document "ok" or "stale". A repeat is "ok"."""
        return await self._in_writer(self._put, list(documents))

    async def search(self, search: Search) -> Results:
        """Sees every `put` of this process that has returned. Raises ValueError for what cannot be searched so."""
        return await self._in_reader(self._search, search)

    async def get(self, article: str) -> Document | None:
        """The newest document of the article."""
        return await self._in_reader(lambda: self._reader().get(article))

    async def close(self) -> None:
        """Finish what is being written and give the lock back."""
        self._closing = True
        await asyncio.to_thread(self._close)

    # -- beside the seam

    async def versions(self, article: str) -> list[Document]:
        """Every document of the article, oldest first."""
        return await self._in_reader(lambda: self._reader().versions(article))

    async def count(self) -> int:
        """How many articles there are."""
        return await self._in_reader(lambda: self._reader().count())

    async def max_seq(self) -> int:
        """The highest `seq` stored, 0 in an empty index."""
        return await self._in_reader(lambda: self._reader().max_seq())

    async def sizes(self) -> dict[str, int]:
        """Bytes on disk: `documents` (the record store), `search` (what is built from it)."""
        return await self._in_reader(self._sizes)

    async def expire(self, before: datetime) -> int:
        """Delete the articles first seen before `before`, with all their versions; how many. Writes go on between."""
        total = 0
        while True:
            expired = await self._in_writer(self._expire, before)
            total += expired
            if expired < EXPIRED_AT_ONCE:
                await self._in_writer(self._written().shrink)
                return total

    async def reindex(self, progress: Progress = lambda done, total: None) -> int:
        """Build the search half anew from the store; how many documents. Writes go on between."""
        await self._in_writer(self._start_over)
        total = await self.count()
        while not self._closing and await self._in_writer(self._build):
            progress(min(self._built, total), total)
        progress(total, total)
        return total

    async def backup(self, target: Path) -> None:
        """Copy the record store into the directory `target`, also while it is written to; search is rebuilt from it."""
        await self._in_reader(self._backup, target)

    @staticmethod
    def restore(source: Path, directory: Path) -> None:
        """Put the backup in `source` in place of the index in `directory`, which no process may have open to write.

        The search half is built when it is next opened. Raises CannotOpen, Unavailable.
        """
        Store.reader(source).check()
        lock = WriterLock(directory)
        try:
            part = directory / (FILE + ".part")
            shutil.copyfile(source / FILE, part)
            for name in (FILE + "-wal", FILE + "-shm"):
                (directory / name).unlink(missing_ok=True)
            part.replace(directory / FILE)
            for old in directory.glob("search-*"):
                shutil.rmtree(old)
        except OSError as error:
            raise Unavailable(f"restore to {directory}: {error}") from error
        finally:
            lock.release()

    def scan(self, search: Search | None = None) -> Iterator[Document]:
        """Every document that matches, in order of `seq`, a few at a time; sort, limit and offset do not count.

        A blocking iterator for its own thread. An article replaced while it runs may come twice, as two versions.
        """
        store = Store.reader(self._directory)
        try:
            with _readable():
                searcher = self._current(store).searcher(fresh=self._store is None)
                yield from searching.scan(search or Search(), searcher, store)
        finally:
            store.close()

    # -- in the writer thread

    def _written(self) -> Store:
        if self._store is None:
            raise CannotOpen("the index was opened only to read")
        return self._store

    def _put(self, documents: list[Document]) -> list[str]:
        answers = self._written().put(documents)
        point("index.stored")
        self._catch_up()
        point("index.applied")
        return answers

    def _expire(self, before: datetime) -> int:
        expired = self._written().expire(before, EXPIRED_AT_ONCE)
        point("index.expired")
        self._catch_up()
        return expired

    def _repair(self) -> None:
        """Open the directory in use and apply what it missed; begin another where it is no use."""
        store = self._written()
        name, unbuilt = str(store.state("search", "")), int(store.state("unbuilt", 0))
        try:
            if not name.startswith(f"search-{schema_hash()}-"):
                raise Damaged("another schema")
            self._text = TextIndex(self._directory / name, write=True, floor=unbuilt)
            self._catch_up()
            if not unbuilt and len(self._text.searcher()) != store.count():
                raise Damaged("not all documents are in it")
        except Damaged:
            self._start_over()
        self._sweep()
        self._build_on()

    def _catch_up(self) -> None:
        """Apply every change and deletion that the store has and tantivy has not."""
        store, text = self._written(), self._text
        if text is None:
            raise Unavailable(f"the search index in {self._directory} could not be opened")
        try:
            gone = store.gone()
            while (changed := store.changed(text.applied, APPLIED_AT_ONCE)) or gone:
                text.apply(changed, gone)
                if gone:
                    store.forget(gone)
                    gone = []
        except Damaged:
            self._start_over()
        self._build_on()

    def _start_over(self) -> None:
        """Begin a new directory; everything stored up to now is `unbuilt`, newer changes go in as they come."""
        store, old = self._written(), self._text
        number = int(str(store.state("search", "search--0")).rpartition("-")[2]) + 1
        path = self._directory / f"search-{schema_hash()}-{number}"
        shutil.rmtree(path, ignore_errors=True)
        unbuilt, gone = store.newest(), store.gone()
        try:
            text = TextIndex(path, write=True, create=True, floor=unbuilt)
        except Damaged as error:
            raise Unavailable(str(error)) from error
        store.set_state(search=path.name, unbuilt=unbuilt)
        store.forget(gone)
        self._text, self._built = text, 0
        if old is not None:
            old.close()
        self._sweep()

    def _build(self) -> bool:
        """Add the newest of what is unbuilt; whether there is more."""
        store, text = self._written(), self._text
        unbuilt = int(store.state("unbuilt", 0))
        if not unbuilt or text is None:
            return False
        stored = store.unchanged(unbuilt, APPLIED_AT_ONCE)
        if stored:
            try:
                text.apply(stored, ())
            except Damaged as error:
                raise Unavailable(str(error)) from error
        self._built += len(stored)
        left = stored[-1].change - 1 if len(stored) == APPLIED_AT_ONCE else 0
        store.set_state(unbuilt=left)
        return left > 0

    def _build_on(self) -> None:
        """See to it that the writer thread builds what is unbuilt, a piece at a time, between writes."""
        idle = self._building is None or self._building.done()
        if idle and not self._closing and int(self._written().state("unbuilt", 0)):
            self._building = self._writer.submit(self._build_piece)

    def _build_piece(self) -> None:
        try:
            more = self._build()
        except Unavailable:
            return  # the next write meets the same, says so, and sets the building going again
        if more and not self._closing:
            self._building = self._writer.submit(self._build_piece)

    def _sweep(self) -> None:
        """Delete the directories that are not in use."""
        for path in self._directory.glob("search-*"):
            if self._text is not None and path != self._text.path:
                shutil.rmtree(path, ignore_errors=True)

    def _close(self) -> None:
        if self._store is not None:
            self._writer.submit(self._close_writer).result()
        self._writer.shutdown()
        self._readers.shutdown()
        for store in self._opened:
            store.close()
        if self._lock is not None:
            self._lock.release()

    def _close_writer(self) -> None:
        try:
            if self._text is not None:
                self._text.close()
        finally:
            self._written().close()

    # -- in the reader threads

    def _reader(self) -> Store:
        store: Store | None = getattr(self._local, "store", None)
        if store is None:
            store = self._local.store = Store.reader(self._directory)
            self._opened.append(store)
        return store

    def _current(self, store: Store) -> TextIndex:
        """The directory in use; a reader in another process follows when the writer begins a new one."""
        if self._store is None:
            name = str(store.state("search", ""))
            if self._text is None or self._text.path.name != name:
                self._text = TextIndex(self._directory / name, write=False)
        if self._text is None:
            raise Unavailable(f"the search index in {self._directory} could not be opened")
        return self._text

    def _search(self, search: Search) -> Results:
        store = self._reader()
        with _readable():
            return searching.run(search, self._current(store).searcher(fresh=self._store is None), store)

    def _sizes(self) -> dict[str, int]:
        found = {"documents": 0, "search": 0}
        for path in self._directory.rglob("*"):
            with suppress(FileNotFoundError):  # merges delete files while we look
                kind = "search" if path.parent.name.startswith("search-") else "documents"
                found[kind] += path.stat().st_size if path.is_file() else 0
        return found

    def _backup(self, target: Path) -> None:
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"backup to {target}: {error}") from error
        self._reader().backup(target / FILE)

    async def _in_writer(self, job: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, job, *args)

    async def _in_reader(self, job: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, job, *args)


@contextmanager
def _readable() -> Iterator[None]:
    """A search cannot mend what it finds damaged; the next start of the writer does."""
    try:
        yield
    except Damaged as error:
        raise Unavailable(f"{error}; `almenara reindex` builds it anew") from error

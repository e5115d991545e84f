"""One tantivy directory: applies changes, and searches. It may be deleted: the store has all of its data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import tantivy

from pipeline.backends.index_tantivy.schema import entry, open_directory
from pipeline.backends.index_tantivy.store import Stored
from pipeline.stage import Unavailable

HEAP = 50_000_000  # bytes of memory for the writer; a batch of 500 articles needs a tenth of it

TRIES = 3  # failed writes in a row before a directory counts as damaged

# Messages of tantivy when the machine is the cause, not the directory. Its errors have only a message.
_MACHINE = re.compile(
    "LockBusy|No space left|StorageFull|QuotaExceeded|Permission ?[Dd]enied|Read-only|ReadOnlyFilesystem|"
    r"Too many open files|os error (?:5|12|28|30|122)\b"
)


class Damaged(Exception):
    """The directory is missing, cut short, or of another version of tantivy."""


class Hits(NamedTuple):
    """The number of hits, and for some of them the score (0 if sorted by a field) and the store's `num`."""

    total: int
    hits: list[tuple[float, int]]


class TextIndex:
    """The directory. It has every change of the store up to `applied`, except unbuilt ones (writer.py)."""

    def __init__(self, path: Path, *, write: bool, create: bool = False, floor: int = 0) -> None:
        """Open `path`. `floor`: changes up to it count as applied. Raises Damaged, Unavailable."""
        self.path = path
        self._writer: Any = None
        self._failures = 0  # writes in a row
        with guarded(path):
            self._index = open_directory(path, create)
            if write:
                self._writer = self._index.writer(heap_size=HEAP, num_threads=1)
        last = self.searcher().last_change()
        if last and not self.searcher().find(tantivy.Query.term_query(self._index.schema, "change", last), 0).total:
            raise Damaged(f"search index {path}: its parts do not match")
        self.applied = max(floor, last)

    def apply(self, stored: Sequence[Stored], gone: Sequence[int]) -> None:
        """Replace the documents with these numbers, delete `gone`; durable and visible on return.

        An unclear failure is first Unavailable (a full disk causes many kinds of errors), after TRIES in a row Damaged.
        """
        entries = [entry(document) for document in stored]
        try:
            with guarded(self.path):
                if self._writer is None:
                    self._writer = self._index.writer(heap_size=HEAP, num_threads=1)
                for num in gone:
                    self._writer.delete_documents_by_term("num", num)
                for document, made in zip(stored, entries, strict=True):
                    self._writer.delete_documents_by_term("num", document.num)
                    self._writer.add_document(made)
                self._writer.commit()
                self._index.reload()
        except BaseException as error:
            self._writer = None  # drops what it held, which the store has
            self._failures += 1
            if isinstance(error, Damaged) and self._failures < TRIES:
                raise Unavailable(str(error)) from error
            raise
        self._failures = 0
        self.applied = max([self.applied, *(document.change for document in stored)])

    def searcher(self, fresh: bool = False) -> Searcher:
        """A searcher of what is committed; with `fresh`, including recent commits of other processes."""
        with guarded(self.path):
            if fresh:
                self._index.reload()
            return Searcher(self.path, self._index.searcher())

    def close(self) -> None:
        """Wait for running merges and release the lock."""
        if self._writer is not None:
            with guarded(self.path):
                self._writer.wait_merging_threads()
            self._writer = None


class Searcher:
    """A view of what was committed at one moment. Every method raises Damaged, Unavailable."""

    def __init__(self, path: Path, inner: Any) -> None:
        self._path, self._inner = path, inner

    def find(self, query: Any, limit: int, offset: int = 0, by: str = "", rising: bool = False) -> Hits:
        """At most `limit` hits from `offset` on, sorted by score or by the number field `by`."""
        order = {"order_by_field": by, "order": tantivy.Order.Asc if rising else tantivy.Order.Desc} if by else {}
        with guarded(self._path):
            result = self._inner.search(query, limit=max(1, limit), offset=offset, **order)
            hits = result.hits[:limit]
            nums = self._inner.fast_field_values("num", [address for _, address in hits])
        return Hits(result.count, [(0.0 if by else key, num) for (key, _), num in zip(hits, nums, strict=True)])

    def counts(self, query: Any, field: str, most: int) -> dict[str, int]:
        """The `most` frequent values of a facet field among the hits, with their counts."""
        with guarded(self._path):
            answer = self._inner.aggregate(query, {"values": {"terms": {"field": field, "size": most}}})
        return {bucket["key"]: bucket["doc_count"] for bucket in answer["values"]["buckets"]}

    def histogram(self, query: Any, field: str, every: int, offset: int) -> dict[int, int]:
        """By the beginning of an interval of a number field, in their order, how many hits; without empty ones."""
        options = {"field": field, "interval": float(every), "offset": float(offset % every), "min_doc_count": 1}
        with guarded(self._path):
            answer = self._inner.aggregate(query, {"values": {"histogram": options}})
        return {int(bucket["key"]): bucket["doc_count"] for bucket in answer["values"]["buckets"]}

    def terms(self, field: str, prefix: str, most: int) -> list[str]:
        """At most `most` terms of the field that start with `prefix`, in their order."""
        with guarded(self._path):
            return sorted(term for term, _ in self._inner.terms_with_prefix(field, prefix, limit=most))

    def words_starting(self, fields: Sequence[str], prefix: str, most: int) -> int:
        """How many different terms of the fields start with `prefix`, at most `most` + 1."""
        with guarded(self._path):
            found = {
                term for field in fields for term, _ in self._inner.terms_with_prefix(field, prefix, limit=most + 1)
            }
        return min(len(found), most + 1)

    def last_change(self) -> int:
        """The highest change number among the documents, or 0."""
        with guarded(self._path):
            answer = self._inner.aggregate(tantivy.Query.all_query(), {"last": {"max": {"field": "change"}}})
        return int(answer["last"]["value"] or 0)

    def __len__(self) -> int:
        return int(self._inner.num_docs)


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Turn errors of tantivy into Unavailable or Damaged."""
    try:
        yield
    except (Unavailable, Damaged):
        raise
    except BaseException as error:
        # A panic in Rust is a BaseException; here it means a damaged file.
        if not isinstance(error, ValueError | OSError | RuntimeError) and type(error).__name__ != "PanicException":
            raise
        if isinstance(error, OSError) or _MACHINE.search(str(error)):
            raise Unavailable(f"search index {path}: {error}") from error
        raise Damaged(f"search index {path}: {error}") from error

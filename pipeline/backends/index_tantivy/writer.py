"""Writes to the store first, then to tantivy, and repairs tantivy from the store. Used in the writing thread.

`unbuilt` (kept in the store): documents with a change up to it may be missing in the tantivy directory. It is 0,
except while a new directory is filled, starting with the newest change. New changes are applied at once.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pipeline.backends.index_tantivy.schema import schema_hash
from pipeline.backends.index_tantivy.store import Store
from pipeline.backends.index_tantivy.text import Damaged, TextIndex
from pipeline.failpoints import point
from pipeline.records import Document
from pipeline.stage import Unavailable

AT_ONCE = 1_000  # documents applied to tantivy, or expired, at a time: about a second during which writes wait
PAGES = 5_000  # pages returned to the disk at a time


class Writer:
    """The index in `directory`, opened and repaired. Not thread-safe. Every method raises Unavailable."""

    def __init__(self, directory: Path) -> None:
        """Raises CannotOpen if another version created the files."""
        self._directory = directory
        self.store = Store.create(directory)
        self.built = 0  # documents, since the directory in use was created
        try:
            self.text = self._open_current() or self._new_directory()
            self._sweep()
        except BaseException:
            self.store.close()
            raise

    def put(self, documents: Sequence[Document]) -> list[str]:
        """Write; durable and searchable on return. If tantivy fails, it gets the documents at the next call."""
        answers = self.store.put(documents)
        point("index.stored")
        self._catch_up()
        point("index.applied")
        return answers

    def expire(self, before: datetime) -> int:
        """Delete some of the articles first seen before `before`; returns how many, 0 when there are no more."""
        expired = self.store.expire(before, AT_ONCE)
        point("index.expired")
        self._catch_up()
        return expired

    def shrink(self) -> bool:
        """Return some free pages of the store to the disk; True if there are more."""
        return self.store.shrink(PAGES)

    def start_over(self) -> None:
        """Create a new directory; `build` fills it. Until then searches see only what is written from now on."""
        old, self.text = self.text, self._new_directory()
        with suppress(Damaged, Unavailable):
            old.close()
        self._sweep()

    def build(self) -> bool:
        """Add some unbuilt documents, newest first; True if there are more."""
        unbuilt = int(self.store.state("unbuilt", 0))
        if not unbuilt:
            return False
        stored = self.store.changed_until(unbuilt, AT_ONCE)
        try:
            self.text.apply(stored, ())
        except Damaged as error:
            raise Unavailable(str(error)) from error
        self.built += len(stored)
        left = stored[-1].change - 1 if len(stored) == AT_ONCE else 0
        self.store.set_state(unbuilt=left)
        return left > 0

    def close(self) -> None:
        try:
            self.text.close()
        finally:
            self.store.close()

    def _open_current(self) -> TextIndex | None:
        """Open the directory in use and apply what it missed; None if it cannot be used."""
        name, unbuilt = str(self.store.state("search", "")), int(self.store.state("unbuilt", 0))
        if not name.startswith(f"search-{schema_hash()}-"):
            return None
        text = None
        try:
            text = TextIndex(self._directory / name, write=True, floor=unbuilt)
            self._apply_to(text)
            # These differ if a segment is lost, or the store was replaced by an older copy.
            whole = unbuilt or len(text.searcher()) == self.store.count()
            if whole and text.applied <= self.store.change():
                return text
        except Damaged:
            pass
        if text is not None:
            with suppress(Damaged, Unavailable):
                text.close()
        return None

    def _new_directory(self) -> TextIndex:
        """Create a new directory; everything stored up to now is unbuilt."""
        number = int(str(self.store.state("search", "search--0")).rpartition("-")[2]) + 1
        path = self._directory / f"search-{schema_hash()}-{number}"
        shutil.rmtree(path, ignore_errors=True)
        unbuilt, gone = self.store.newest(), self.store.gone()
        try:
            text = TextIndex(path, write=True, create=True, floor=unbuilt)
        except Damaged as error:
            raise Unavailable(str(error)) from error
        self.store.set_state(search=path.name, unbuilt=unbuilt)
        self.store.forget(gone)
        self.built = 0
        return text

    def _catch_up(self) -> None:
        """Apply every change and deletion that tantivy lacks."""
        try:
            self._apply_to(self.text)
        except Damaged:
            self.start_over()

    def _apply_to(self, text: TextIndex) -> None:
        gone = self.store.gone()
        while (changed := self.store.changed(text.applied, AT_ONCE)) or gone:
            text.apply(changed, gone)
            if gone:
                self.store.forget(gone)
                gone = []

    def _sweep(self) -> None:
        """Delete the directories that are not in use."""
        for path in self._directory.glob("search-*"):
            if path != self.text.path:
                shutil.rmtree(path, ignore_errors=True)

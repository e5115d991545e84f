"""Replaces the contents of a data folder so that an interruption at any point loses nothing and can be completed."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.assembly.data_lock import NAME, READY, RESTORING
from pipeline.config.file_cache import FOLDER
from pipeline.failpoints import point

_MOVED = "moved"  # exists when everything that was there is aside


class Swap:
    """New contents are prepared in a folder inside `data`, then exchanged by renaming.

    Until `commit`, the old contents are in place. After it, only `finish` goes on, also in another process.
    """

    def __init__(self, data: Path) -> None:
        self._data, self._folder = data, data / RESTORING
        self._ready, self._moved = self._folder / READY, self._folder / _MOVED
        self._staged = self._folder / "new"

    @property
    def ready(self) -> bool:
        """Whether there is something to finish."""
        return self._ready.exists()

    def begin(self) -> Path:
        """An empty folder for the new contents. What an interrupted preparation left is deleted."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._staged.mkdir(parents=True)
        return self._staged

    def commit(self, aside: Path | None) -> None:
        """Decide for the new contents; the old ones will be moved to `aside`. None: there were no old ones."""
        unwritten = self._folder / "unwritten"
        unwritten.write_text(str(aside or ""))
        unwritten.rename(self._ready)

    def finish(self) -> Path | None:
        """Exchange the contents; return where the old ones are."""
        name = self._ready.read_text()
        aside = Path(name) if name else None
        if aside is not None and not self._moved.exists():
            aside.mkdir(exist_ok=True)
            for path in self._data.iterdir():
                if path.name not in (NAME, FOLDER, RESTORING):
                    path.rename(aside / path.name)
                    point("restore.rename")
        self._moved.touch()
        for path in self._staged.iterdir():
            path.rename(self._data / path.name)
            point("restore.rename")
        self._ready.unlink()
        shutil.rmtree(self._folder)
        return aside

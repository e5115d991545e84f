"""Saves and restores the embedded log and index together, with the configuration and what channels wrote to files."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from pipeline.assembly.backends import IndexPlace, open_sqlite, sqlite_path
from pipeline.assembly.carried_alerts import carry_alerts
from pipeline.assembly.data_lock import NAME, RESTORING, lock
from pipeline.assembly.saved_files import CONFIG, DATA, free_name, restore_files, save_files
from pipeline.assembly.swap import Swap
from pipeline.config.file_cache import FOLDER
from pipeline.config.settings import Settings
from pipeline.failpoints import point

LOG, INDEX = "log.sqlite", "index"


@dataclass(frozen=True)
class Backups:
    """Backups of one data folder. Each is a folder, readable by its owner only, as of one moment."""

    settings: Settings
    place: IndexPlace

    def save(self, folder: Path, config: Path) -> int:
        """Copy log, documents, `config` and what channels wrote into `folder`; return the bytes copied.

        A running daemon waits with its commits.

        Raises ValueError if the folder is not empty, Unavailable.
        """
        if folder.exists() and any(folder.iterdir()):
            raise ValueError(f"{folder} is not empty; give another name")
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)  # settings and URLs of channels may be secrets
        asyncio.run(self._copy(folder, config))
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())

    async def _copy(self, folder: Path, config: Path) -> None:
        async with AsyncExitStack() as stack:
            log = open_sqlite(self.settings)
            stack.push_async_callback(log.close)
            index = await self.place.open(write=False)
            stack.push_async_callback(index.close)
            with log.frozen():
                log.backup(folder / LOG)
                await index.backup(folder / INDEX)
                # After the log: a file then has every alert that the log says was sent.
                save_files(config, self.settings.data, folder)

    def restore(self, folder: Path, force: bool) -> Restored:
        """Replace the data by a backup; with `force`, existing data is moved to another folder.

        Alerts that the existing log says were sent since are not sent again. A restore that was interrupted is
        completed by the next one; until then, no daemon starts. The search index must be rebuilt afterwards. Raises
        ValueError for a folder that is not a backup and for existing data without `force`, Unavailable.
        """
        check_backup(folder)
        data = self.settings.data
        self._require_places()
        with lock(data, unfinished=True):
            swap = Swap(data)
            if swap.ready:
                return Restored(swap.finish(), 0)
            existing = existing_data(data)
            if existing and not force:
                raise ValueError(f"{data} holds data; --force moves it aside and restores")
            staged = swap.begin()
            shutil.copy2(folder / LOG, staged / LOG)
            self.place.restore(folder / INDEX, staged / INDEX)
            restore_files(folder, staged, data)
            carried = None
            if (data / LOG).exists():
                carried = asyncio.run(carry_alerts(self.settings, data / LOG, staged / LOG))
            point("restore.staged")
            swap.commit(free_name(data) if existing else None)
            return Restored(swap.finish(), carried)

    def require_stopped(self) -> None:
        """Raise Unavailable if a daemon runs: it would apply a restored configuration before the data is refused."""
        with lock(self.settings.data, unfinished=True):
            pass

    def _require_places(self) -> None:
        data, log = self.settings.data, sqlite_path(self.settings)
        index = Path(self.settings.index_location().removeprefix("tantivy://"))
        if log.resolve() != (data / LOG).resolve() or index.resolve() != (data / INDEX).resolve():
            raise ValueError(f"a backup is restored into {data}: remove log_url and index_url from the settings first")


@dataclass(frozen=True)
class Restored:
    """What a restore did."""

    aside: Path | None  # where the previous data is now
    alerts: (
        int | None
    )  # those sent since the backup, which are not sent again; None: there is no previous log, or it cannot be read


def existing_data(folder: Path) -> list[Path]:
    """What a data folder contains, except the lock and the cache, which can be recreated."""
    return [path for path in folder.glob("*") if path.name not in (NAME, FOLDER, RESTORING)]


def check_backup(folder: Path) -> None:
    """Raise ValueError if the folder is not a backup, or its log is damaged."""
    missing = [name for name in (LOG, INDEX, CONFIG, DATA) if not (folder / name).exists()]
    if missing:
        raise ValueError(f"{folder} is not a backup: {', '.join(missing)} is missing")
    if sqlite3.connect(folder / LOG).execute("PRAGMA quick_check").fetchone() != ("ok",):
        raise ValueError(f"{folder / LOG} is damaged")

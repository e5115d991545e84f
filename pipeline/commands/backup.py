"""`almenara backup` and `almenara restore`: the data on disk as a whole."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path
from typing import Annotated

import typer

from pipeline.assembly.backends import load_for, on_elasticsearch, on_kafka, open_sqlite, open_tantivy
from pipeline.assembly.data_lock import lock
from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, Config
from pipeline.commands.reindex import rebuild
from pipeline.config.settings import Settings
from pipeline.stage import Unavailable

LOG, INDEX = "log.sqlite", "index"


def backup(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")], config: Config = CONFIG) -> None:
    """Copy the embedded log and documents into a folder.

    The daemon may run meanwhile.

    Example: almenara backup /media/disk/almenara-2026-03-01
    """
    settings = _embedded(config)
    if folder.exists() and any(folder.iterdir()):
        raise CommandError(f"{folder} is not empty; give another name")
    folder.mkdir(parents=True, exist_ok=True)

    async def copy() -> None:
        log = open_sqlite(settings)
        index = open_tantivy(settings, write=False)
        try:
            with log.frozen():
                log.backup(folder / LOG)
                await index.backup(folder / INDEX)
        finally:
            await index.close()
            await log.close()

    asyncio.run(copy())
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"{folder}: {size / 1e6:.1f} MB. Restore it with `almenara restore {folder}`")


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `almenara backup` created.")],
    config: Config = CONFIG,
    force: Annotated[bool, typer.Option("--force", help="Replace existing data, which is moved aside.")] = False,
) -> None:
    """Restore a backup of the embedded log and documents.

    The daemon must not run. Existing data is moved aside, never deleted.

    Example: almenara restore /media/disk/almenara-2026-03-01 --force
    """
    settings = _embedded(config)
    if not (folder / LOG).is_file() or not (folder / INDEX).is_dir():
        raise CommandError(f"{folder} is not a backup: {LOG} or {INDEX}/ is missing")
    if sqlite3.connect(folder / LOG).execute("PRAGMA quick_check").fetchone() != ("ok",):
        raise CommandError(f"{folder / LOG} is damaged")
    data = settings.data
    there = [path for path in data.glob("*") if path.name != "daemon.lock"] if data.exists() else []
    if there and not force:
        raise CommandError(f"{data} holds data; --force moves it aside and restores")
    with lock(settings):
        if there:
            aside = data.with_name(f"{data.name}-before-restore")
            number = 1
            while aside.exists():
                number += 1
                aside = data.with_name(f"{data.name}-before-restore-{number}")
            aside.mkdir()
            for path in there:
                path.rename(aside / path.name)
            print(f"the previous data is in {aside}")
        shutil.copy2(folder / LOG, data / LOG)
        TantivyIndex.restore(folder / INDEX, data / INDEX)
        print(f"restored {folder} into {data}: {rebuild(settings)} documents")


def _embedded(config: Path) -> Settings:
    """The settings, where log and index are files of this machine. Raises Unavailable."""
    settings = load_for(config)
    if on_kafka(settings):
        raise Unavailable(
            f"the log is on {settings.log_location()}: a broker keeps its topics safe by replication; backup and "
            "restore are for the embedded log and index. See docs/distributed.md"
        )
    if on_elasticsearch(settings):
        raise Unavailable(
            f"the index is on {settings.index_location()}: save it with Elasticsearch's snapshots; backup and restore "
            "are for the embedded log and index. See docs/distributed.md"
        )
    return settings

"""`almenara reindex`, `backup`, `restore`: the data on disk as a whole."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import Progress

from pipeline.assembly.backends import load_for, on_elasticsearch, on_kafka, open_index, open_sqlite, open_tantivy
from pipeline.assembly.data_lock import lock
from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.config.settings import Settings
from pipeline.stage import Unavailable

LOG, INDEX = "log.sqlite", "index"


def reindex(config: Path) -> None:
    """Build what is searched anew from the stored documents. In Elasticsearch only indices of an older form, while
    reads and writes go on. Raises Unavailable."""
    settings = load_for(config)
    if not on_elasticsearch(settings):
        with lock(settings):
            print(f"{_build(settings)} documents indexed")
    elif done := _build(settings):
        print(f"{done} documents and alerts are in new indices now")
    else:
        print("nothing to do: every index is as the templates say")


def _build(settings: Settings) -> int:
    async def build() -> int:
        index = await open_index(settings, write=True)
        try:
            console = Console(stderr=True)
            with Progress(transient=True, console=console, disable=not console.is_terminal) as progress:
                task = progress.add_task("indexing", total=None)
                return await index.reindex(lambda done, total: progress.update(task, completed=done, total=total))
        finally:
            await index.close()

    return asyncio.run(build())


def backup(config: Path, folder: Path) -> None:
    """Copy log and documents at one moment: while the log stands still, no document can be acknowledged or numbered."""
    settings = _embedded(config)
    if folder.exists() and any(folder.iterdir()):
        _fail(f"{folder} is not empty; give another name")
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
    print(f"{folder}: {size / 1e6:.1f} MB. Bring it back with `almenara restore {folder}`")


def restore(config: Path, folder: Path, force: bool) -> None:
    """Put a backup in the place of the data; what was there is moved aside, never deleted."""
    settings = _embedded(config)
    if not (folder / LOG).is_file() or not (folder / INDEX).is_dir():
        _fail(f"{folder} is no backup: it has no {LOG} and {INDEX}/")
    if sqlite3.connect(folder / LOG).execute("PRAGMA quick_check").fetchone() != ("ok",):
        _fail(f"{folder / LOG} is damaged")
    data = settings.data
    there = [path for path in data.glob("*") if path.name != "daemon.lock"] if data.exists() else []
    if there and not force:
        _fail(f"{data} holds data; --force moves it aside and restores")
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
            print(f"what was there is in {aside}")
        shutil.copy2(folder / LOG, data / LOG)
        TantivyIndex.restore(folder / INDEX, data / INDEX)
        print(f"restored {folder} into {data}: {_build(settings)} documents")


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


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)

"""`almenara reindex`."""

from __future__ import annotations

import asyncio

from rich.console import Console
from rich.progress import Progress

from pipeline.assembly.backends import load_for, on_elasticsearch, open_index
from pipeline.assembly.data_lock import lock
from pipeline.commands.arguments import CONFIG, Config
from pipeline.config.settings import Settings


def reindex(config: Config = CONFIG) -> None:
    """Rebuild the search index from the stored documents.

    The embedded index is rebuilt as a whole, and the daemon must not run. In Elasticsearch only those indices are
    rebuilt that an older version created, one by one, while reads and writes go on.

    Example: almenara reindex
    """
    settings = load_for(config)
    if not on_elasticsearch(settings):
        with lock(settings):
            print(f"{rebuild(settings)} documents indexed")
    elif done := rebuild(settings):
        print(f"{done} documents and alerts are in new indices now")
    else:
        print("nothing to do: every index is as the templates say")


def rebuild(settings: Settings) -> int:
    """Rebuild the index with a progress bar; returns how many records it holds then."""

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

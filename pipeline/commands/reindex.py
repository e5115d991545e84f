"""`almenara reindex`: rebuilds the search index."""

from __future__ import annotations

import asyncio

from rich.console import Console
from rich.progress import Progress

from pipeline.assembly.deployment import Deployment, deployment_for
from pipeline.commands.arguments import CONFIG, Config


def reindex(config: Config = CONFIG) -> None:
    """Rebuild the search index from the stored documents.

    The embedded index is rebuilt as a whole; stop the daemon first. In Elasticsearch, only indices with an outdated
    mapping are rebuilt, one by one, while reads and writes continue.

    Example: almenara reindex
    """
    done = rebuild(deployment_for(config))
    print(f"{done} records reindexed" if done else "nothing to reindex")


def rebuild(deployment: Deployment) -> int:
    """Rebuild the index with a progress bar; return how many records it has."""
    console = Console(stderr=True)
    with Progress(transient=True, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("indexing", total=None)

        def report(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        return asyncio.run(deployment.reindex(report))

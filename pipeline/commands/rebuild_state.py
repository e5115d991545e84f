"""`almenara rebuild-state`: restores what relate remembers about articles."""

from __future__ import annotations

import asyncio

from rich.console import Console
from rich.progress import Progress

from pipeline.assembly.deployment import deployment_for
from pipeline.assembly.repairing import StillRunning, rebuild_state
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, Config


def rebuild(config: Config = CONFIG) -> None:
    """Restore what is known about articles from the index and the log.

    Needed if the streams `known`, `fingerprints` or `stories` were lost.

    Reads the documents in the index and on the log, and publishes what is missing; what is there stays. Articles seen
    before are then recognised again: they keep their versions, stories and times. Stop the daemon, or the workers that
    run relate, first; otherwise it changes nothing and exits with code 1. It waits for a worker that has just ended.

    Example: almenara rebuild-state
    """
    console = Console(stderr=True)
    with Progress(transient=True, console=console, disable=not console.is_terminal) as bar:
        tasks = {what: bar.add_task(what, total=None) for what in ("documents", "fingerprints")}
        try:
            done = asyncio.run(
                rebuild_state(deployment_for(config), lambda what, n: bar.update(tasks[what], completed=n))
            )
        except StillRunning as error:
            raise CommandError(str(error)) from error
    print(done.summary())

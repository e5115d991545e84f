"""Reloads the configuration of a running daemon: as a whole or not at all, and none that lost most of its rules."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress

import structlog

from pipeline.assembly.wiring import Pipeline
from pipeline.config.folder import Fingerprint, fingerprint
from pipeline.config.guarded import Loaded, Refused, load_guarded
from pipeline.config.in_force import InForce
from pipeline.stage import Unavailable

WATCH = 2.0  # seconds between checks for changed configuration files
PATIENCE = 4.0  # seconds that whoever asked for a look waits
SHOWN = 5  # names in a log line

logger = structlog.get_logger("almenara")


class Looks:
    """Asks for a look at the files of the configuration."""

    def __init__(self) -> None:
        self.requested, self.ended = asyncio.Event(), asyncio.Event()

    async def take(self) -> None:
        """Have the files looked at now. Returns when what they hold is in force or refused, or after a few seconds."""
        self.ended.clear()
        self.requested.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), PATIENCE)


async def reload_on_change(pipeline: Pipeline, loaded: Loaded, stop: asyncio.Event, looks: Looks) -> None:
    """Apply a changed configuration, or one that was refused and is accepted now. SIGHUP looks at once, unless the
    terminal that started the daemon was closed: then SIGHUP stops the daemon."""
    requested = looks.requested
    had_terminal = os.isatty(0)

    def on_hangup() -> None:
        (stop if had_terminal and not os.isatty(0) else requested).set()

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, on_hangup)
    folder, in_force, seen = pipeline.configuration.folder, loaded.in_force, loaded.seen
    accepted = fingerprint(folder, in_force.accepted_file)
    while True:
        try:
            async with asyncio.timeout(WATCH):
                await requested.wait()
        except TimeoutError:
            pass
        now = await asyncio.to_thread(fingerprint, folder)
        known = await asyncio.to_thread(fingerprint, folder, in_force.accepted_file)
        if now == seen and known == accepted and not requested.is_set():
            continue
        requested.clear()
        seen, accepted = await _reload(pipeline, in_force), known
        looks.ended.set()


async def _reload(pipeline: Pipeline, in_force: InForce) -> Fingerprint:
    """Apply the configuration if it may be used; return the state of the files that was judged, () to look again."""
    health = pipeline.driver.health
    try:
        loaded = await asyncio.to_thread(load_guarded, pipeline.configuration.folder, in_force, changing=True)
        await pipeline.reload(loaded.configuration)
    except Refused as error:
        faults = tuple(map(str, error.faults))
        health.refused("configuration", faults)
        logger.error("new configuration rejected", faults=faults)
        return error.seen
    except Unavailable as error:
        logger.warning("new configuration delayed", error=str(error))
        return ()
    health.refused("configuration", ())
    keep_in_force(loaded)
    gone = {"removed": _some([name for names in loaded.removed.values() for name in names])} if loaded.removed else {}
    logger.info("new configuration applied", rules=pipeline.configuration.rules.hash, **gone)
    for key, name in loaded.ended:
        logger.warning("history ends", rule=key, renamed=name, hint=f'to keep its history, give it id = "{key}"')
    return loaded.seen


def keep_in_force(loaded: Loaded) -> None:
    """Remember what is in force now. A disk that is full is no reason not to work."""
    try:
        loaded.in_force.keep(loaded.contents)
    except OSError as error:
        logger.warning("configuration not remembered", error=str(error))


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more

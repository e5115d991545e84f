"""One daemon a data folder: who holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.assembly.backends import on_kafka
from pipeline.config.settings import Settings
from pipeline.stage import Unavailable


@contextmanager
def lock(settings: Settings) -> Iterator[None]:
    """Hold the data folder. Raises Unavailable when another daemon does."""
    settings.data.mkdir(parents=True, exist_ok=True)
    with (settings.data / "daemon.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = running_pid(settings) or "unknown"
            other = ", or give this worker a folder of its own (ALMENARA_DATA)" if on_kafka(settings) else ""
            raise Unavailable(f"another daemon (pid {pid}) works in {settings.data}; stop it first{other}") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def running_pid(settings: Settings) -> int | None:
    """The process that holds the data folder, if one does."""
    try:
        with (settings.data / "daemon.lock").open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(file.read() or 0) or None
    except (OSError, ValueError):
        pass
    return None

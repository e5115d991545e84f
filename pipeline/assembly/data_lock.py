"""The lock of a data folder: only one daemon uses it at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.stage import Unavailable

NAME = "daemon.lock"
RESTORING, READY = "restoring", "ready"  # folder in it and file in that while `almenara restore` exchanges the data


@contextmanager
def lock(data: Path, hint: str = "", unfinished: bool = False) -> Iterator[None]:
    """Lock the data folder. Raises Unavailable, with `hint` at the end, if another daemon uses it; and if a restore was
    interrupted, except with `unfinished`."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / NAME).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = running_pid(data) or "unknown"
            raise Unavailable(f"another daemon (pid {pid}) works in {data}; stop it first{hint}") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        if (data / RESTORING / READY).exists() and not unfinished:
            raise Unavailable(f"a restore into {data} was interrupted: run the same `almenara restore` again")
        yield


def running_pid(data: Path) -> int | None:
    """The pid of the daemon that uses the data folder, if any."""
    try:
        with (data / NAME).open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(file.read() or 0) or None
    except (OSError, ValueError):
        pass
    return None

"""Identifies this process among those of all machines, and says whether another one of this machine runs."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pipeline import __version__
from pipeline.records import Heartbeat


def this_process(instance: str, stages: tuple[str, ...], started: datetime) -> Heartbeat:
    """The parts of this process's heartbeats that stay the same."""
    return Heartbeat(
        instance=instance, process=secrets.token_hex(8), host=socket.gethostname(), pid=os.getpid(),
        pid_space=_pid_space(), version=__version__, configuration="", stages=stages, started=started, at=started,
    )  # fmt: skip


def is_running(pid: int) -> bool:
    """Whether a process of this machine has the number and has not ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it belongs to another user
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):  # there is no /proc, or it ended just now
        return True
    return state not in "ZX"  # ended, but its parent has not noticed yet


def _pid_space() -> str:
    """Identifies the machine, its start, and the namespace (container) in which its process numbers count."""
    parts = [socket.gethostname()]
    with suppress(OSError):  # not Linux: the host's name must do
        parts += [Path("/proc/sys/kernel/random/boot_id").read_text(), os.readlink("/proc/self/ns/pid")]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()

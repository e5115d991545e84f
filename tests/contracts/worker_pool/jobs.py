"""Jobs for the tests of the worker pool. They run in the workers, which import this module: so it imports little."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

MEMORY = 200 << 20

calls = 0


def double(text: str) -> str:
    return text * 2


def fail(kind: str) -> str:
    raise {"value": ValueError, "key": KeyError, "stop": StopIteration, "time": TimeoutError}[kind](kind)


class Awkward(Exception):
    """Cannot be unpickled: it wants two arguments and keeps one."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)


class Bomb:
    """Unpickles only in a process that is not this one."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def __setstate__(self, state: dict[str, int]) -> None:
        if state["pid"] != os.getpid():
            raise ValueError("boom")


def fail_awkwardly() -> None:
    raise Awkward("one", "two")


def nap(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def pid() -> int:
    return os.getpid()


def server_pid() -> int:
    return os.getppid()


def count() -> int:
    global calls
    calls += 1
    return calls


def spin() -> None:
    while True:
        pass


def hang_in_c() -> None:
    """Waits in C for ever, holds the GIL, minds no signal that can be minded."""
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})
    ctypes.PyDLL(None).pause()


def segfault() -> None:
    ctypes.string_at(0)


def quietly_gone() -> None:
    os._exit(3)


def leave() -> None:
    sys.exit("bye")


def eat() -> int:
    return len(b"x" * (MEMORY * 2))


def eat_slowly() -> int:
    return sum(len(chunk) for chunk in [bytearray(1 << 20) for _ in range(MEMORY >> 19)])


def unpicklable() -> Callable[[], None]:
    return lambda: None


def bomb() -> Bomb:
    return Bomb(os.getpid())


def about_me() -> dict[str, Any]:
    print("on stdout, which belongs to the program")
    return {
        "stdin": os.readlink("/proc/self/fd/0"),
        "blas": os.environ["OPENBLAS_NUM_THREADS"],
        "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "int": signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
        "threads": threading.active_count(),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "loaded": "statistics" in sys.modules,
    }


def allow_no_process() -> None:
    """A limit on processes does not bind root, one on pids in a test is not ours to set: so fork itself fails."""

    def fork() -> int:
        raise BlockingIOError(errno.EAGAIN, "try again")

    os.fork = fork

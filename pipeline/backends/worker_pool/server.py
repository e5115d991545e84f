"""The program that ProcessPool starts: imports once what jobs need, then forks workers on request.

    control socket:  length, options as JSON  ->  length, error of the preload (0: none)
                     FORK + a socket  ->  pid of a worker that serves the socket, or -errno
                     END + pid        ->  wait status of that worker, killed if it still ran
    worker socket:   length, pickled (function, arguments)  ->  length, pickled (ending, value)

Why not multiprocessing's forkserver: it imports the program's `__main__` in every worker, takes the environment
of its parent (BLAS reads its number of threads there at import), exists only once per process, and does not report how
a worker ended. Children are reaped only here and only on END, so a pid is never that of another process.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import logging
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import traceback
from contextlib import suppress
from typing import Any, NoReturn

FORK, END = 1, 2
REQUEST = struct.Struct("!Bi")
NUMBER = struct.Struct("!i")
LENGTH = struct.Struct("!Q")
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(descriptor: int) -> None:
    """Serve requests on the control socket until the daemon closes it."""
    # Ctrl-C reaches the whole process group, and systemd's SIGTERM every process; the daemon decides when this ends.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=descriptor)
    # Not in the command line: Linux limits an argument to 128 kB.
    options = json.loads(_read_exactly(control, *LENGTH.unpack(_read_exactly(control, LENGTH.size))))
    sys.path[:] = options["path"]
    logging.disable(logging.CRITICAL)  # libraries log what is odd about a page; results and exceptions go to the daemon
    gc.disable()  # what is loaded now lives as long as the process; collecting meanwhile takes a third of the time
    try:
        _preload(options["preload"])
    except BaseException:
        text = traceback.format_exc()[-4000:].encode()
        control.sendall(NUMBER.pack(len(text)) + text)
        return
    gc.enable()
    gc.freeze()  # a collection in a worker would touch, and so copy, every page it shares
    control.sendall(NUMBER.pack(0))
    children: set[int] = set()
    try:
        while _answer(control, children, options["memory"]):
            pass
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)


def _read_exactly(control: socket.socket, size: int) -> bytes:
    """Read exactly `size` bytes. Raises EOFError when the daemon is gone."""
    data = b""
    while len(data) < size:
        more = control.recv(size - len(data), socket.MSG_WAITALL)
        if not more:
            raise EOFError
        data += more
    return data


def _preload(entries: list[list[Any]]) -> None:
    """Import each `module`; of `module:function`, call the function with the arguments after the name."""
    for name, *arguments in entries:
        module, _, function = name.partition(":")
        imported = importlib.import_module(module)
        if function:
            getattr(imported, function)(*arguments)


def _answer(control: socket.socket, children: set[int], memory: int) -> bool:
    """Answer one request. Returns False when the daemon is gone."""
    try:
        message, descriptors, _, _ = socket.recv_fds(control, REQUEST.size, 1)
        if len(message) < REQUEST.size:
            return False
        what, pid = REQUEST.unpack(message)
        if what == FORK:
            result = _fork(control, descriptors[0], memory)
            if result > 0:
                children.add(result)
        else:
            os.kill(pid, signal.SIGKILL)
            result = os.waitpid(pid, 0)[1]
            children.discard(pid)
        control.sendall(NUMBER.pack(result))
    except ConnectionError:
        return False
    return True


def _fork(control: socket.socket, descriptor: int, memory: int) -> int:
    """Fork a worker. Returns its pid, or the negative errno (no more processes, no memory)."""
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        pid = -(error.errno or 1)
    if pid:
        os.close(descriptor)
        return pid
    try:
        control.close()
        gc.enable()
        _limit_resources(parent, memory)
        _work(socket.socket(fileno=descriptor), memory)
    finally:
        os._exit(1)


def _limit_resources(parent: int, memory: int) -> None:
    with suppress(
        OSError, AttributeError
    ):  # Linux only; elsewhere workers end with their socket, or are killed by the server
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, ValueError):  # no /proc, or the system rejects the limit (macOS)
        with open("/proc/self/statm") as sizes:
            mapped = int(sizes.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + memory, mapped + memory))
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("500")  # if memory runs out, a worker is killed rather than the daemon


def _work(connection: socket.socket, memory: int) -> NoReturn:
    stream = connection.makefile("rb")
    while True:
        head = stream.read(LENGTH.size)
        if len(head) < LENGTH.size:
            os._exit(0)
        ending, answer = _run(stream.read(*LENGTH.unpack(head)), memory)
        connection.sendall(LENGTH.pack(len(answer)))
        connection.sendall(answer)
        if ending == "broken":
            os._exit(0)


def _run(payload: bytes, memory: int) -> tuple[str, bytes]:
    """Run one job. Returns how it ended: `ok` with the value, `raised` with the exception, `broken` with a text."""
    try:
        job, args = pickle.loads(payload)
        ending, value = "ok", job(*args)
    except MemoryError:
        ending, value = "broken", f"wanted more than {memory >> 20} MiB"
    except Exception as error:
        error.add_note("in a worker:\n" + "".join(traceback.format_tb(error.__traceback__)[1:]))
        ending, value = "raised", error
    except BaseException as error:  # SystemExit, and what a C extension may raise
        ending, value = "broken", repr(error)
    try:
        answer = pickle.dumps((ending, value), pickle.HIGHEST_PROTOCOL)
        if ending == "raised":
            pickle.loads(answer)  # often fails for exception classes with their own arguments
        return ending, answer
    except Exception as error:
        what = repr(value)[:500] if ending == "raised" else type(value).__name__
        return "broken", pickle.dumps(("broken", f"answer cannot be passed on: {what}: {error!r}"[:1000]))


if __name__ == "__main__":
    main(int(sys.argv[1]))

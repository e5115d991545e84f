"""The daemon's side of the processes: talks to the server that forks workers, and to the workers."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.backends.worker_pool.server import LENGTH, NUMBER, REQUEST
from pipeline.stage import Unavailable

_PROGRAM = Path(__file__).with_name("server.py")
#: A worker uses one core: libraries that start a thread per core would compete, and threads do not survive a fork.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS",
     "RAYON_NUM_THREADS"), "1",
)  # fmt: skip


@dataclass(slots=True)
class Worker:
    """A process that runs one job at a time."""

    pid: int
    server: Server
    connection: socket.socket
    jobs: int = 0

    def is_alive(self) -> bool:
        """Whether its end of the connection is open. An idle worker sends nothing, so anything readable is the end."""
        try:
            self.connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    async def run(self, payload: bytes) -> bytes:
        """Send one job; return the answer. Raises OSError, EOFError when the worker dies."""
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.connection, LENGTH.pack(len(payload)))
        await loop.sock_sendall(self.connection, payload)
        (size,) = LENGTH.unpack(await _receive(self.connection, LENGTH.size))
        return await _receive(self.connection, size)


class Server:
    """A process of server.py, which forks the workers."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process, self._control = process, control
        self._lock = asyncio.Lock()
        self._lost = False  # the server is gone, or a request was cancelled before its answer

    @classmethod
    async def launch(cls, options: dict[str, Any]) -> Server:
        """Start the server and wait until it can fork. Raises Unavailable."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            command = [sys.executable, "-P", str(_PROGRAM), str(theirs.fileno())]
            try:
                process = subprocess.Popen(  # noqa: ASYNC220 (milliseconds, and a plain process needs no child watcher)
                    command, env=os.environ | _ONE_THREAD, pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                )  # fmt: skip
            except OSError as error:
                ours.close()
                raise Unavailable(f"cannot start processes: {error}") from error
        server = cls(process, ours)
        loop, sent = asyncio.get_running_loop(), json.dumps(options).encode()
        try:
            await loop.sock_sendall(ours, LENGTH.pack(len(sent)) + sent)
            (size,) = NUMBER.unpack(await _receive(ours, NUMBER.size))
            failure = (await _receive(ours, size)).decode()
        except (OSError, EOFError):
            failure = f"ended with status {process.poll()}"
        except BaseException:
            process.kill()  # otherwise it would first finish its imports
            await server.close()
            raise
        if failure:
            await server.close()
            raise Unavailable(f"cannot start processes: {failure}")
        return server

    @property
    def gone(self) -> bool:
        return self._lost or self._process.poll() is not None

    async def ask(self, what: int, pid: int, passed: socket.socket | None = None) -> int:
        """Send one request; return its answer. Raises OSError, EOFError when the server is gone. Cancelling it ends the
        server, because the next answer could not be matched to its request."""
        async with self._lock:
            if self._lost:
                raise EOFError("the server is gone")
            try:
                socket.send_fds(self._control, [REQUEST.pack(what, pid)], [passed.fileno()] if passed else [])
                (answer,) = NUMBER.unpack(await _receive(self._control, NUMBER.size))
            except BaseException:
                self._lost = True
                raise
        return int(answer)

    async def close(self) -> None:
        """End the server: when its control socket closes, it kills its workers and exits."""
        self._lost = True
        self._control.close()
        for wait in (2.0, None):
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, wait)
                return
            self._process.kill()


async def _receive(connection: socket.socket, size: int) -> bytes:
    """Read exactly `size` bytes. Raises EOFError, OSError."""
    loop = asyncio.get_running_loop()
    buffer = memoryview(bytearray(size))
    have = 0
    while have < size:
        got = await loop.sock_recv_into(connection, buffer[have:])
        if not got:
            raise EOFError("the other side is gone")
        have += got
    return bytes(buffer)

"""CPU work in processes that may be killed: one job a process at a time, so that one job's end is nobody else's.

Knows nothing of the jobs. What runs on the other side is server.py, started as a program of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pipeline.backends.worker_pool.server import END, FORK, LENGTH, NUMBER, REQUEST
from pipeline.ports import JobFailed
from pipeline.stage import Unavailable

T = TypeVar("T")

_PROGRAM = Path(__file__).with_name("server.py")
#: A worker is one core's: libraries that start a thread per core would fight, and threads do not survive a fork.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS",
     "RAYON_NUM_THREADS"), "1",
)  # fmt: skip


class ProcessPool:
    """The `Slots` seam. `timeout`: seconds a job may take, waiting for a slot not counted. `memory`: bytes a worker may
    map beyond what it starts with. `recycle`: jobs after which a worker is replaced, against leaks in C. `preload`:
    modules (`module` or `module:function`, called once) imported before workers are forked, so that they share them;
    a function with arguments is a tuple, the arguments plain JSON values.

    A cancelled call's job runs to its end or its timeout, then the slot is free. Use it on one event loop.
    """

    def __init__(
        self,
        processes: int,
        timeout: float,
        memory: int,
        recycle: int,
        preload: Sequence[str | tuple[Any, ...]] = (),
    ) -> None:
        if processes < 1 or recycle < 1 or timeout <= 0 or memory <= 0:
            raise ValueError("processes, recycle, timeout and memory must be positive")
        self._processes, self._timeout, self._recycle = processes, timeout, recycle
        entries = [[entry] if isinstance(entry, str) else list(entry) for entry in preload]
        self._options = {"memory": memory, "preload": entries, "path": [str(entry) for entry in sys.path]}
        self._jobs: asyncio.Queue[tuple[bytes, asyncio.Future[Any]]] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._server: _Server | None = None
        self._starting = asyncio.Lock()
        self._closed = False

    async def start(self) -> None:
        """Start now what the first call would start. Raises Unavailable (no memory, a `preload` that fails)."""
        await self._running_server()

    async def run(self, job: Callable[..., T], *args: Any) -> T:
        """`job(*args)` in a free slot. Raises JobFailed (extract_timeout, extract_crash), Unavailable, and what the job
        raises, with the worker's traceback as a note; pickle's errors for arguments it cannot take."""
        payload = pickle.dumps((job, args), pickle.HIGHEST_PROTOCOL)
        if self._closed:
            raise Unavailable("the processes are closed")
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._slot(), name=f"slot {n}") for n in range(self._processes)]
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put_nowait((payload, answer))
        return await answer

    async def close(self) -> None:
        """End every process. Calls under way raise Unavailable."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self._jobs.empty():
            _fail(self._jobs.get_nowait()[1], Unavailable("the processes are closed"))
        if self._server:
            await self._server.close()

    async def _slot(self) -> None:
        """The life of one slot. Owns its worker; nothing but `close` ends it."""
        worker: _Worker | None = None
        try:
            while True:
                payload, answer = await self._jobs.get()
                if answer.done():  # its caller was cancelled
                    continue
                try:
                    worker = await self._do(worker, payload, answer)
                except asyncio.CancelledError:
                    _fail(answer, Unavailable("the processes are closed"))
                    raise
                except Exception as error:
                    worker = None
                    _fail(answer, error)
        finally:
            if worker:
                worker.connection.close()

    async def _do(self, worker: _Worker | None, payload: bytes, answer: asyncio.Future[Any]) -> _Worker | None:
        """Run one job, in `worker` if it lives, and settle `answer`. Returns the worker for the next job."""
        worker = await self._living(worker)
        data = await self._run(worker, payload)
        if data is None:  # the server was killed and took every worker along: once, that is not this job's fault
            worker = await self._living(None)
            data = await self._run(worker, payload)
        if data is None:
            raise JobFailed("extract_crash", "the server of the processes died twice")
        worker.jobs += 1
        try:
            ending, value = pickle.loads(data)
        except Exception as error:
            ending, value = "broken", f"answer cannot be read: {error!r}"[:1000]
        if ending == "ok" and not answer.done():
            answer.set_result(value)
        elif ending != "ok":
            _fail(answer, JobFailed("extract_crash", value) if ending == "broken" else value)
        if ending == "broken" or worker.jobs >= self._recycle:
            await self._end(worker)
            return None
        return worker

    async def _run(self, worker: _Worker, payload: bytes) -> bytes | None:
        """The answer. None when worker and server are gone. Raises JobFailed; the worker is then ended."""
        try:
            async with asyncio.timeout(self._timeout):
                return await worker.run(payload)
        except TimeoutError:
            await self._end(worker)
            raise JobFailed("extract_timeout", f"no answer within {self._timeout:g} s") from None
        except (OSError, EOFError):
            how = await self._end(worker)
            if how is None:
                return None
            raise JobFailed("extract_crash", how) from None
        except asyncio.CancelledError:
            worker.connection.close()
            raise

    async def _running_server(self) -> _Server:
        async with self._starting:
            if self._server and self._server.gone:
                await self._server.close()
                self._server = None
            if self._server is None:
                self._server = await _Server.launch(self._options)
            return self._server

    async def _living(self, worker: _Worker | None) -> _Worker:
        """`worker`, or a new one. Raises Unavailable."""
        if worker and worker.lives():
            return worker
        if worker:
            await self._end(worker)
        server = await self._running_server()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            try:
                pid = await server.ask(FORK, 0, theirs)
                if pid < 0:
                    raise OSError(-pid, os.strerror(-pid))
            except BaseException as error:
                ours.close()
                if isinstance(error, (OSError, EOFError)):
                    raise Unavailable(f"cannot start a process: {error}") from error
                raise
        return _Worker(pid, server, ours)

    async def _end(self, worker: _Worker) -> str | None:
        """Kill it if it runs, and say how it ended. None: nobody is left to tell."""
        worker.connection.close()
        try:
            status = os.waitstatus_to_exitcode(await worker.server.ask(END, worker.pid))
        except (OSError, EOFError):
            return None
        return f"killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def _fail(answer: asyncio.Future[Any], error: BaseException) -> None:
    if not answer.done():  # a future takes no StopIteration
        answer.set_exception(RuntimeError(repr(error)) if isinstance(error, StopIteration) else error)


@dataclass(slots=True)
class _Worker:
    pid: int
    server: _Server
    connection: socket.socket
    jobs: int = 0

    def lives(self) -> bool:
        """Whether its end of the connection is open. It says nothing unasked, so anything to read is its end."""
        try:
            self.connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    async def run(self, payload: bytes) -> bytes:
        """Raises OSError, EOFError when it dies."""
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.connection, LENGTH.pack(len(payload)))
        await loop.sock_sendall(self.connection, payload)
        (size,) = LENGTH.unpack(await _receive(self.connection, LENGTH.size))
        return await _receive(self.connection, size)


class _Server:
    """The running server.py."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process, self._control = process, control
        self._one = asyncio.Lock()
        self._lost = False  # an answer was not waited for, or there is nobody to give one

    @classmethod
    async def launch(cls, options: dict[str, Any]) -> _Server:
        """Raises Unavailable."""
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
        loop, told = asyncio.get_running_loop(), json.dumps(options).encode()
        try:
            await loop.sock_sendall(ours, LENGTH.pack(len(told)) + told)
            (size,) = NUMBER.unpack(await _receive(ours, NUMBER.size))
            failure = (await _receive(ours, size)).decode()
        except (OSError, EOFError):
            failure = f"ended with status {process.poll()}"
        except BaseException:
            process.kill()  # it would finish importing first
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
        """One request and its answer. Raises OSError, EOFError when the server is gone. Cancelling it ends the server:
        its answers could no longer be told apart."""
        async with self._one:
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
        """At the end of the control socket the server kills its workers and ends."""
        self._lost = True
        self._control.close()
        for wait in (2.0, None):
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, wait)
                return
            self._process.kill()


async def _receive(connection: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes. Raises EOFError, OSError."""
    loop = asyncio.get_running_loop()
    buffer = memoryview(bytearray(size))
    have = 0
    while have < size:
        got = await loop.sock_recv_into(connection, buffer[have:])
        if not got:
            raise EOFError("the other side is gone")
        have += got
    return bytes(buffer)

"""Runs CPU work in processes that may be killed; each runs one job at a time, so that a crash affects only its job."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pipeline.backends.worker_pool.process import Server, Worker
from pipeline.backends.worker_pool.server import END, FORK
from pipeline.ports import JobFailed
from pipeline.stage import Unavailable

T = TypeVar("T")


class ProcessPool:
    """A pool of `processes` workers (`ports.WorkerPool`), each running one job at a time.

    `timeout`: seconds a job may take, not counting the wait for a worker. `memory`: bytes a worker may map in addition
    to what it starts with. `recycle`: jobs after which a worker is replaced (memory leaks). `preload`: modules to
    import before workers are forked, so that they share them: `module`, `module:function` (which is called once), or a
    tuple of that and arguments, which are plain JSON values.

    A cancelled call's job runs to its end or its timeout. Use the pool on one event loop.
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
        self._server: Server | None = None
        self._starting = asyncio.Lock()
        self._closed = False

    async def start(self) -> None:
        """Start the processes now, not at the first call. Raises Unavailable (no memory, or `preload` fails)."""
        await self._running_server()

    async def run(self, job: Callable[..., T], *args: Any) -> T:
        """Run `job(*args)` in a free worker. Raises JobFailed (extract_timeout, extract_crash), Unavailable, and what
        the job raises, with the worker's traceback as a note; pickle's errors for arguments that cannot be pickled."""
        payload = pickle.dumps((job, args), pickle.HIGHEST_PROTOCOL)
        if self._closed:
            raise Unavailable("the processes are closed")
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._serve(), name=f"worker {n}") for n in range(self._processes)]
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put_nowait((payload, answer))
        return await answer

    async def close(self) -> None:
        """End every process. Calls in progress raise Unavailable."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self._jobs.empty():
            _fail(self._jobs.get_nowait()[1], Unavailable("the processes are closed"))
        if self._server:
            await self._server.close()

    async def _serve(self) -> None:
        """Run jobs one after the other in one worker, which is replaced when it dies; until `close`."""
        worker: Worker | None = None
        try:
            while True:
                payload, answer = await self._jobs.get()
                if answer.done():  # its caller was cancelled
                    continue
                try:
                    worker = await self._run_job(worker, payload, answer)
                except asyncio.CancelledError:
                    _fail(answer, Unavailable("the processes are closed"))
                    raise
                except Exception as error:
                    worker = None
                    _fail(answer, error)
        finally:
            if worker:
                worker.connection.close()

    async def _run_job(self, worker: Worker | None, payload: bytes, answer: asyncio.Future[Any]) -> Worker | None:
        """Run one job, in `worker` if it lives, and set `answer`. Returns the worker for the next job."""
        worker = await self._live_worker(worker)
        data = await self._run(worker, payload)
        if data is None:  # the server was killed, and its workers with it: the first time this job is not to blame
            worker = await self._live_worker(None)
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

    async def _run(self, worker: Worker, payload: bytes) -> bytes | None:
        """Return the answer; None when worker and server are gone. Raises JobFailed; the worker is then ended."""
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

    async def _running_server(self) -> Server:
        async with self._starting:
            if self._server and self._server.gone:
                await self._server.close()
                self._server = None
            if self._server is None:
                self._server = await Server.launch(self._options)
            return self._server

    async def _live_worker(self, worker: Worker | None) -> Worker:
        """Return `worker` if it lives, else a new one. Raises Unavailable."""
        if worker and worker.is_alive():
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
        return Worker(pid, server, ours)

    async def _end(self, worker: Worker) -> str | None:
        """Kill the worker if it runs. Returns how it ended; None when the server is gone too."""
        worker.connection.close()
        try:
            status = os.waitstatus_to_exitcode(await worker.server.ask(END, worker.pid))
        except (OSError, EOFError):
            return None
        return f"killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def _fail(answer: asyncio.Future[Any], error: BaseException) -> None:
    if not answer.done():  # a future does not accept StopIteration
        answer.set_exception(RuntimeError(repr(error)) if isinstance(error, StopIteration) else error)

"""Work that takes longer than a request: started by one, looked at by others until it is forgotten."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pipeline.core.wording import words_of
from pipeline.stage import Unavailable

AT_ONCE = 2  # jobs that run; others wait
KEPT = 40  # jobs that are kept, the newest

T = TypeVar("T")
Progress = Callable[[int, int], None]


@dataclass
class Job(Generic[T]):
    """A job. `done`, `total`: how far it is; `result` when it has ended well, `error` when not."""

    id: str
    user: str  # who started it; nobody else sees it
    about: str
    done: int = 0
    total: int = 0
    result: T | None = None
    error: str = ""

    @property
    def ended(self) -> bool:
        return self.result is not None or bool(self.error)

    def progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total


@dataclass
class Jobs(Generic[T]):
    """The jobs of this process. They end with it, and are gone after a restart."""

    _jobs: dict[str, Job[T]] = field(default_factory=dict)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def start(self, user: str, about: str, work: Callable[[Progress], Awaitable[T]]) -> Job[T]:
        """Start `work`, with a function that it calls with its progress."""
        while len(self._jobs) >= KEPT:
            self._forget(next(iter(self._jobs)))
        job: Job[T] = Job(secrets.token_urlsafe(12), user, about)
        self._jobs[job.id] = job
        self._tasks[job.id] = asyncio.create_task(self._run(job, work))
        return job

    def get(self, id: str, user: str) -> Job[T] | None:
        """The job with this id, if this user started it."""
        job = self._jobs.get(id)
        return job if job is not None and job.user == user else None

    async def _run(self, job: Job[T], work: Callable[[Progress], Awaitable[T]]) -> None:
        async with self._turns:
            try:
                job.result = await work(job.progress)
            except (Unavailable, ValueError) as error:
                job.error = words_of(error) or type(error).__name__

    def _forget(self, id: str) -> None:
        self._jobs.pop(id)
        self._tasks.pop(id).cancel()

    async def close(self) -> None:
        """Stop what runs."""
        for id in list(self._jobs):
            self._forget(id)

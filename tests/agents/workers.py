"""Workers as an operator runs them: `python -m pipeline worker`, a process each, on real servers."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.agents.newsroom import ALERTS

PATIENCE = 60.0  # seconds for what takes three on an idle machine
SETTINGS = """
[fetch]
delay_per_site = 0
per_domain = 64
allow_networks = ["127.0.0.1/32"]
[clean]
processes = 1
[poll]
every = 1
min_interval = 1
max_interval = 2
revisit = ["72h"]
[kafka]
partitions = 2
session = 6
"""


@dataclass
class Place:
    """A folder with a configuration, and the variables that name the servers. Write it with `made`."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def made(cls, folder: Path, feeds: str = "", **environment: str) -> Place:
        config = folder / "config"
        (config / "topics").mkdir(parents=True)
        for name, text in {"almenara.toml": SETTINGS, "alerts.toml": ALERTS, "feeds.toml": feeds}.items():
            (config / name).write_text(text)
        return cls(folder, environment)

    async def almenara(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error. No command may hang, or show a traceback."""
        process = await self._start(arguments, environment, asyncio.subprocess.PIPE)
        try:
            async with asyncio.timeout(PATIENCE):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            raise
        said = err.decode()
        assert "Traceback" not in said, said
        return process.returncode or 0, out.decode(), said

    @asynccontextmanager
    async def worker(
        self, *only: str, program: str = "", command: str = "worker", **environment: str
    ) -> AsyncIterator[Worker]:
        """A worker with the stages `only`, or `command`, while inside. `program` runs before it, in its process."""
        said = self.folder / "worker.err"
        arguments = (command, "--only", ",".join(only)) if only else (command,)
        with said.open("ab") as file:
            process = await self._start(arguments, environment, file.fileno(), program)
        worker = Worker(process, said)
        try:
            yield worker
        finally:
            if process.returncode is None:
                process.terminate()
                try:
                    await asyncio.wait_for(process.wait(), PATIENCE)
                except TimeoutError:
                    process.kill()
                    raise

    async def _start(
        self, arguments: tuple[str, ...], environment: Mapping[str, str], err: int, program: str = ""
    ) -> asyncio.subprocess.Process:
        code = f"{program}\nimport sys; sys.argv[0] = 'almenara'\nfrom pipeline.cli import main\nmain()"
        start = ["-c", code] if program else ["-m", "pipeline"]
        return await asyncio.create_subprocess_exec(
            sys.executable, *start, *arguments, "--config", str(self.folder / "config"),
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])} | self.environment | dict(environment),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=err, cwd=self.folder,
        )  # fmt: skip


@dataclass
class Worker:
    process: asyncio.subprocess.Process
    file: Path

    @property
    def said(self) -> str:
        return self.file.read_text()

    async def ended(self) -> int:
        """Its exit code."""
        return await asyncio.wait_for(self.process.wait(), PATIENCE)

    async def says(self, text: str) -> None:
        """Wait until it has said that."""
        await until(lambda: self._says(text), self)

    async def _says(self, text: str) -> bool:
        return text in self.said


async def until(condition: Callable[[], Awaitable[bool]], worker: Worker) -> None:
    """Wait for what the running worker brings about; its death, or PATIENCE, ends the wait with what it said."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not await condition():
                if worker.process.returncode is not None:
                    raise AssertionError(f"the worker ended with {worker.process.returncode}:\n{worker.said}")
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"not within {PATIENCE:g} s; the worker said:\n{worker.said}") from None

"""One server of each kind for a whole pytest run, started when first needed, shared by all xdist workers.

The main process of the run holds a named pipe open and passes its folder to the workers; every server reads from that
pipe and ends with it. So nothing is counted, and servers end with the run, however it ends.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import tempfile
import time
from pathlib import Path

from tests.services.install import Failed, Missing
from tests.services.servers import Elasticsearch, Kafka, Server

KINDS: dict[str, type[Server]] = {"kafka": Kafka, "elasticsearch": Elasticsearch}


class Shared:
    """The servers of the run whose folder is `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pipe = folder / "leash"
        self._held = -1
        self._started: list[Server] = []  # kept: a Popen object deleted while its process runs causes a warning

    @classmethod
    def begin(cls) -> Shared:
        """Start sharing; for the main process of a run, which must call `end`."""
        shared = cls(Path(tempfile.mkdtemp(prefix="almenara-tests-")))
        os.mkfifo(shared._pipe)
        shared._held = os.open(shared._pipe, os.O_RDWR)
        return shared

    @property
    def run(self) -> str:
        """The lower-case name of the run, the same in all its workers."""
        return self.folder.name.removeprefix("almenara-tests-").lower().replace("_", "x")

    def url(self, service: str) -> str:
        """The URL of the running server, started if necessary. Raises Missing or Failed in every worker that asks."""
        note = self.folder / f"{service}.json"
        with (self.folder / f"{service}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not note.exists():
                note.write_text(json.dumps(self._start(service)))
            found = json.loads(note.read_text())
        if "failed" in found:
            raise Failed(found["failed"])
        return str(found["url"])

    def _start(self, service: str) -> dict[str, str]:
        server = KINDS[service](self.folder / service)
        leash = os.open(self._pipe, os.O_RDONLY)
        try:
            server.start(leash=leash)
        except (Missing, Failed) as reason:
            return {"failed": str(reason)}
        finally:
            os.close(leash)
        self._started.append(server)
        return {"url": server.url}

    def end(self) -> None:
        """Stop the servers and remove their files."""
        os.close(self._held)
        end = time.monotonic() + 10
        while self._read() and time.monotonic() < end:
            time.sleep(0.02)
        for server in self._started:
            server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self) -> bool:
        """Whether a server still holds the pipe open."""
        try:
            os.close(os.open(self._pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            return False
        return True

"""One Kafka broker or Elasticsearch node: start, stop, kill, start again on the same port and data.

A server is tied to the process that started it by a pipe: when that process ends, even by a kill, so does the server.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.services.install import Failed, installed, jdk

START = 120.0  # seconds a start may take, on a busy machine
STOP = 60.0  # seconds a clean stop may take


class Server:
    """A server with its data, ports and log in `folder`; `settings` are added to its configuration file.

    `quick` disables Java's optimising compiler: half the CPU time until it answers, but slower under load. Use
    quick=False to measure throughput.
    """

    scheme = ""
    ports = 2  # number of free ports needed; the first is in the URL

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None, quick: bool = True) -> None:
        self.folder = folder.absolute()
        self.settings = dict(settings or {})
        self.quick = quick
        self.log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def port(self) -> int:
        return self._ports()[0]

    @property
    def url(self) -> str:
        """The URL for the settings log_url and index_url; the same after a restart."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def start(self, leash: int = subprocess.PIPE) -> None:
        """Start, and return when the server answers. With a file descriptor as `leash`, the server runs until its other
        end is closed; with subprocess.DEVNULL until it is stopped. Raises Missing, Failed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.pid:
            raise Failed(f"{self.folder} has a server already (pid {self.pid}): stop it first")
        command = self._command()
        java = [f"-Dleash={str(leash != subprocess.DEVNULL).lower()}", "-XX:+UseSerialGC"]
        command[1:1] = [*java, "-XX:TieredStopAtLevel=1"] if self.quick else java
        with self.log.open("ab") as log:
            before = log.tell()
            self._process = subprocess.Popen(
                command, stdin=leash, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder, start_new_session=True
            )
        (self.folder / "pid").write_text(str(self._process.pid))
        end = time.monotonic() + START
        while not self._ready(before):
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise Failed(f"{type(self).__name__} did not start; the end of {self.log}:\n{self._tail()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop cleanly, by SIGTERM, if it runs."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it like a power failure, by SIGKILL."""
        self._end(signal.SIGKILL)

    def wait(self) -> None:
        """Wait until the server that this object started has ended."""
        if self._process:
            self._process.wait(STOP)
            if self._process.stdin:
                self._process.stdin.close()
            self._process = None

    @property
    def pid(self) -> int:
        """Process id of the running server, even if another process started it; 0 if none runs."""
        if self._process:
            return self._process.pid if self._process.poll() is None else 0
        try:
            pid = int((self.folder / "pid").read_text())
        except (OSError, ValueError):
            return 0
        # The id may belong to another program by now.
        shown = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return pid if str(self.folder) in shown.stdout else 0

    def _end(self, how: signal.Signals) -> None:
        pid, end = self.pid, time.monotonic() + STOP
        if pid:
            os.kill(pid, how)
        while pid and self.pid:
            if time.monotonic() > end:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        self.wait()

    def _ports(self) -> list[int]:
        """The ports, chosen once and stored with the data."""
        file = self.folder / "ports"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            file.write_text(" ".join(str(free_port()) for _ in range(self.ports)))
        return [int(port) for port in file.read_text().split()]

    def _tail(self) -> str:
        return self.log.read_bytes()[-3000:].decode(errors="replace")

    def _command(self) -> list[str]:
        """Write the configuration; returns the command line that starts the server with it."""
        raise NotImplementedError

    def _ready(self, before: int) -> bool:
        """Whether it answers. `before`: the length of the log in bytes before this start."""
        raise NotImplementedError


class Kafka(Server):
    """A broker that is its own controller. It does not create topics automatically."""

    scheme = "kafka"

    def _command(self) -> list[str]:
        port, controller = self._ports()
        properties = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": str(self.folder / "data"),
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "2",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            # A killed broker may rejoin when its last session has expired: after 9 s by default.
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "300",
            # Retention and compaction act within seconds, so that tests can wait for them.
            "log.initial.task.delay.ms": "500",
            "log.retention.check.interval.ms": "1000",
            "log.segment.delete.delay.ms": "1000",
            "log.cleaner.backoff.ms": "500",
            "log.cleaner.dedupe.buffer.size": str(16 << 20),
            "log.index.size.max.bytes": str(1 << 20),
            "num.network.threads": "2",
            "num.io.threads": "4",
        } | self.settings
        file = self.folder / "server.properties"
        file.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        home = installed("kafka")
        return [
            *(str(jdk(17) / "java"), "-Xmx384m", "-Dorg.slf4j.simpleLogger.showDateTime=true"),
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
            *("-cp", f"{home / 'classes'}:{home / 'libs'}/*", "Broker", str(file), str(self.folder / "data")),
        ]

    def _ready(self, before: int) -> bool:
        return b"Kafka Server started" in self.log.read_bytes()[before:]


class Elasticsearch(Server):
    """A single-node cluster: the server's core with HTTP, and the analysis that templates need."""

    scheme = "http"

    def _command(self) -> list[str]:
        port, transport = self._ports()
        config = self.folder / "config"
        config.mkdir(exist_ok=True)
        settings = {
            "cluster.name": "almenara-tests",
            "node.name": "almenara-tests-1",
            "discovery.type": "single-node",
            "network.host": "127.0.0.1",
            "http.port": str(port),
            "transport.port": str(transport),
            "path.data": str(self.folder / "data"),
            "path.logs": str(self.folder / "logs"),
            "node.store.allow_mmap": "false",
            # A developer's disk may be nearly full. A test of the watermarks turns them on, and they act soon.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            "cluster.info.update.interval": "10s",
            "cluster.max_shards_per_node": "5000",
        } | self.settings
        (config / "elasticsearch.yml").write_text(json.dumps(settings))  # JSON is YAML
        home = installed("elasticsearch")
        return [
            *(str(jdk(21) / "java"), "-Xmx768m"),
            *("--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector"),
            *("-cp", f"{home / 'classes'}:{home / 'libs'}/*", "SearchNode", str(home), str(config)),
        ]

    def _ready(self, before: int) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_cluster/health", timeout=5) as answer:
                return json.load(answer)["status"] in ("green", "yellow")
        except (OSError, ValueError):
            return False


def free_port() -> int:
    """A free port below the range for outgoing connections: otherwise a client that keeps trying to reach a stopped
    server may be assigned the server's own port, and keep it."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port

"""An Elasticsearch 7.17 node with the percolator, from jars on Maven Central, and its queries.

7.17 is the last release whose percolator is published there.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from pipeline.core.query.tree import And, Node, Not, Or, Phrase, Prefix, Word
from tests.services.install import jdk
from tests.services.servers import free_port

HERE = Path(__file__).parent
JDK = 17
TICKS = os.sysconf("SC_CLK_TCK")
MOST = 10_000  # hits of one search
BULK = 1_000  # queries stored in one request


class Percolator:
    """The node, with its data in `folder`. Needs `mvn` and a JDK of version 17 or newer."""

    def __init__(self, folder: Path, memory: str = "3g") -> None:
        libs, classes = folder / "libs", folder / "classes"
        java = jdk(JDK)
        fetch = ["mvn", "--batch-mode", "--quiet", "--file", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
        subprocess.run([*fetch, f"-DoutputDirectory={libs}"], check=True)
        subprocess.run([java / "javac", "-cp", f"{libs}/*", "-d", classes, HERE / "PercolatorNode.java"], check=True)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        settings = {
            "cluster.name": "percolator", "node.name": "percolator-1", "discovery.type": "single-node",
            "network.host": "127.0.0.1", "http.port": port, "transport.port": free_port(),
            "path.data": str(folder / "data"), "path.logs": str(folder / "logs"), "node.store.allow_mmap": False,
            "cluster.routing.allocation.disk.threshold_enabled": False,
        }  # fmt: skip
        config = folder / "config"
        config.mkdir(parents=True)
        (config / "elasticsearch.yml").write_text(json.dumps(settings))
        command = [
            str(java / "java"),
            f"-Xms{memory}",
            f"-Xmx{memory}",
            "-XX:+UseSerialGC",
            "-cp",
            f"{classes}:{libs}/*",
        ]
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "PercolatorNode", folder, config], stdout=log, stderr=subprocess.STDOUT
            )
        self._wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def _wait(self) -> None:
        for _ in range(240):
            try:
                self.call("GET", "_cluster/health")
                return
            except OSError:
                time.sleep(0.5)
        raise TimeoutError("the percolator did not start")

    def call(self, method: str, path: str, body: bytes | None = None) -> Any:
        """The answer of the server. Raises OSError."""
        head = {"Content-Type": "application/x-ndjson" if path.endswith("_bulk") else "application/json"}
        request = urllib.request.Request(f"{self.url}/{path}", data=body, headers=head, method=method)
        with urllib.request.urlopen(request, timeout=900) as answer:
            return json.load(answer)

    def cpu(self) -> float:
        """Seconds of CPU that the server has used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def store(self, index: str, nodes: Sequence[Node]) -> None:
        """Store queries, one segment in all: what is fastest to search."""
        properties = {"query": {"type": "percolator"}, "text": {"type": "text"}}
        settings = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"}
        whole = {"settings": settings, "mappings": {"properties": properties}}
        self.call("PUT", index, json.dumps(whole).encode())
        for start in range(0, len(nodes), BULK):
            some = enumerate(nodes[start : start + BULK], start)
            answer = self.call("POST", f"{index}/_bulk", b"".join(_lines(some)))
            if answer["errors"]:
                raise ValueError(str(answer)[:500])
        self.call("POST", f"{index}/_forcemerge?max_num_segments=1")
        self.call("POST", f"{index}/_refresh")

    def matches(self, index: str, text: str) -> list[int]:
        """The numbers of the queries that match a document, rising."""
        query = {"percolate": {"field": "query", "document": {"text": text.split("\n")}}}
        body = json.dumps({"query": query, "size": MOST, "_source": False, "sort": ["_doc"]}).encode()
        found = self.call("POST", f"{index}/_search?filter_path=hits.hits._id&request_cache=false", body)
        return sorted(int(hit["_id"]) for hit in found.get("hits", {}).get("hits", []))


def _lines(some: Iterable[tuple[int, Node]]) -> Iterator[bytes]:
    for number, node in some:
        yield json.dumps({"index": {"_id": str(number)}}).encode() + b"\n"
        yield json.dumps({"query": dsl(node)}).encode() + b"\n"


def dsl(node: Node) -> dict[str, Any]:
    """The body of a query of words, prefixes and plain phrases in any field."""
    match node:
        case Word(word):
            return {"term": {"text": word}}
        case Prefix(prefix):
            return {"prefix": {"text": prefix}}
        case Phrase(parts, slop=0):
            return {"match_phrase": {"text": " ".join(part[0][0] for part in parts)}}
        case Or(parts):
            return {"bool": {"should": [dsl(part) for part in parts]}}
        case And(parts):
            positive = [dsl(part) for part in parts if not isinstance(part, Not)]
            return {"bool": {"filter": positive, "must_not": [dsl(p.part) for p in parts if isinstance(p, Not)]}}
    raise TypeError(type(node).__name__)

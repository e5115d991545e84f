"""Measures load on real servers in one command; docs/performance.md explains the figures.

    ./test python -m scripts.load [--articles 6000] [--rounds 3] [--rate 100] [--seconds 60] [--json FILE]
                           [--parts hops,bulk,burst,replay,memory] [--stages clean,tag,…]

Uses the servers in ALMENARA_TEST_KAFKA and ALMENARA_TEST_ELASTICSEARCH, or starts its own (docs/testing.md). Everything
it creates there is called load-… and removed afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scripts.load import bulk, burst, hops, memory, replay
from scripts.load.articles import site
from scripts.load.place import Servers
from scripts.load.report import as_text
from tests.services.servers import Elasticsearch, Kafka

PARTS = ("hops", "bulk", "burst", "replay", "memory")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="./test python -m scripts.load", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--articles", type=int, default=6000, help="synthetic articles, for everything but the whole burst"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=100.0, help="articles per second in a burst")
    parser.add_argument("--seconds", type=float, default=60.0, help="duration of a burst")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--stages", default=",".join(hops.HOPS), help="stages measured by the part hops")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it cleans up then, too
    with servers() as found:
        figures = asyncio.run(measure(found, given))
    print(as_text(figures))


@contextmanager
def servers() -> Iterator[Servers]:
    """The servers in the environment, or our own with Java's optimising compiler on."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="almenara-load-")))
        kafka, elastic = os.environ.get("ALMENARA_TEST_KAFKA"), os.environ.get("ALMENARA_TEST_ELASTICSEARCH")
        data = None
        if not kafka:
            # Keeps messages as long as a deployment would; the tests' setting deletes them within seconds.
            kafka = stack.enter_context(Kafka(folder / "kafka", quick=False)).url
            data = folder / "kafka" / "data"
        if not elastic:
            elastic = stack.enter_context(Elasticsearch(folder / "elasticsearch", quick=False)).url
        yield Servers(kafka, elastic, folder, data)


async def measure(found: Servers, given: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"started": time.strftime("%F %H:%M"), "cores": os.cpu_count(), "given": _shown(given)}
    figures["load"] = {"before": round(os.getloadavg()[0], 1)}
    with site() as port:
        async for name, part in _parts(found, given, port):
            figures[name] = part
            figures["load"]["after"] = round(os.getloadavg()[0], 1)
            if given.json:  # each part as soon as it is measured
                given.json.write_text(json.dumps(figures, indent=1))
    return figures


async def _parts(found: Servers, given: argparse.Namespace, port: int) -> AsyncIterator[tuple[str, Any]]:
    parts = given.parts.split(",")
    records: hops.Records = {}
    if set(parts) != {"memory"}:
        _log(f"{given.articles} synthetic articles go through the whole pipeline once")
        records = await hops.make(port, given.articles)
    if "hops" in parts:
        measured = {}
        for stage in given.stages.split(","):
            _log(f"hop {stage}")
            measured[stage] = asdict(await hops.hop(found, stage, records, given.rounds))
            yield "hops", measured
    if "bulk" in parts:
        _log("bulk")
        yield "bulk", asdict(await bulk.compare(found, records, given.rounds))
    if "burst" in parts:
        _log(f"burst of {given.rate:g} articles/s, without extraction")
        yield "burst_tagged", asdict(await burst.tagged(found, records, given.rate, given.seconds))
        _log(f"burst of {given.rate:g} articles/s, the whole pipeline")
        yield "burst", asdict(await burst.whole(found, port, given.rate, given.seconds))
    if "replay" in parts:
        _log("replay")
        yield "replay", asdict(await replay.measure(found, records))
    if "memory" in parts:
        _log("memory")
        yield "memory", await memory.measure()


def _shown(given: argparse.Namespace) -> dict[str, Any]:
    return {name: value for name, value in vars(given).items() if name != "json"}


def _log(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} load {os.getloadavg()[0]:.1f}: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

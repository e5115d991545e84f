"""Measures live updates of the console to many readers while the daemon reads articles, and the daemon's speed.

    ./test python -m scripts.bench_readers [--readers 50] [--articles 300] [--rounds 2] [--every 10]

Runs the embedded pipeline from the stream `articles` on (tag, relate, index, alert) over articles put together from
those of the demo, in turn without and with readers. Readers are in a process of their own: each holds the stream of
updates open and opens the front page every `--every` seconds. Delays are from when the index has a document to when the
reader has an event that counts it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import httpx

from pipeline.assembly.backends import clock
from pipeline.assembly.console import console_served
from pipeline.assembly.deployment import Deployment, deployment_of
from pipeline.assembly.wiring import EmbeddedPipeline
from pipeline.commands.demo import prepare
from pipeline.config.folder import load
from pipeline.console.follow import Cursor
from pipeline.demo.content import entries, outlets
from pipeline.records import Article, Sourced
from pipeline.stage import Out
from pipeline.terminal.reporter import Reporter
from pipeline.web.server import listen, url_of

LOOK = 0.02  # seconds between looks at what the index has
LIMIT = 1.0  # seconds within which every reader is to have an update


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--every", type=float, default=10.0)
    parser.add_argument("--read", help=argparse.SUPPRESS)  # the process of the readers: the console's address
    options = parser.parse_args()
    if options.read:
        asyncio.run(_readers(options.read, options.readers, options.every))
    else:
        asyncio.run(_measure(options))


# -- the daemon ----------------------------------------------------------------------------------------------------


async def _measure(options: argparse.Namespace) -> None:
    rates: dict[bool, list[float]] = {False: [], True: []}
    delays: list[float] = []
    for n in range(2 * options.rounds):
        watched = bool(n % 2)
        rate, found = await _run(options, options.readers if watched else 0)
        rates[watched].append(rate)
        delays += found
        print(f"{'with' if watched else 'without'} readers: {rate:.1f} articles/s", flush=True)
    alone, beside = (statistics.median(rates[watched]) for watched in (False, True))
    print(f"speed with {options.readers} readers: {beside / alone:.2f} of that without")
    print(f"updates: {len(delays)}; {_said(delays)}")
    late = sum(delay > LIMIT for delay in delays)
    print(f"later than {LIMIT:.0f} s: {late}")


def _said(delays: Sequence[float]) -> str:
    if not delays:
        return "none came"
    ordered = sorted(delays)
    return ", ".join(
        f"{name} {1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]:.0f} ms"
        for name, share in (("median", 0.5), ("95 %", 0.95), ("99 %", 0.99), ("longest", 1.0))
    )


async def _run(options: argparse.Namespace, readers: int) -> tuple[float, list[float]]:
    """Articles a second, and the delays of the readers, on a new log and index."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "run"
        prepare(folder)
        (folder / "config" / "feeds.toml").write_text("", encoding="utf-8")
        alerts = folder / "config" / "alerts.toml"
        alerts.write_text(alerts.read_text(encoding="utf-8").replace('"terminal", ', ""), encoding="utf-8")
        configuration = load(folder / "config", {})
        deployment = deployment_of(configuration.settings)
        listener = listen("127.0.0.1", 0)
        async with (
            deployment.single_process(configuration, Reporter()) as pipeline,
            pipeline.driver.running(poll=False),
            console_served(deployment, lambda: configuration, listener),
        ):
            async with _watched(url_of(listener), readers, options.every) as heard:
                indexed = await _work(pipeline, deployment, options.articles)
            return options.articles / (max(indexed.values()) - indexed[0]), _delays(indexed, heard)


async def _work(pipeline: EmbeddedPipeline, deployment: Deployment, count: int) -> dict[int, float]:
    """Have the articles read; return when the index had each `seq`. 0: the start."""
    times = {0: time.monotonic()}
    await pipeline.log.publish([Out("articles", one.id, one) for one in made(count)])
    index = await deployment.open_index()
    try:
        while max(times) < count:
            times.setdefault(await index.max_seq(), time.monotonic())
            await asyncio.sleep(LOOK)
    finally:
        await index.close()
    await pipeline.driver.drained(0.0)
    return times


def made(count: int) -> list[Article]:
    """Articles of sentences of the demo's articles, in their languages; the same each time."""
    pick, languages = random.Random(1), {outlet.id: outlet.language for outlet in outlets()}
    texts: dict[str, list[str]] = {}
    for entry in entries():
        if entry.readable:
            texts.setdefault(languages[entry.outlet], []).extend(entry.paragraphs())
    now, found = clock(), []
    for n in range(count):
        language = pick.choice(sorted(texts))
        paragraphs = pick.sample(texts[language], min(6, len(texts[language])))
        title = " ".join(pick.choice(paragraphs).split()[:9])
        outlet = f"outlet{n % 40}"
        found.append(Article(
            id=f"{n:032x}", url=f"https://{outlet}.example/{n}", feed=outlet, source=outlet.title(),
            title=Sourced(value=f"{title} {n}", source="feed"), text="\n".join(paragraphs), content_hash=f"{n}",
            seen=now - timedelta(seconds=count - n), language=language, country="ES",
        ))  # fmt: skip
    return found


# -- the readers ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _watched(url: str, readers: int, every: float) -> AsyncIterator[list[tuple[int, int, float]]]:
    """Readers in a process of their own. Yields what they heard, filled on leaving: reader, seq, time."""
    heard: list[tuple[int, int, float]] = []
    if not readers:
        yield heard
        return
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scripts.bench_readers", "--read", url, "--readers", str(readers), "--every", str(every),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 26,
    )  # fmt: skip
    assert process.stdout
    assert process.stdin
    await process.stdout.readline()  # all are there
    yield heard
    await asyncio.sleep(2 * LIMIT)
    process.stdin.close()
    heard += [tuple(row) for row in json.loads(await process.stdout.readline())]
    await process.wait()


async def _readers(url: str, count: int, every: float) -> None:
    heard: list[tuple[int, int, float]] = []
    there = [asyncio.Event() for _ in range(count)]
    limits = httpx.Limits(max_connections=2 * count + 10)
    async with httpx.AsyncClient(base_url=url, timeout=None, limits=limits) as client:
        tasks = [asyncio.create_task(_listens(client, n, there[n], heard)) for n in range(count)]
        await asyncio.gather(*(event.wait() for event in there))
        tasks += [asyncio.create_task(_opens(client, (n + 1) / count, every)) for n in range(count)]
        print("there", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps(heard), flush=True)


async def _listens(
    client: httpx.AsyncClient, n: int, there: asyncio.Event, heard: list[tuple[int, int, float]]
) -> None:
    async with client.stream("GET", "/live?of=all") as answer:
        there.set()
        async for line in answer.aiter_lines():
            cursor = Cursor.parse(line.removeprefix("id: ")) if line.startswith("id: ") else None
            if cursor:
                heard.append((n, cursor.seq, time.monotonic()))


async def _opens(client: httpx.AsyncClient, share: float, every: float) -> None:
    """Open the front page again and again, readers one after the other."""
    await asyncio.sleep(share * every)
    while True:
        with suppress(httpx.HTTPError):
            await client.get("/?span=all")
        await asyncio.sleep(every)


def _delays(indexed: dict[int, float], heard: Sequence[tuple[int, int, float]]) -> list[float]:
    """For each reader and each time that the index had more: seconds until an event said so."""
    found = []
    for reader in {n for n, _, _ in heard}:
        events = [(seq, at) for n, seq, at in heard if n == reader]
        for seq, at in indexed.items():
            if seq:
                found.append(min((moment for known, moment in events if known >= seq), default=at + 60) - at)
    return [max(delay, 0.0) for delay in found]


if __name__ == "__main__":
    main()

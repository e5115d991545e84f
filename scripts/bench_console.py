"""Measures the pages of the console over many articles: time on the server and size as sent.

    ./test python -m scripts.bench_console [--documents 100000] [--folder FOLDER] [--requests 20] [--readers 50]

Articles are made up: about 2 kB each, in stories of 1 to 40, over 60 days, and written into a real embedded index that
is kept in FOLDER for the next run. The application is called in this process, so the time is that of the server alone:
data, template and compression. Each page is requested once before it is measured. Then `--readers` load a page at once,
three times, while a heartbeat on the same loop says how long other work, such as the stages, waits for its turn.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
from starlette.types import ASGIApp, Message

from pipeline.assembly.console import access_of, desk_of
from pipeline.assembly.deployment import Deployment, deployment_of
from pipeline.config.folder import load_to_stay
from pipeline.console.app import build
from pipeline.core.stories.updates import changed_by
from pipeline.records import AlertState, Document, Story
from pipeline.stage import Out
from tests.builders import document
from tests.console.newsroom import write_configuration

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAYS = 60
BATCH = 1_000
COUNTRIES = ("FR", "DE", "ES", "IT", "GB", "NL", "BE", "AT", "DK", "IE", "PT", "GR", "CZ", "HU", "NO", "CH")
LANGUAGES = ("en", "fr", "de", "es", "it", "nl")
TOPICS = ("troops", "ports", "energy", "courts", "floods", "trade", "strikes")
WORDS = tuple(f"{a}{b}" for a in ("har", "min", "por", "sel", "tra", "vol", "ber", "col") for b in (
    "bour", "ister", "tion", "ling", "mar", "den", "ket", "nor", "sta", "vil", "wick", "zon"))  # fmt: skip

PAGES = (
    ("Now", "/"), ("Now, all times", "/?span=all"), ("Now, a topic", "/?span=30d&topic=ports"),
    ("Now, a rule", "/?span=all&only=matched"), ("Story", "/story/{large}"), ("Article", "/article/{large}?q=harbour"),
    ("Search, everything", "/search"), ("Search, a word", "/search?q=harbour"),
    ("Search, near words", '/search?q="harbour minister"~5'),
    ("Search, filtered", "/search?q=portion&country=FR&span=30d"), ("Completion", "/search/complete?q=source:out"),
)  # fmt: skip

TOGETHER = (
    ("Now, all times", "/?span=all"), ("Story", "/story/{large}"), ("Search", "/search?q=harbour"),
    ("Alerts", "/alerts?span=90d"),
)  # fmt: skip
ROUNDS = 3
BEAT = 0.001  # seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--readers", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        asyncio.run(_run(folder, options.documents, options.requests, options.readers))


async def _run(folder: Path, documents: int, requests: int, readers: int) -> None:
    if not (folder / "config").exists():
        write_configuration(folder / "config")
    configuration = load_to_stay(folder / "config")
    deployment = deployment_of(configuration.settings)
    if not (folder / "large").exists():
        (folder / "large").write_text(await _fill(deployment, documents))
    large = (folder / "large").read_text()
    print("| page | median, ms | slowest, ms | CPU, ms | sent, kB | whole, kB |\n|---|--:|--:|--:|--:|--:|")
    async with desk_of(deployment, lambda: configuration, lambda: NOW) as desk:
        app = build(desk, access_of(configuration.settings))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8750"
        ) as client:
            await desk.follower.look()
            for name, path in PAGES if requests else ():
                await _measure(client, name, path.format(large=large), requests)
        if readers:
            print(f"\n| {readers} readers at once | all, ms | a page, CPU ms | waits, median, ms | 99 % | longest |")
            print("|---|--:|--:|--:|--:|--:|")
        for name, path in TOGETHER if readers else ():
            await _at_once(app, name, path.format(large=large), readers)


async def _at_once(app: ASGIApp, name: str, path: str, readers: int) -> None:
    """Load the page `readers` times at once, three times; print how late a heartbeat of the loop comes meanwhile."""
    late: list[float] = []

    async def beat() -> None:
        while True:
            begin = time.perf_counter()
            await asyncio.sleep(BEAT)
            late.append(1000 * (time.perf_counter() - begin - BEAT))

    await _asked(app, path)
    start, used = time.perf_counter(), time.process_time()
    beating = asyncio.create_task(beat())
    for _ in range(ROUNDS):
        await asyncio.gather(*(_asked(app, path) for _ in range(readers)))
    beating.cancel()
    whole, cpu = 1000 * (time.perf_counter() - start) / ROUNDS, 1000 * (time.process_time() - used) / ROUNDS / readers
    late.sort()
    median, most = (late[int(share * (len(late) - 1))] for share in (0.5, 0.99))
    print(f"| {name} | {whole:.0f} | {cpu:.0f} | {median:.1f} | {most:.1f} | {late[-1]:.1f} |", flush=True)


async def _asked(app: ASGIApp, path: str) -> None:
    """Ask the application itself: a client would use the loop, too."""
    url, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": url, "raw_path": url.encode(), "root_path": "", "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1:8750"), (b"accept-encoding", b"br")], "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8750),
    }  # fmt: skip
    found: list[int] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        found.append(message.get("status", 0))

    await app(scope, receive, send)
    assert found[0] == 200, (path, found)


async def _measure(client: httpx.AsyncClient, name: str, path: str, requests: int) -> None:
    taken, cpu, sent, whole = list[float](), list[float](), 0, 0
    for n in range(requests + 1):
        start, used = time.perf_counter(), time.process_time()
        async with client.stream("GET", path, headers={"Accept-Encoding": "br"}) as answer:
            assert answer.status_code == 200, (path, answer.status_code)
            raw = b"".join([part async for part in answer.aiter_raw()])
        if n:
            taken.append(1000 * (time.perf_counter() - start))
            cpu.append(1000 * (time.process_time() - used))
        sent, whole = len(raw), len((await client.get(path)).content) if n == requests else whole
    times = " | ".join(f"{one:.0f}" for one in (statistics.median(taken), max(taken), statistics.median(cpu)))
    print(f"| {name} | {times} | {sent / 1000:.0f} | {whole / 1000:.0f} |", flush=True)


async def _fill(deployment: Deployment, documents: int) -> str:
    """Write the articles and their stories; return the id of the largest story."""
    started, stories = time.perf_counter(), dict[str, Story]()
    index, log = await deployment.open_index(write=True), await deployment.open_log(write=True)
    try:
        batch: list[Document] = []
        for one in _made(documents):
            batch.append(one)
            stories |= {story.id: story for story in changed_by(one, partial(_known, stories))}
            if len(batch) == BATCH:
                await index.put(batch)
                batch = []
        await index.put(batch)
        every = list(stories.values())
        for first in range(0, len(every), BATCH):
            await index.put_stories(every[first : first + BATCH])
        await log.publish([_matched(n, story) for n, story in enumerate(every[:: len(every) // 300 or 1])])
    finally:
        await index.close()
        await log.close()
    print(f"{documents:,} articles in {len(every):,} stories, written in {time.perf_counter() - started:.0f} s")
    return max(every, key=lambda story: story.size).id


def _matched(n: int, story: Story) -> Out:
    rule = ("Port strikes", "Troops in Latvia")[n % 2]
    state = AlertState(id=f"m{n}", rule=rule, status="reported", at=story.changed, story=story.id, seen=story.changed)
    return Out("alert-state", state.id, state)


def _known(stories: dict[str, Story], ids: Sequence[str]) -> dict[str, Story]:
    return {id: stories[id] for id in ids if id in stories}


def _made(documents: int) -> Iterator[Document]:
    """The articles, the oldest first; reports of a story follow its first within two days."""
    chance = random.Random(18)
    reports: list[tuple[float, str, int]] = []
    while len(reports) < documents:
        begin, size = chance.uniform(0, DAYS), min(40, int(chance.paretovariate(1.1)))
        id = f"{len(reports):032x}"
        reports += [(min(DAYS, begin + chance.uniform(0, 2) * (n > 0)), id, n) for n in range(size)]
    for seq, (day, story, n) in enumerate(sorted(reports[:documents]), 1):
        yield _article(chance, seq, NOW - timedelta(days=DAYS - day), story, n)


def _article(chance: random.Random, seq: int, seen: datetime, story: str, n: int) -> Document:
    outlet, text = chance.randrange(120), " ".join(chance.choices(WORDS, k=250)).capitalize() + "."
    return document(
        " ".join(chance.choices(WORDS, k=8)).capitalize(), text, id=story if n == 0 else f"{story}-{n}", seq=seq,
        story_id=story, seen=seen, first_seen=seen, published=seen, url=f"https://outlet{outlet}.example/{seq}",
        source=f"Outlet {outlet}", feed=f"outlet-{outlet}", country=COUNTRIES[outlet % len(COUNTRIES)],
        language=LANGUAGES[outlet % len(LANGUAGES)], topics=tuple(chance.sample(TOPICS, chance.randrange(3))),
        countries=tuple(chance.sample(COUNTRIES, chance.randrange(1, 4))),
    )  # fmt: skip


if __name__ == "__main__":
    main()

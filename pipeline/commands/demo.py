"""`almenara demo`: runs the daemon's own pipeline against the bundled news site and prints a summary."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.table import Table

from pipeline import demo as demo_package
from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_of
from pipeline.assembly.wiring import EmbeddedPipeline, Pipeline
from pipeline.commands import CommandError
from pipeline.commands.demo_console import kept_open
from pipeline.config.folder import load
from pipeline.config.settings import Logs
from pipeline.config.shipped import SHIPPED_CONFIG
from pipeline.core.feeds.seed import site_key
from pipeline.demo.site import Site
from pipeline.demo.toml_text import tables
from pipeline.records import FeedState
from pipeline.stage import Out
from pipeline.terminal.logs import configure
from pipeline.terminal.reporter import Reporter

MARK = ".almenara-demo"  # a folder with this file was created by a demo and may be deleted
PATIENCE = 30.0  # seconds to wait for delayed items; a page that fails once is retried after 15
OPEN = "Open {url} in a browser; Ctrl-C ends the demo."
CONFIG = Path(demo_package.__file__).parent / "config"


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end, for programs.")] = False,
    keep: Annotated[Path, typer.Option(help="Folder for the log and the index, so that you can explore them.")] = Path(
        "data/demo"
    ),
    serve: Annotated[bool, typer.Option("--serve", help="Then show it in the console, until Ctrl-C.")] = False,
) -> None:
    """See everything work offline in under a minute.

    Runs the daemon's own pipeline against a bundled news site on this machine. With --serve it goes on, and the console
    shows what was read.

    Example: almenara demo --serve
    """
    configure(Logs(), quiet=as_json)
    prepare(keep)
    # Alerts are printed as they come; with --json, standard output has only the summary.
    out = sys.stdout
    with redirect_stdout(sys.stderr if as_json else out):
        asyncio.run(_demo(keep, Site(clock()), serve, lambda summary: _say(summary, keep, as_json, out)))


async def _demo(folder: Path, site: Site, serve: bool, say: Callable[[dict[str, Any]], None]) -> None:
    async with site:
        say(await read_site(folder, site))
        if serve:
            await kept_open(load(folder / "config", {}), lambda url: print(f"\n{OPEN.format(url=url)}", flush=True))


def prepare(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise CommandError(f"{folder} holds files that are not from a demo; name another folder with --keep")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    shutil.copytree(CONFIG, folder / "config")
    shutil.copytree(SHIPPED_CONFIG / "topics", folder / "config" / "topics")


async def read_site(folder: Path, site: Site) -> dict[str, Any]:
    """Read both editions of the site, which is served, into the folder; return the summary."""
    started = time.monotonic()
    (folder / "config" / "feeds.toml").write_text(tables("feed", site.feeds()), encoding="utf-8")
    configuration = load(folder / "config", {})
    reporter = Reporter()
    async with deployment_of(configuration.settings).single_process(configuration, reporter) as pipeline:
        await mark_as_polled(pipeline)
        async with pipeline.driver.running(poll=False):
            await pipeline.driver.poll_once()
            reporter.flush()
            await pipeline.driver.drained(PATIENCE)
            site.advance()
            await pipeline.driver.poll_once()
            reporter.flush()
            await pipeline.driver.drained(PATIENCE)
        return await _summary(pipeline) | {"seconds": round(time.monotonic() - started, 1)}


async def mark_as_polled(pipeline: Pipeline) -> None:
    """Record that each feed was polled an hour ago and was empty.

    Otherwise the entries of the first poll would count as backlog, whose alerts are sent as one summary.
    """
    before = clock() - timedelta(hours=1)
    homes = {feed.id: site_key(feed) for feed in pipeline.configuration.seed.feeds}
    states = [
        FeedState(feed=feed.id, polled_at=before, next_at=before, interval=900, first_polled_at=before)
        for feed in pipeline.configuration.seed.feeds
    ]
    await pipeline.log.publish([Out("feed-state", state.feed, state, by=homes[state.feed]) for state in states])


async def _summary(pipeline: EmbeddedPipeline) -> dict[str, Any]:
    counters = pipeline.log.counters()
    documents = list(await asyncio.to_thread(lambda: list(pipeline.index.scan())))
    stories = Counter(document.relation.story_id for document in documents)
    drops: Counter[str] = Counter()
    for (_, ending), n in counters.items():
        _, dropped, reason = ending.partition("drop.")  # drop.REASON of a record, entry.drop.REASON of a feed's entry
        if dropped:
            drops[reason] += n
    return {
        "feeds": len(pipeline.configuration.seed.feeds),
        "items": sum(pipeline.log.end("items", p) for p in range(pipeline.log.streams["items"].partitions)),
        "articles": counters.get(("clean", "ok"), 0),
        "documents": len(documents),
        "duplicates": sum(document.relation.duplicate_of is not None for document in documents),
        "versions": sum(document.relation.version - 1 for document in documents),
        "stories": sum(n > 1 for n in stories.values()),
        "languages": dict(Counter(document.article.language or "?" for document in documents).most_common()),
        "alerts": pipeline.log.end("alerts", 0),
        "drops": dict(drops.most_common()),
        "dead": sum(n for (_, ending), n in counters.items() if ending == "dead"),
    }


def _say(summary: dict[str, Any], folder: Path, as_json: bool, out: TextIO) -> None:
    if as_json:
        print(json.dumps(summary, ensure_ascii=False), file=out, flush=True)
    else:
        _show(summary, folder)


def _show(summary: dict[str, Any], folder: Path) -> None:
    console = Console(highlight=False)
    table = Table(box=None, show_header=False)
    for name, value in summary.items():
        text = ", ".join(f"{key} {n}" for key, n in value.items()) if isinstance(value, dict) else str(value)
        table.add_row(f"[bold]{name}[/]", text)
    console.print(table)
    option = f"--config {folder / 'config'}"
    lines = (
        "",
        "Explore what was read:",
        f"  almenara search {option} --facets 'topic:foreign-troop-authorization'",
        f"  almenara stories list {option} --by importance",
        f"  almenara watch {option}",
        f"  almenara status {option}",
        f"  almenara alerts list {option}",
        "Read it in the browser: almenara demo --serve",
        "Then set up your own: almenara init, almenara check, almenara run",
    )
    console.print("\n".join(lines), markup=False, soft_wrap=True)

"""`almenara demo`: the daemon's own pipeline against the bundled news site, and a summary of what came out."""

from __future__ import annotations

import asyncio
import json as json_format
import shutil
import sys
import time
from collections import Counter
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from pipeline import demo as bundled
from pipeline.assembly.backends import clock
from pipeline.assembly.wiring import EmbeddedPipeline, Pipeline, embedded_pipeline
from pipeline.commands.configure import SHIPPED
from pipeline.config.folder import load
from pipeline.config.settings import Logs
from pipeline.core.feeds.seed import site_key
from pipeline.demo.site import Site
from pipeline.demo.toml_text import tables
from pipeline.records import FeedState
from pipeline.stage import Out
from pipeline.terminal import reporter as observe

MARK = ".almenara-demo"  # a folder with this file is ours to clear
PATIENCE = 30.0  # seconds; a page that fails once is tried again after 15
CONFIG = Path(bundled.__file__).parent / "config"


def demo(as_json: bool, folder: Path) -> None:
    """Run the demo in `folder`, which is cleared first if an earlier demo made it. Exit code 1 if someone else did."""
    observe.configure(Logs(), quiet=as_json)
    _prepare(folder)
    # Alerts are printed as they come; a program gets the summary alone on standard output.
    with redirect_stdout(sys.stderr if as_json else sys.stdout):
        summary = asyncio.run(_demo(folder, Site(clock())))
    if as_json:
        print(json_format.dumps(summary, ensure_ascii=False))
    else:
        _show(summary, folder)


def _prepare(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            typer.echo(f"{folder} holds something that no demo made; name another with --keep", err=True)
            raise typer.Exit(1)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    shutil.copytree(CONFIG, folder / "config")
    shutil.copytree(SHIPPED / "topics", folder / "config" / "topics")


async def _demo(folder: Path, site: Site) -> dict[str, Any]:
    started = time.monotonic()
    async with site:
        (folder / "config" / "feeds.toml").write_text(tables("feed", site.feeds()), encoding="utf-8")
        configuration = load(folder / "config", {})
        reporter = observe.Reporter()
        async with embedded_pipeline(configuration, reporter) as pipeline:
            await _as_if_known(pipeline)
            async with pipeline.driver.running(poll=False):
                await pipeline.driver.poll_once()
                reporter.flush()
                await pipeline.driver.drained(PATIENCE)
                site.advance()
                await pipeline.driver.poll_once()
                reporter.flush()
                await pipeline.driver.drained(PATIENCE)
            return await _summary(pipeline) | {"seconds": round(time.monotonic() - started, 1)}


async def _as_if_known(pipeline: Pipeline) -> None:
    """What a feed lists at its first poll is backlog, alerted as one summary. Here it is to be news: as if we had
    polled each feed an hour ago, when it was empty."""
    before = clock() - timedelta(hours=1)
    homes = {feed.id: site_key(feed) for feed in pipeline.configuration.feeds}
    states = [
        FeedState(feed=feed.id, polled_at=before, next_at=before, interval=900, first_polled_at=before)
        for feed in pipeline.configuration.feeds
    ]
    await pipeline.log.publish([Out("feed-state", state.feed, state, by=homes[state.feed]) for state in states])


async def _summary(pipeline: EmbeddedPipeline) -> dict[str, Any]:
    counters = pipeline.log.counters()
    documents = list(await asyncio.to_thread(lambda: list(pipeline.index.scan())))
    stories = Counter(document.relation.story_id for document in documents)
    drops: Counter[str] = Counter()
    for (_, ending), n in counters.items():
        if ending.startswith("drop."):
            drops[ending.removeprefix("drop.")] += n
    return {
        "feeds": len(pipeline.configuration.feeds),
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
        "Look around in what was read:",
        f"  almenara search {option} --facets 'topic:foreign-troop-authorization'",
        f"  almenara status {option}",
        f"  almenara alerts list {option}",
        "Then make it yours: almenara init, almenara check, almenara run",
    )
    console.print("\n".join(lines), markup=False, soft_wrap=True)

"""`almenara bench`: times the daemon's own pipeline on a folder of pages against trafilatura alone."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from pipeline.assembly.backends import open_memory_pages
from pipeline.assembly.deployment import deployment_of
from pipeline.assembly.wiring import EmbeddedPipeline
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.bench import measure
from pipeline.commands.bench.measure import InputPage
from pipeline.config.folder import Configuration, load
from pipeline.config.settings import Fetch, Logs
from pipeline.core.feeds.seed import Seed
from pipeline.core.urls import registrable
from pipeline.log.streams import RECORDS
from pipeline.records import decode
from pipeline.stage import Message, Out, Stage
from pipeline.terminal.logs import configure
from pipeline.terminal.reporter import Reporter

NO_FEEDS = Seed("", ())
EMBEDDED = {"log_url": "", "index_url": ""}  # override what the configuration names


def bench(
    pages: Annotated[Path, typer.Argument(help="A folder of .html or .html.gz files.")],
    config: Config = CONFIG,
    rounds: Annotated[int, typer.Option(min=1, help="How many times to run each of the two.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Compare the speed of the pipeline with that of trafilatura alone.

    Runs the two in turn, on all cores, and prints the ratio of their median speeds.

    Example: almenara bench pages/ --json
    """
    configure(Logs(), quiet=True)
    logging.disable(logging.CRITICAL)  # trafilatura logs every page in which it finds nothing
    configuration = load(config)
    try:
        report = measure.bench(pages, lambda pages: asyncio.run(run_pipeline(configuration, pages)), rounds)
    except (ValueError, OSError) as error:
        raise CommandError(str(error)) from None
    print(measure.as_json(report) if as_json else measure.as_text(report))


async def run_pipeline(configuration: Configuration, inputs: Sequence[InputPage]) -> tuple[float, Mapping[str, float]]:
    """Seconds from items on the log to documents indexed and alerts delivered, and seconds of each stage alone.

    Starting and stopping are not counted. Pages come from memory, without delays between requests.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = configuration.settings.model_copy(
            update=EMBEDDED | {"data": Path(folder), "fetch": Fetch(delay_per_site=0, per_domain=2**31)}
        )
        configured = Configuration(configuration.folder, settings, NO_FEEDS, configuration.rules, configuration.alerts)
        pages = open_memory_pages()
        async with (
            deployment_of(settings).single_process(configured, Reporter(), pages) as pipeline,
            pipeline.driver.running(poll=False),
        ):
            for _, page in inputs:
                pages.put(page)
            items = [Out("items", registrable(item.url), item) for item, _ in inputs]
            start = time.perf_counter()
            await pipeline.log.commit(items)
            await pipeline.driver.drained(0)
            seconds = time.perf_counter() - start
            stages = await _stages_alone(configured, pipeline, inputs)
    return seconds, stages


async def _stages_alone(
    configuration: Configuration, pipeline: EmbeddedPipeline, inputs: Sequence[InputPage]
) -> dict[str, float]:
    """Seconds that each stage takes for the records of the run when nothing else runs."""
    with tempfile.TemporaryDirectory() as folder:
        settings = configuration.settings.model_copy(update=EMBEDDED | {"data": Path(folder)})
        fresh = Configuration(configuration.folder, settings, NO_FEEDS, configuration.rules, configuration.alerts)
        pages = open_memory_pages()
        for _, page in inputs:
            pages.put(page)
        taken: dict[str, float] = {}
        async with deployment_of(settings).single_process(fresh, Reporter(), pages) as other:
            for stage in other.flow:
                if stage.name == "poll":
                    continue
                stream = next(iter(stage.reads))
                messages = [message async for message in pipeline.log.replay(stream)]
                start = time.perf_counter()
                await _steps(stage, messages)
                taken[stage.name] = time.perf_counter() - start
    return taken


async def _steps(stage: Stage, messages: Sequence[Message]) -> None:
    room = asyncio.Semaphore(stage.window)

    async def step(message: Message) -> None:
        async with room:
            await stage.step(decode(RECORDS[message.at.stream], message.value or b""), message.at)

    if stage.window == 1:
        for message in messages:
            await step(message)
    else:
        await asyncio.gather(*map(step, messages))

"""`almenara poll`."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import structlog
import typer

from pipeline.assembly.backends import on_kafka
from pipeline.assembly.data_lock import lock
from pipeline.assembly.wiring import embedded_pipeline
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.daemon import SUMMARY, summary_of
from pipeline.config.folder import Configuration, load
from pipeline.stage import Unavailable
from pipeline.terminal.reporter import Reporter, configure

PATIENCE = 30.0  # seconds; what is put off for longer is left to the daemon

logger = structlog.get_logger("almenara")


def poll(
    config: Config = CONFIG,
    once: Annotated[bool, typer.Option("--once", help="Poll every feed once, read what is new, and exit.")] = False,
    as_json: AsJson = False,
) -> None:
    """Poll every feed now, read what is new, and exit.

    Polls feeds that are not due, too. Reports why each failing feed failed, and the results of the others.

    Example: almenara poll --once --json
    """
    if not once:
        raise typer.BadParameter("add --once; `almenara run` polls all the time", param_hint="poll")
    configuration = load(config)
    if on_kafka(configuration.settings):
        raise Unavailable(
            "poll --once runs every stage in one process, on the embedded log; log_url names a broker, whose workers "
            "poll all the time: see `almenara feeds list` and `almenara status`"
        )
    configure(configuration.settings.logs, quiet=as_json)
    reporter = Reporter()
    with lock(configuration.settings):
        asyncio.run(_poll(configuration, reporter))
    if as_json:
        print(json.dumps(reporter.totals() | {"feeds": reporter.feeds}, ensure_ascii=False, default=str))
    else:
        logger.info("done", **reporter.totals())


async def _poll(configuration: Configuration, reporter: Reporter) -> None:
    async with embedded_pipeline(configuration, reporter) as pipeline, pipeline.driver.running(poll=False):
        logger.info("polling", feeds=len(pipeline.flow.poll.enabled()))
        reporting = asyncio.create_task(reporter.tell(SUMMARY, lambda: summary_of(pipeline)))
        await pipeline.driver.poll_once()
        await pipeline.driver.drained(PATIENCE)
        reporting.cancel()
    reporter.flush()

"""`almenara poll`: polls every feed once, and reads what is new."""

from __future__ import annotations

import asyncio
import json
from contextlib import AbstractAsyncContextManager
from typing import Annotated

import structlog
import typer

from pipeline.assembly.deployment import deployment_of
from pipeline.assembly.wiring import EmbeddedPipeline
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.daemon import SUMMARY, summary_of
from pipeline.commands.reloading import keep_in_force
from pipeline.config.guarded import load_guarded
from pipeline.terminal.logs import configure
from pipeline.terminal.reporter import Reporter

PATIENCE = 30.0  # seconds; items that are delayed for longer are left to the daemon

WORST = 20  # feeds whose drops are named

logger = structlog.get_logger("almenara")


def poll(
    config: Config = CONFIG,
    once: Annotated[bool, typer.Option("--once", help="Required. To poll all the time, use `almenara run`.")] = False,
    as_json: AsJson = False,
) -> None:
    """Poll every feed now, read what is new, and exit.

    Also polls feeds that are not due. Reports the results of each feed, or why it failed; then what became no article,
    by feed and reason, the worst feeds first.

    Example: almenara poll --once --json
    """
    if not once:
        raise typer.BadParameter("add --once; `almenara run` polls all the time", param_hint="poll")
    loaded = load_guarded(config)
    configuration = loaded.configuration
    configure(configuration.settings.logs, quiet=as_json)
    reporter = Reporter()
    deployment = deployment_of(configuration.settings)
    pipeline = deployment.single_process(configuration, reporter)
    with deployment.lock():
        asyncio.run(_poll(pipeline, reporter))
        keep_in_force(loaded)
    if as_json:
        print(
            json.dumps(
                reporter.totals() | {"feeds": reporter.feeds, "losses": reporter.losses()},
                ensure_ascii=False,
                default=str,
            )
        )
    else:
        for feed, reasons in list(reporter.losses().items())[:WORST]:
            logger.info("dropped of feed", feed=feed, **reasons)
        logger.info("done", **reporter.totals())


async def _poll(starting: AbstractAsyncContextManager[EmbeddedPipeline], reporter: Reporter) -> None:
    async with starting as pipeline, pipeline.driver.running(poll=False):
        logger.info("polling", feeds=len(pipeline.flow.poll.enabled()))
        reporting = asyncio.create_task(reporter.report_regularly(SUMMARY, lambda: summary_of(pipeline)))
        await pipeline.driver.poll_once()
        await pipeline.driver.drained(PATIENCE)
        reporting.cancel()
    reporter.flush()

"""`almenara run` and `almenara worker`: start, reload and stop the daemon."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer

from pipeline import __version__
from pipeline.assembly.console import console_listener, console_served
from pipeline.assembly.deployment import Deployment, deployment_of
from pipeline.assembly.monitoring import running_monitored
from pipeline.assembly.new_rules import new_rules_of
from pipeline.assembly.wiring import Pipeline
from pipeline.commands.arguments import CONFIG, Config
from pipeline.commands.endings import ending_of
from pipeline.commands.reloading import Looks, keep_in_force, reload_on_change
from pipeline.config.folder import Configuration, load
from pipeline.config.guarded import Loaded, load_guarded
from pipeline.config.read_settings import settings_of
from pipeline.config.settings import Logs
from pipeline.core.faults import Faults
from pipeline.log.streams import STAGES
from pipeline.stage import Unavailable
from pipeline.terminal.logs import daemon_logs
from pipeline.terminal.reporter import Job, Reporter

SUMMARY = 60.0  # seconds between summary lines
HOUSEKEEPING = 600.0  # seconds between retention runs
NEW_RULES = 2.0  # seconds between looks whether a rule is new
ARRANGE = 60.0  # seconds between looks whether the alert rules can be arranged better

logger = structlog.get_logger("almenara")

Build = Callable[[Deployment, Configuration, Reporter], AbstractAsyncContextManager[Pipeline]]


def run(
    config: Config = CONFIG,
    no_console: Annotated[bool, typer.Option("--no-console", help="Serve no web pages.")] = False,
) -> None:
    """Start the daemon; it resumes where it stopped.

    It polls, reads, tags, relates, indexes and alerts until Ctrl-C or SIGTERM. Log lines go to standard error, alerts
    of the terminal channel to standard output; times are in UTC. Changes to feeds, topics and alerts are applied
    automatically (on SIGHUP immediately), unless one of them contains a fault or lost most of its contents: then none
    is, and `almenara status` says so. Changed settings need a restart.

    It also serves the console, the web pages on which people read; `[console] listen` says where.

    Example: almenara run --config my-config
    """
    _run(config, lambda deployment, *arguments: deployment.pipeline(*arguments), console=not no_console)


def worker(
    config: Config = CONFIG,
    only: Annotated[
        str, typer.Option(help="Stages to run, for example clean,tag. Default: all, as `almenara run` does.")
    ] = "",
) -> None:
    """Run some stages as one of several workers on a Kafka broker.

    Needs log_url = kafka://HOST:PORT. Workers share the partitions; when one stops, the others take over its share. A
    worker that makes no progress reports it and exits with code 4; its supervisor should restart it.

    Example: almenara worker --only clean,tag
    """
    chosen = tuple(part.strip() for part in only.split(",") if part.strip()) or STAGES
    if unknown := [name for name in chosen if name not in STAGES]:
        raise typer.BadParameter(f"{', '.join(unknown)}: stages are {', '.join(STAGES)}", param_hint="--only")
    _run(config, lambda deployment, *arguments: deployment.worker(*arguments, chosen))


def _run(config: Path, build: Build, *, console: bool = False) -> None:
    """Run until SIGINT or SIGTERM. Raises Faults, Unavailable (another daemon runs on the same data), Stalled."""
    with daemon_logs(_logs_of(config), ending_of):
        loaded = load_guarded(config, create_cache=True)
        deployment, reporter = deployment_of(loaded.configuration.settings), Reporter()
        pipeline = build(deployment, loaded.configuration, reporter)
        with deployment.lock():
            logger.info("starting", configuration=str(config))
            asyncio.run(_daemon(pipeline, reporter, loaded, deployment if console else None))


def _logs_of(config: Path) -> Logs:
    """How to log. Raises Faults: those of the whole configuration, not only those of the settings."""
    try:
        return settings_of(config).logs
    except Faults:
        load(config)
        raise


async def _daemon(
    starting: AbstractAsyncContextManager[Pipeline], reporter: Reporter, loaded: Loaded, console: Deployment | None
) -> None:
    """Run until a signal. `console`: the deployment that the console shows; None: no console."""
    stop, looks = asyncio.Event(), Looks()
    _stop_on_signals(stop)
    listener = console_listener(loaded.configuration.settings) if console else None
    async with starting as pipeline, _background(pipeline, reporter, loaded, stop, looks), AsyncExitStack() as stack:
        if console and listener:
            await stack.enter_async_context(
                console_served(console, lambda: pipeline.configuration, listener, looks.take)
            )
        await stop.wait()
    reporter.flush()
    logger.info("stopped", **reporter.totals())


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        logger.info("stopping", hint="Ctrl-C again stops at once; nothing is lost")
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal, number)


def _log_started(pipeline: Pipeline) -> None:
    configuration = pipeline.configuration
    logger.info(
        "started", version=__version__, **pipeline.start_fields(), topics=len(configuration.rules.rules.topics),
        alerts=len(configuration.alerts.rules), data=str(configuration.settings.data), pid=os.getpid(),
    )  # fmt: skip


def summary_of(pipeline: Pipeline) -> dict[str, Any]:
    """Fields of the summary line in addition to the totals."""
    soon = pipeline.flow.poll.agenda.next_due()
    return {"waiting": pipeline.driver.waiting(), "next_poll": f"{soon:%H:%M:%S}" if soon else None}


@asynccontextmanager
async def _background(
    pipeline: Pipeline, reporter: Reporter, loaded: Loaded, stop: asyncio.Event, looks: Looks
) -> AsyncIterator[None]:
    """Run the stages, and beside them reloading, retention and the summary line."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(reload_on_change(pipeline, loaded, stop, looks)),
            group.create_task(_every(HOUSEKEEPING, "retention", pipeline.expire)),
            group.create_task(_every(ARRANGE, "arranging rules", pipeline.flow.alert.arrange)),
            group.create_task(_every(NEW_RULES, "new rules", new_rules_of(pipeline).look)),
            group.create_task(reporter.report_regularly(SUMMARY, lambda: summary_of(pipeline))),
        ]
        try:
            async with running_monitored(pipeline):
                _log_started(pipeline)
                keep_in_force(loaded)
                yield
        finally:
            for task in tasks:
                task.cancel()


async def _every(seconds: float, what: str, job: Job) -> None:
    said = ""
    while True:
        try:
            await job()
            said = ""
        except Unavailable as error:  # such as a full disk: it waits, as the stages do
            if said != (said := str(error)):
                logger.warning("unavailable", job=what, error=said)
        await asyncio.sleep(seconds)

"""`almenara run` and `almenara poll --once`: the daemon's life around the driver. Judges no record."""

from __future__ import annotations

import asyncio
import json as json_format
import os
import signal
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import structlog

from pipeline.assembly.backends import clock, load_for, on_kafka
from pipeline.assembly.data_lock import lock
from pipeline.assembly.wiring import EmbeddedPipeline, Pipeline, embedded_pipeline, worker_pipeline
from pipeline.config.folder import Configuration, fingerprint, load
from pipeline.core.faults import Faults
from pipeline.log.streams import STAGES
from pipeline.stage import Unavailable
from pipeline.terminal import reporter as observe

WATCH = 2.0  # seconds between looks at the configuration's files
SUMMARY = 60.0  # seconds between summary lines
HOUSEKEEPING = 600.0  # seconds between retention runs

logger = structlog.get_logger("almenara")


def run(config: Path, only: Collection[str] = STAGES) -> None:
    """Run until SIGINT or SIGTERM; on a broker as one of its workers, with the stages `only`.

    Raises Faults, Unavailable (another daemon runs on the same data), Stalled.
    """
    configuration = load(config)
    observe.configure(configuration.settings.logs)
    with lock(configuration.settings):
        logger.info("starting", configuration=str(config))
        asyncio.run(_daemon(configuration, only))


def work(config: Path, only: Collection[str]) -> None:
    """Run as a worker. Raises as `run`, and Unavailable where the log is no broker."""
    if not on_kafka(load_for(config)):
        raise Unavailable("workers share a broker, and log_url names none: set log_url = kafka://HOST:PORT")
    run(config, only)


async def _daemon(configuration: Configuration, only: Collection[str]) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    reporter = observe.Reporter()
    whole: AbstractAsyncContextManager[Pipeline] = (
        worker_pipeline(configuration, reporter, only)
        if on_kafka(configuration.settings)
        else embedded_pipeline(configuration, reporter)
    )
    async with whole as pipeline, _background(pipeline, reporter, stop):
        await stop.wait()
    reporter.flush()
    logger.info("stopped", **reporter.totals())


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def ask(number: int) -> None:
        logger.info("stopping", again="ends at once; nothing is lost by that")
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask, number)


def _started(pipeline: Pipeline) -> None:
    configuration, poll = pipeline.configuration, pipeline.flow.poll
    ours: dict[str, Any]
    if isinstance(pipeline, EmbeddedPipeline):
        ours = {"feeds": len(poll.enabled()), "due": len(poll.due(clock()))}
    else:  # partitions, and with them feeds, come when the broker gives them
        ours = {"stages": ",".join(pipeline.only)}
    logger.info(
        "started", **ours, topics=len(configuration.rules.rules.topics), alerts=len(configuration.alerts.rules),
        data=str(configuration.settings.data), pid=os.getpid(),
    )  # fmt: skip


def _now(pipeline: Pipeline) -> dict[str, Any]:
    """What belongs into the summary line beside the totals."""
    soon = pipeline.flow.poll.next_due()
    return {"waiting": pipeline.driver.waiting(), "next_poll": f"{soon:%H:%M:%S}" if soon else None}


@asynccontextmanager
async def _background(pipeline: Pipeline, reporter: observe.Reporter, stop: asyncio.Event) -> AsyncIterator[None]:
    """What runs beside the stages: reload, retention, the summary line."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_reload_on_change(pipeline, stop)),
            group.create_task(_every(HOUSEKEEPING, pipeline.expire)),
            group.create_task(reporter.tell(SUMMARY, lambda: _now(pipeline))),
            group.create_task(_tell_of_channels(pipeline)),
        ]
        try:
            async with pipeline.driver.running():
                _started(pipeline)
                yield
        finally:
            for task in tasks:
                task.cancel()


async def _reload_on_change(pipeline: Pipeline, stop: asyncio.Event) -> None:
    """Take a changed configuration into force, whole or not at all. SIGHUP asks for it, but where the terminal that
    we were started on is gone, it means what it meant first: stop."""
    asked = asyncio.Event()
    attended = os.isatty(0)

    def hung_up() -> None:
        (stop if attended and not os.isatty(0) else asked).set()

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hung_up)
    seen = fingerprint(pipeline.configuration.folder)
    while True:
        try:
            async with asyncio.timeout(WATCH):
                await asked.wait()
        except TimeoutError:
            pass
        now = await asyncio.to_thread(fingerprint, pipeline.configuration.folder)
        if now == seen and not asked.is_set():
            continue
        asked.clear()
        seen = now
        try:
            await pipeline.reload(await asyncio.to_thread(load, pipeline.configuration.folder))
        except Faults as error:
            pipeline.driver.health.faults = tuple(map(str, error.faults))
            logger.error("configuration not taken", faults=pipeline.driver.health.faults)
        except Unavailable as error:
            seen = ()  # taken at the next look
            logger.warning("configuration not taken yet", error=str(error))
        else:
            pipeline.driver.health.faults = ()
            logger.info("configuration taken", rules=pipeline.configuration.rules.hash)


async def _tell_of_channels(pipeline: Pipeline) -> None:
    """Say when a channel for alerts fails, and when it is well again."""
    failing: dict[str, str] = {}
    while True:
        await asyncio.sleep(WATCH)
        for name, channel in pipeline.flow.notify.health.items():
            if channel.error and failing.get(name) != channel.error:
                failing[name] = channel.error
                logger.error("channel failed", channel=name, why=channel.error, next_try=f"{channel.blocked:%H:%M:%S}")
            elif not channel.error and name in failing:
                del failing[name]
                logger.info("channel well", channel=name)


async def _every(seconds: float, job: observe.Job) -> None:
    while True:
        try:
            await job()
        except Unavailable as error:  # a full disk, say: the stages wait, and so does retention
            logger.warning("unavailable", job="retention", error=str(error))
        await asyncio.sleep(seconds)


def poll_once(config: Path, as_json: bool) -> None:
    """Poll every feed once, read what is new, and print what came of it."""
    configuration = load(config)
    if on_kafka(configuration.settings):
        raise Unavailable(
            "poll --once runs the whole way in one process, on the embedded log; log_url names a broker, whose workers "
            "poll all the time: see `almenara feeds list` and `almenara status`"
        )
    observe.configure(configuration.settings.logs, quiet=as_json)
    reporter = observe.Reporter()
    with lock(configuration.settings):
        asyncio.run(_once(configuration, reporter))
    if as_json:
        print(json_format.dumps(reporter.totals() | {"feeds": reporter.feeds}, ensure_ascii=False, default=str))
    else:
        logger.info("done", **reporter.totals())


async def _once(configuration: Configuration, reporter: observe.Reporter) -> None:
    patience = 30.0  # what is put off for longer is left to the daemon
    async with embedded_pipeline(configuration, reporter) as pipeline, pipeline.driver.running(poll=False):
        logger.info("polling", feeds=len(pipeline.flow.poll.enabled()))
        telling = asyncio.create_task(reporter.tell(SUMMARY, lambda: _now(pipeline)))
        await pipeline.driver.poll_once()
        await pipeline.driver.drained(patience)
        telling.cancel()
    reporter.flush()

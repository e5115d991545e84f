"""Keeps the demo open: the daemon goes on beside the bundled site, and the console shows what was read."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

import structlog

from pipeline.assembly.console import console_served
from pipeline.assembly.deployment import deployment_of
from pipeline.assembly.monitoring import running_monitored
from pipeline.assembly.wiring import Pipeline
from pipeline.config.addresses import listen_address
from pipeline.config.folder import Configuration, load
from pipeline.core.faults import Faults
from pipeline.stage import Unavailable
from pipeline.terminal.reporter import Reporter
from pipeline.web.server import listen, url_of

logger = structlog.get_logger("almenara")


async def kept_open(configuration: Configuration, shown: Callable[[str], None]) -> None:
    """Serve the console until SIGINT or SIGTERM; `shown` gets its address. The stages run, so that what people do in
    the console happens, and feeds are polled when they are due. Raises Unavailable."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    deployment = deployment_of(configuration.settings)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        listener = _listener(configuration)
        with deployment.lock():
            async with (
                deployment.single_process(configuration, Reporter()) as pipeline,
                running_monitored(pipeline),
                console_served(deployment, lambda: pipeline.configuration, listener, lambda: _taken(pipeline)),
            ):
                shown(url_of(listener))
                await stop.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _taken(pipeline: Pipeline) -> None:
    """Take the configuration that the console has written."""
    try:
        await pipeline.reload(await asyncio.to_thread(load, pipeline.configuration.folder, {}))
    except (Faults, Unavailable) as error:
        logger.error("new configuration rejected", faults=[str(error)])


def _listener(configuration: Configuration) -> socket.socket:
    """The socket of [console] listen; another one of this machine if that is taken, such as by a daemon."""
    with suppress(OSError):
        return listen(*listen_address(configuration.settings.console.listen))
    return listen("127.0.0.1", 0)

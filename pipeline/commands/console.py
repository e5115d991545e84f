"""`almenara console`: serves the web pages on which people read, in a process without stages."""

from __future__ import annotations

import asyncio
import signal

from pipeline.assembly.console import configuration_followed, console_listener, console_served
from pipeline.assembly.deployment import deployment_of
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, Config
from pipeline.commands.endings import ending_of
from pipeline.config.folder import Configuration, load_to_stay
from pipeline.config.read_settings import settings_of
from pipeline.terminal.logs import daemon_logs


def console(config: Config = CONFIG) -> None:
    """Serve the web pages on which people read, beside running workers.

    `almenara run` serves them too. The address is `[console] listen`; ends with Ctrl-C or SIGTERM.

    Example: almenara console --config my-config
    """
    with daemon_logs(settings_of(config).logs, ending_of):
        asyncio.run(_serve(load_to_stay(config)))


async def _serve(configuration: Configuration) -> None:
    deployment = deployment_of(configuration.settings)
    listener = console_listener(configuration.settings)
    if listener is None:
        raise CommandError("nothing is served: [console] listen is off, or its port is taken; set another address")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with (
        configuration_followed(configuration) as in_force,
        console_served(deployment, in_force, listener, in_force.look),
    ):
        await stop.wait()

"""Opens the sockets at which a process serves HTTP."""

from __future__ import annotations

import socket

import structlog

from pipeline.config.addresses import listen_address
from pipeline.config.settings import Console, Health
from pipeline.stage import Unavailable
from pipeline.web.server import listen

logger = structlog.get_logger("almenara")


def listener_of(section: Console | Health, name: str) -> socket.socket | None:
    """The socket of `[name] listen`. None if it is off, or if another process listens at the default address, which is
    logged. Raises Unavailable if the address was set and cannot be had."""
    if not section.listen:
        return None
    try:
        return listen(*listen_address(section.listen))
    except OSError as error:
        why = f"[{name}] listen = {section.listen}: {error.strerror or error}"
        if "listen" in section.model_fields_set:
            raise Unavailable(f"{why}; choose another address, or off") from error
        hint = f"for each process set another [{name}] listen, or off"
        logger.warning("not listening", section=name, why=why, hint=hint)
        return None

"""The secret that signs sessions of the console and links in messages."""

from __future__ import annotations

from pipeline.config.settings import Settings
from pipeline.console.safety.sessions import secret_of


def console_secret(settings: Settings) -> bytes:
    """That of [console] secret; without it one in the data folder, which is made when it is missing. Raises
    Unavailable.

    Processes on several machines must share it: the one that sends messages, and those that serve the console.
    """
    given = settings.console.secret.get_secret_value()
    return given.encode() if given else secret_of(settings.data / "console" / "secret")

"""Sends log lines to standard error, as text or JSON: those of the program, and those of its libraries."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

import structlog

from pipeline.config.settings import Logs
from pipeline.core.text.tidy import CONTROL
from pipeline.terminal.libraries import listen, log_foreign, report_crashes
from pipeline.terminal.lines import Lines
from pipeline.terminal.stderr import captured

Ending = Callable[[Exception], tuple[str, int] | None]

logger = structlog.get_logger("almenara")


def configure(logs: Logs, quiet: bool = False) -> None:
    """Send log lines to standard error, as text or JSON. `quiet`: only warnings and errors."""
    _configure(logs, sys.stderr, quiet)


def _configure(logs: Logs, file: TextIO, quiet: bool = False) -> None:
    level = logging.WARNING if quiet else logging.getLevelNamesMapping()[logs.level.upper()]
    text = logs.format != "json"
    screen = file.isatty()
    colours = screen and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S" if text else "iso", utc=True),
            structlog.processors.format_exc_info,
            Lines(colours, (lambda: _width(file)) if screen else lambda: None) if text else _json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _LogFile(file),
    )
    listen()


@contextmanager
def daemon_logs(logs: Logs, ending: Ending) -> Iterator[None]:
    """Inside, everything that this process and its children write to standard error is a log line.

    That includes the error that ends the daemon, after which the process exits; `ending` gives its message and exit
    code, or None for a fault of the program. With text, an expected error is raised again: the caller prints it.
    """
    try:
        with captured() as file, report_crashes():
            _configure(logs, file)
            try:
                yield
            except Exception as error:
                _log_ending(error, ending(error), logs.format == "json")
                raise
    finally:
        configure(logs)


def _log_ending(error: Exception, known: tuple[str, int] | None, json: bool) -> None:
    """Log the error that ends the daemon, and exit, unless the caller prints it as text."""
    if known is None:
        log_foreign("almenara", "uncaught exception", "critical", error)
        raise SystemExit(1) from None
    if json:
        logger.error("ended", why=known[0].splitlines(), exit_code=known[1])
        raise SystemExit(known[1]) from None


def _width(file: TextIO) -> int | None:
    with suppress(OSError, ValueError):
        return os.get_terminal_size(file.fileno()).columns or None
    return None


def _json(_logger: Any, _method: str, event: structlog.typing.EventDict) -> str:
    """One line of JSON without control characters: titles and errors come from outside, and could control a terminal.

    The lines of an exception stay apart, as an escaped line feed.
    """
    return str(structlog.processors.JSONRenderer(ensure_ascii=False, default=str)(_logger, _method, _clean(event)))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return "\n".join(CONTROL.sub(" ", line) for line in value.split("\n"))
    if isinstance(value, dict):
        return {str(key): _clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(one) for one in value]
    return value


class _LogFile:
    """Writes lines to a file. A closed pipe or terminal must not end the daemon."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._file.write(line + "\n")
            self._file.flush()

    debug = info = warning = error = critical = msg

"""Turns what libraries log, warn of and raise where nobody catches it into log events, one each and without secrets."""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TextIO

import structlog

PAUSE = 60.0  # seconds in which an event of a library is logged once
MOST = 4_000  # characters of a message or traceback
#: Libraries of which nothing is logged. Each reports failures to its caller too, who logs them, as `unavailable`,
#: `channel failed` or `feed failed`; these loggers repeat them for every attempt, with URLs, which may hold secrets.
SILENT = (
    "apprise", "urllib3", "requests", "httpx", "httpcore", "hpack", "elastic_transport", "elasticsearch", "aiokafka",
    "trafilatura", "htmldate", "courlan", "justext", "charset_normalizer",
    "mode.timers",  # a commit that takes longer than its interval, as while the broker is away
)  # fmt: skip
_URL = re.compile(r"\b([a-z][a-z0-9+.-]*)://(?:[^\s/@'\"<>]*@)?([^\s/?#'\"<>,;)\]}]*)[^\s'\"<>,;)\]}]*", re.IGNORECASE)
_OPEN = {"http", "https", "kafka", "aiokafka"}  # schemes whose host is no secret
_NUMBERS = re.compile(r"\b(?:0x)?[0-9a-f]*\d[0-9a-f.]*")

logger = structlog.get_logger("libraries")


def without_secrets(text: str) -> str:
    """The text with URLs cut to their host; of channels such as `tgram://TOKEN/CHAT`, only the scheme is left."""

    def cut(url: re.Match[str]) -> str:
        scheme = url[1].lower()
        if scheme not in _OPEN:
            return f"{url[1]}://…"
        whole = url[0] == f"{url[1]}://{url[2]}"
        return url[0] if whole else f"{url[1]}://{url[2]}/…"

    return _URL.sub(cut, text)


class Repeats:
    """Lets an event through once per PAUSE, and counts those between."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: dict[str, tuple[float, int]] = {}  # when logged last, how many times since

    def suppressed(self, key: str) -> int | None:
        """How many were suppressed since this event was logged last; None: suppress this one too."""
        now = self._clock()
        self._last = {one: seen for one, seen in self._last.items() if now - seen[0] < 60 * PAUSE}
        logged, count = self._last.get(key, (-PAUSE, 0))
        if now - logged < PAUSE:
            self._last[key] = logged, count + 1
            return None
        self._last[key] = now, 0
        return count


_repeats = Repeats()


def log_foreign(
    source: str, text: str, level: str = "warning", error: BaseException | None = None, repeats: Repeats | None = None
) -> None:
    """Log what a library said as one event: `source`, the message, and the traceback of `error`."""
    head, _, rest = without_secrets(text.strip())[:MOST].partition("\n")
    repeated = (repeats or _repeats).suppressed(f"{source} {type(error).__name__} {_NUMBERS.sub('', head)[:120]}")
    if repeated is None:
        return
    fields: dict[str, Any] = {"source": source, "message": head}
    if error is not None:
        trace = "".join(traceback.format_exception(error))
        rest = f"{rest}\n{without_secrets(trace)[-MOST:]}"
    if rest.strip():
        fields["exception"] = rest.strip("\n")
    if repeated:
        fields["repeated"] = repeated
    getattr(logger, level)("library", **fields)


class _Handler(logging.Handler):
    """Passes records of the standard library's logging on."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
        except Exception:  # arguments that do not fit the format
            text = str(record.msg)
        error = record.exc_info[1] if record.exc_info else None
        level = "error" if record.levelno >= logging.ERROR else "warning"
        log_foreign(record.name, text, level, error)


def listen() -> None:
    """Log what libraries log or warn of from now on: warnings and errors."""
    root = logging.getLogger()
    if not any(isinstance(handler, _Handler) for handler in root.handlers):
        root.addHandler(_Handler())
    root.setLevel(logging.WARNING)
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    warnings.showwarning = _warned


def _warned(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, file: TextIO | None = None,
    line: str | None = None,
) -> None:  # fmt: skip
    del file, line
    log_foreign(f"{filename.rpartition('site-packages/')[2]}:{lineno}", f"{category.__name__}: {message}")


@contextmanager
def report_crashes() -> Iterator[None]:
    """Inside, exceptions that nobody catches are logged: those of threads, and those while objects are destroyed.

    asyncio logs those of tasks and callbacks itself, to its logger.
    """
    before = sys.excepthook, threading.excepthook, sys.unraisablehook

    def crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        del kind, trace
        log_foreign("python", "uncaught exception", "critical", error)

    def thread_crashed(args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread else "?"
        log_foreign(f"thread {name}", "uncaught exception", "critical", args.exc_value or args.exc_type())

    def unraisable(args: Any) -> None:
        log_foreign("python", args.err_msg or "exception ignored", "error", args.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = crashed, thread_crashed, unraisable
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook, sys.unraisablehook = before

"""Watches the requests that the plugins of Apprise make: it says no more than whether a message was accepted.

All of them call `requests.post` and the like, which open a session each time and take the adapter for it from
`requests.sessions`. Ours is put in its place. Outside `watching` it does what the original does. Inside, it notes the
outcome of each request, follows no redirect, and ends an attempt that takes too long or gets an endless answer. A
status with which a service asks to wait ends the attempt too, because some plugins would wait in place.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
import requests.adapters
import requests.exceptions
import requests.sessions

ANSWER = 1_000_000  # bytes of an answer that are read
_WAIT = (429, 503)


class Refused(requests.RequestException):
    """The attempt ends here; what happened is in the `Watch`. Plugins take it for a failed connection."""


@dataclass
class Watch:
    """What happened in an attempt. `status`: of the last answer; None without an answer. `sent`: the last request was
    written, so that without an answer nobody knows."""

    until: float  # of time.monotonic
    status: int | None = None
    retry_after: str | None = None
    answer: bytes = b""
    error: BaseException | None = None
    sent: bool = False

    def left(self) -> float:
        """Seconds left for the attempt. Raises Refused when no time is left."""
        left = self.until - time.monotonic()
        if left <= 0:
            self.error = TimeoutError()
            raise Refused
        return left

    def clear(self) -> None:
        """Forget what happened before."""
        self.status, self.retry_after, self.answer, self.error, self.sent = None, None, b"", None, False


_watches = threading.local()


class WatchedAdapter(requests.adapters.HTTPAdapter):
    """The adapter of requests; notes what happens on a thread that is being watched."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        watch: Watch | None = getattr(_watches, "watch", None)
        if watch is None:
            return super().send(request, *args, **kwargs)
        watch.clear()
        limit = watch.left()
        kwargs["timeout"] = (min(limit, 10.0), limit)  # to connect, and for each read
        kwargs["stream"] = True
        try:
            answer = super().send(request, *args, **kwargs)
            watch.sent = True
            watch.answer = _read(answer, watch)
        except (requests.ReadTimeout, requests.exceptions.ChunkedEncodingError) as error:
            watch.error, watch.sent = error, True
            raise
        except requests.ConnectionError as error:
            watch.error, watch.sent = error, watch.sent or not _never_connected(error)
            raise
        watch.status, watch.retry_after = answer.status_code, answer.headers.get("retry-after")
        if 300 <= answer.status_code < 400 or answer.status_code in _WAIT:
            raise Refused
        return answer


def _read(answer: requests.Response, watch: Watch) -> bytes:
    """The answer, read within the time and size of an attempt, and kept for the plugin."""
    content = bytearray()
    for chunk in answer.iter_content(65536):
        content += chunk
        if len(content) > ANSWER or watch.until < time.monotonic():
            break
    answer.close()
    answer._content = bytes(content)
    answer._content_consumed = True
    return bytes(content)


def _never_connected(error: requests.ConnectionError) -> bool:
    """Whether no connection came about, so that nothing was sent. Not after a reset: the request may have been read."""
    named = set()
    left: list[object] = [error]
    while left:
        one = left.pop()
        if isinstance(one, BaseException) and type(one).__name__ not in named:
            named.add(type(one).__name__)
            left += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return bool(named & {"NewConnectionError", "ConnectTimeoutError", "NameResolutionError", "SSLError", "ProxyError",
                         "ConnectionRefusedError", "LocationParseError"})  # fmt: skip


@contextmanager
def watching(timeout: float) -> Iterator[Watch]:
    """Watch the requests of this thread for one attempt of at most `timeout` seconds."""
    vars(requests.sessions)["HTTPAdapter"] = WatchedAdapter
    watch = Watch(time.monotonic() + timeout)
    _watches.watch = watch
    try:
        yield watch
    finally:
        del _watches.watch

"""One opened Apprise URL: sends the parts of a message in order, as long as the service takes them."""

from __future__ import annotations

import logging
import sys
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.backends.channels.answers import failure_of
from pipeline.backends.channels.failures import network_failure, status_text
from pipeline.backends.channels.services import Service, service_of, title_of
from pipeline.backends.channels.thread import ChannelThread
from pipeline.backends.channels.watched import Watch, watching
from pipeline.core.messages.form import Limit, Medium, Part, Voice
from pipeline.core.messages.split import split
from pipeline.core.messages.write import written
from pipeline.ports import Clock, SendFailed
from pipeline.records import Message

if TYPE_CHECKING:
    from apprise import NotifyBase

LEAST = 400  # characters: a service that takes less than that takes nothing
MOST = 20  # pieces that a part is split into
KEPT = 100  # messages of which it is remembered which receivers of the service took them


class AppriseService:
    """A service, its limits, and what it took of messages that it did not take whole."""

    def __init__(self, url: str, number: int, clock: Clock, timeout: float, voice: Voice) -> None:
        """`number`: of the URL, for its fault. Raises SendFailed (broken); the text does not contain the URL."""
        self._notifier = _opened(url, number, timeout)
        self._clock, self._timeout, self._voice = clock, timeout, voice
        self._service: Service = service_of(self._notifier)
        self._log = _LastError(self._notifier)
        self._thread = ChannelThread()
        self._receivers: dict[str, set[tuple[int | None, object]]] = {}
        self.name = str(self._notifier.service_name)

    @property
    def writes(self) -> tuple[Medium, Limit]:
        """In what it writes, and its limits."""
        return self._service.medium, self._service.limit

    async def send(self, message: Message, key: str, taken: int) -> tuple[int, str]:
        """Send the parts after the first `taken`. Returns how many it has now, and what it answered. Raises SendFailed
        with the number of those that it took."""
        return await self._thread.run(self._send, message, key, taken)

    def close(self) -> None:
        self._thread.close()

    def _send(self, message: Message, key: str, taken: int) -> tuple[int, str]:
        parts = written(message, self._service.medium, self._service.limit, self._voice)
        answer = "nothing was left to send"
        with watching(self._timeout) as watch:
            for number in range(taken, len(parts)):
                try:
                    answer = self._send_within(parts[number], message, f"{key}/{number}", watch, self._service.limit)
                except SendFailed as failed:
                    raise SendFailed(str(failed), failed.kind, failed.retry_after, (number,)) from None
        return len(parts), answer

    def _send_within(self, part: Part, message: Message, key: str, watch: Watch, limit: Limit) -> str:
        """Send a part; if the service takes less than it is known to take, in halves."""
        try:
            return self._send_part(part, message, key, watch)
        except SendFailed as failed:
            smaller = replace(limit, body=limit.body // 2, parts=MOST)
            pieces = split(part.body, self._service.medium, smaller) if smaller.body >= LEAST else []
            if failed.kind != "too_long" or len(pieces) < 2:
                raise
            for n, piece in enumerate(pieces):
                answer = self._send_within(replace(part, body=piece), message, f"{key}.{n}", watch, smaller)
            return answer

    def _send_part(self, part: Part, message: Message, key: str, watch: Watch) -> str:
        from apprise import NotifyFormat, NotifyType
        from apprise.plugins.base import _delivery_tracker

        title = title_of(self._notifier, message.name) if self._service.named else part.title
        body = part.body
        if self._service.dialect:
            body = self._notifier.dialect_convert(body, NotifyFormat(self._service.format))
        urgent = message.severity in ("high", "critical")
        self._log.error = None
        watch.clear()
        token = _delivery_tracker.set(self._receivers.setdefault(key, set()))
        try:
            taken = self._notifier.send(  # not `notify`, which converts and splits once more
                body=body, title=title, notify_type=NotifyType.WARNING if urgent else NotifyType.INFO,
                body_format=NotifyFormat(self._service.format), body_passthrough=False, index=0, total=1,
            )  # fmt: skip
        except SendFailed:
            raise
        except Exception as error:  # plugins raise anything
            raise failure_of(self.name, watch, self._timeout, self._clock()) or network_failure(
                self.name, error, self._timeout, sent=False
            ) from None
        finally:
            _delivery_tracker.reset(token)
        if not taken:
            self._forget_old()
            raise self._failure(watch)
        self._receivers.pop(key, None)
        return f"{self.name}: {status_text(watch.status) if watch.status else 'taken'}"

    def _failure(self, watch: Watch) -> SendFailed:
        if failed := failure_of(self.name, watch, self._timeout, self._clock()):
            return failed
        if self._log.error is not None:  # of a service without HTTP nobody knows how far it came
            late = isinstance(self._log.error, TimeoutError)
            return network_failure(self.name, self._log.error, self._timeout, sent=late)
        return SendFailed(f"{self.name}: it did not take the message", "unreachable")

    def _forget_old(self) -> None:
        while len(self._receivers) > KEPT:
            del self._receivers[next(iter(self._receivers))]


def _opened(url: str, number: int, timeout: float) -> NotifyBase:
    from apprise import Apprise, AppriseAsset

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # at lower levels it logs URLs and payloads
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the first use imports all plugins, one of them imghdr
        asset = AppriseAsset(
            app_id="Almenara", app_desc="News alerts", app_url="", image_url_mask="", image_url_logo="",
            http_redirects=False,
        )  # fmt: skip  # no pictures and links of others
        try:
            notifier = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
        except Exception:  # it may say the URL
            notifier = None
    if notifier is None:
        raise SendFailed(f"Apprise does not support URL {number}", "broken")
    notifier.redirects = False
    notifier.socket_connect_timeout = notifier.socket_read_timeout = timeout  # of plugins without HTTP

    def throttle(last_io: object = None, wait: float | None = None) -> None:
        """Do not wait in place, as the plugin would: a service says itself when it gets too much."""
        if wait:
            raise SendFailed(f"{notifier.service_name}: it asks to wait", "busy", wait)

    vars(notifier)["throttle"] = throttle
    return notifier


class _LastError(logging.Handler):
    """Keeps the exception that a plugin caught last: it logs it there. In no hierarchy: nobody else gets the text."""

    def __init__(self, notifier: NotifyBase) -> None:
        super().__init__(logging.WARNING)
        self.error: BaseException | None = None
        own = logging.Logger("apprise")
        own.addHandler(self)
        notifier.logger = own

    def emit(self, record: logging.LogRecord) -> None:
        self.error = sys.exc_info()[1] or self.error

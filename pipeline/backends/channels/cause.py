"""Finds out why a service of Apprise did not accept a message. Apprise itself returns no more than False.

The plugins log the reason, with URLs and answers that hold secrets. So a logger of our own takes the place of theirs:
of a failed request it keeps the status, and of an exception what kind it is, never a text.
"""

from __future__ import annotations

import logging
import re
import smtplib
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apprise import NotifyBase

_STATUS = re.compile(r"\berror ?[=:] ?([1-5]\d\d)\b")
_PERMISSION = (401, 403, 407)


class Causes(logging.Handler):
    """Keeps why the last message of `service` was not accepted."""

    def __init__(self, service: NotifyBase) -> None:
        super().__init__(logging.WARNING)
        self._timeout = service.socket_read_timeout
        self._last = ""
        own = logging.Logger("apprise")  # in no hierarchy: nobody else gets what is logged
        own.addHandler(self)
        service.logger = own

    def emit(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if error is not None:  # it is logged where it is caught
            self._last = reason_of(error, self._timeout)
        elif found := _STATUS.search(record.getMessage()):
            self._last = status_text(int(found[1]))

    def begin(self) -> None:
        """Forget the cause before a message is sent."""
        self._last = ""

    @property
    def last(self) -> str:
        """Why the message was not accepted, or that it was not."""
        return self._last or "did not accept the message"


def status_text(status: int) -> str:
    """An HTTP status as text: `HTTP 400 Bad Request`."""
    phrase = ""
    with suppress(ValueError):  # not every status has a name
        phrase = HTTPStatus(status).phrase
    hint = ": check its credentials" if status in _PERMISSION else ""
    return f"HTTP {status} {phrase}".strip() + hint


def reason_of(error: BaseException, timeout: float) -> str:
    """What an exception says without its text, which may hold URLs. `timeout` in seconds, of connecting and reading."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return f"its certificate is not trusted ({cause.verify_message})"
            case ssl.SSLError():
                return f"TLS failed ({cause.reason or 'no reason given'})"
            case socket.gaierror():
                return "its host name cannot be resolved"
            case TimeoutError():
                return f"no answer within {timeout:g} s"
            case smtplib.SMTPAuthenticationError():
                return f"SMTP {cause.smtp_code}: check its credentials"
            case smtplib.SMTPResponseException():
                return f"SMTP {cause.smtp_code}"
            case smtplib.SMTPRecipientsRefused():
                return "SMTP: the recipients were refused"
            case OSError() if cause.errno and cause.strerror and not isinstance(cause, smtplib.SMTPException):
                return cause.strerror[:1].lower() + cause.strerror[1:]
    named = {type(cause).__name__ for cause in _causes(error)}
    if any("Timeout" in name for name in named):
        return f"no answer within {timeout:g} s"
    return type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception, those it was raised from, and those it carries as arguments; each once, the innermost first."""
    found: list[BaseException] = []
    left: list[BaseException] = [error]
    while left:
        one = left.pop()
        if any(one is known for known in found):
            continue
        found.append(one)
        carried = [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
        left += [other for other in carried if isinstance(other, BaseException)]
    return reversed(found)

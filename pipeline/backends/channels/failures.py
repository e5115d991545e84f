"""Says how a receiver did not accept a message, and why, without URLs, addresses and answers: they hold secrets."""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import get_args

from pipeline.ports import SendFailed, SendFailure

LONGEST_WAIT = 86400.0  # seconds that an answer can make us wait
_PERMISSION = (401, 403, 407)
_BROKEN = (*_PERMISSION, 404, 405, 410, 501, 505, 511)  # RFC 9110: who asks, where or how is wrong
_TOO_LONG = (413, 431)
_BUSY = (408, 425, 429)
#: When the addresses of one channel fail differently: what decides about the next attempt, most pressing first.
_ORDER = ("unsure", "busy", "unreachable", "broken", "refused", "too_long")
assert set(_ORDER) == set(get_args(SendFailure))


def http_failure(who: str, status: int, retry_after: float | None = None) -> SendFailed | None:
    """What an HTTP status other than success means; None for success. Redirects are not followed: the message would go
    where nobody configured it to. `retry_after`: seconds, as the answer says."""
    if 200 <= status < 300:
        return None
    why = f"{who}: {status_text(status)}"
    if 300 <= status < 400:
        return SendFailed(f"{why}: it redirects elsewhere, which is not followed; enter the new address", "broken")
    if status in _BROKEN:
        return SendFailed(why, "broken")
    if status in _TOO_LONG:
        return SendFailed(why, "too_long")
    if status == 504:  # a gateway passed it on, and got no answer
        return SendFailed(f"{why}; it may have taken the message", "unsure")
    if status in _BUSY or status >= 500:
        return SendFailed(why, "busy", retry_after)
    return SendFailed(why, "refused")


def status_text(status: int) -> str:
    """An HTTP status as text: `HTTP 400 Bad Request`."""
    phrase = ""
    with suppress(ValueError):  # not every status has a name
        phrase = HTTPStatus(status).phrase
    hint = ": check its credentials" if status in _PERMISSION else ": check its address" if status in (404, 410) else ""
    return f"HTTP {status} {phrase}".strip() + hint


def network_failure(who: str, error: BaseException, timeout: float, sent: bool) -> SendFailed:
    """What an exception on the way to a receiver means. `sent`: the whole message had been written to it.

    `timeout` in seconds, of the attempt.
    """
    why, broken = _reason(error, timeout)
    if broken and not sent:
        return SendFailed(f"{who}: {why}", "broken")
    if sent:
        return SendFailed(f"{who}: {why}; it may have taken the message", "unsure")
    return SendFailed(f"{who}: {why}", "unreachable")


def _reason(error: BaseException, timeout: float) -> tuple[str, bool]:
    """Why, without the exception's text (it may hold URLs), and whether only a change of the configuration can help."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return f"its certificate is not trusted ({cause.verify_message})", True
            case ssl.SSLError():
                return f"TLS failed ({cause.reason or 'no reason given'})", False
            case socket.gaierror():
                return "its host name cannot be resolved", False
            case TimeoutError():
                return f"no answer within {timeout:g} s", False
            case smtplib.SMTPAuthenticationError():
                return f"SMTP {cause.smtp_code}: check its credentials", True
            case smtplib.SMTPResponseException():
                return f"SMTP {cause.smtp_code}", False
            case smtplib.SMTPRecipientsRefused():
                return "SMTP: the recipients were refused", False
            case OSError() if cause.errno and cause.strerror and not isinstance(cause, smtplib.SMTPException):
                return _plain(cause.errno), False
    named = {type(cause).__name__ for cause in _causes(error)}
    if any("Timeout" in name for name in named):
        return f"no answer within {timeout:g} s", False
    if named & {"RemoteProtocolError", "RemoteDisconnected", "IncompleteRead", "SMTPServerDisconnected"}:
        return "it closed the connection without an answer", False
    return type(error).__name__, False


def _plain(number: int) -> str:
    """What an error number means. The text of an exception may hold an address."""
    text = os.strerror(number)
    return text[:1].lower() + text[1:]


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


def joined(failures: Iterable[SendFailed], taken: tuple[int, ...]) -> SendFailed:
    """One failure for the addresses of a channel: the most pressing kind, the longest wait, each reason once."""
    failures = list(failures)
    why = "; ".join(dict.fromkeys(str(failure) for failure in failures))
    kind = min((failure.kind for failure in failures), key=_ORDER.index)
    waits = [failure.retry_after for failure in failures if failure.retry_after is not None]
    return SendFailed(why, kind, max(waits, default=None), taken=taken)

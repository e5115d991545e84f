"""Sends messages as mail. Every recipient has its own result: one that is refused takes nothing from the others."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TYPE_CHECKING

from pipeline.backends.channels.failures import joined, network_failure
from pipeline.backends.channels.mail_message import Letterhead, mail_of, recipients
from pipeline.backends.channels.secrets import Secrets
from pipeline.backends.channels.thread import ChannelThread
from pipeline.core.messages.form import Voice
from pipeline.ports import Clock, SendFailed
from pipeline.records import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

WHO = "mail server"
_TOO_LONG = (523, 552)
_TLS = (454, 530, 538)  # RFC 3207: encryption is missing or does not work now


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. `security`: starttls, tls, none. `tls`: for tests; else the authorities of the system."""

    host: str
    port: int
    security: str
    username: str = ""
    password: Secrets | None = None
    tls: ssl.SSLContext | None = None


class MailChannel:
    """`taken` has an entry for each recipient: 1 if the server took the mail for it."""

    def __init__(
        self, server: Server, head: Letterhead, clock: Clock, timeout: float = 60, voice: Voice | None = None
    ) -> None:
        """`timeout` in seconds, of a whole attempt. Raises ValueError for an address that no server would take."""
        self._server, self._head, self._clock, self._timeout = server, head, clock, timeout
        self._voice = voice or Voice()
        self._sender, self._to = recipients([head.sender])[0], recipients(head.to)
        self._thread = ChannelThread()

    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        mail = mail_of(message, key, self._head, self._clock(), self._voice)
        done = tuple(taken) if len(taken) == len(self._to) else (0,) * len(self._to)
        password = self._server.password.values()[0] if self._server.password else ""
        return await self._thread.run(self._send, mail, done, password)

    def changed(self) -> bool:
        return self._server.password is not None and self._server.password.changed()

    async def close(self) -> None:
        self._thread.close()

    def _send(self, mail: EmailMessage, done: tuple[int, ...], password: str) -> str:
        sent = False
        try:
            with self._connected() as smtp:
                self._log_in(smtp, password)
                refused = self._envelope(smtp, done)
                if len(refused) < done.count(0):
                    body = mail.as_bytes()
                    sent = True  # from here on, only its answer says whether it took the mail
                    code, _ = smtp.data(body)
                    sent = False
                    if code != 250:
                        raise _answered("the mail", code)
                with suppress(smtplib.SMTPException, OSError):
                    smtp.quit()
        except SendFailed as failed:
            raise _with(failed, done) from None
        except smtplib.SMTPDataError as error:  # it refused before the mail was written
            raise _with(_answered("the mail", error.smtp_code), done) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise _with(network_failure(WHO, error, self._timeout, sent), done) from None
        after = tuple(int(bool(was) or number not in refused) for number, was in enumerate(done))
        if refused:
            raise joined(refused.values(), after)
        return f"SMTP 250: taken for {len(after)} recipient{'s' if len(after) != 1 else ''}"

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection, encrypted as configured, cut when the time of the attempt is over."""
        server, context = self._server, self._server.tls or ssl.create_default_context()
        smtp: smtplib.SMTP = (
            smtplib.SMTP_SSL(timeout=self._timeout, context=context)
            if server.security == "tls"
            else smtplib.SMTP(timeout=self._timeout)
        )
        smtp._host = server.host  # type: ignore[attr-defined]  # what its certificate must be for
        late = threading.Event()
        watch = threading.Timer(self._timeout, _cut, (smtp, late))
        watch.daemon = True
        watch.start()
        try:
            code, _ = smtp.connect(server.host, server.port)
            if code != 220:
                raise _answered("the connection", code)
            smtp.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                if not smtp.has_extn("starttls"):
                    raise SendFailed(f'{WHO} offers no encryption: set security = "tls" or "none"', "broken")
                smtp.starttls(context=context)
                smtp.ehlo()
            yield smtp
        except (OSError, smtplib.SMTPException):
            if late.is_set():
                raise TimeoutError from None
            raise
        finally:
            watch.cancel()
            smtp.close()

    def _log_in(self, smtp: smtplib.SMTP, password: str) -> None:
        if not self._server.username:
            return
        try:
            smtp.login(self._server.username, password)
        except UnicodeEncodeError:
            raise SendFailed("username or password is not ASCII, which SMTP cannot send", "broken") from None
        except smtplib.SMTPNotSupportedError:
            raise SendFailed(f"{WHO} offers no log-in on this connection: check security", "broken") from None
        except smtplib.SMTPAuthenticationError as error:
            if 400 <= error.smtp_code < 500:
                raise SendFailed(f"{WHO}: SMTP {error.smtp_code} on logging in", "busy") from None
            raise

    def _envelope(self, smtp: smtplib.SMTP, done: tuple[int, ...]) -> dict[int, SendFailed]:
        """Name sender and recipients. Returns the recipients that were not accepted, by number."""
        options = []
        if not all(address.isascii() for address in (self._sender, *self._to)):
            if not smtp.has_extn("smtputf8"):
                raise SendFailed(f"{WHO} takes no addresses that are not ASCII (SMTPUTF8)", "broken")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        code, _ = smtp.mail(self._sender, options)
        if code != 250:
            failed = _answered("the sender", code)
            raise SendFailed(str(failed), "broken" if failed.kind == "refused" else failed.kind)
        refused = {}
        for number, address in enumerate(self._to):
            if not done[number]:
                code, _ = smtp.rcpt(address)
                if code not in (250, 251, 252):
                    refused[number] = _answered(f"recipient {number + 1} of {len(self._to)}", code)
        return refused


def _answered(what: str, code: int) -> SendFailed:
    """What an SMTP reply (RFC 5321 4.2) other than success means."""
    why = f"{WHO}: {what} was refused (SMTP {code})"
    if code in _TOO_LONG:
        return SendFailed(why, "too_long")
    if code in _TLS:
        return SendFailed(f"{why}: it asks for encryption or a log-in", "broken")
    if code == -1:
        return SendFailed(f"{WHO}: it closed the connection", "unreachable")
    return SendFailed(why, "busy" if 400 <= code < 500 else "refused")


def _with(failed: SendFailed, done: tuple[int, ...]) -> SendFailed:
    return SendFailed(str(failed), failed.kind, failed.retry_after, done)


def _cut(smtp: smtplib.SMTP, late: threading.Event) -> None:
    """Close the connection of an attempt that takes too long."""
    late.set()
    sock = smtp.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

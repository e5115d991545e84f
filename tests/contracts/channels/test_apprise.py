"""The channel that sends through Apprise."""

from __future__ import annotations

import smtplib
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import pytest

from pipeline.backends.channels.apprise import AppriseChannel
from pipeline.backends.channels.cause import reason_of
from pipeline.ports import SendFailed
from pipeline.records import Quote
from tests.builders import alert
from tests.contracts.channels.receivers import HOSTILE, Hook


async def test_what_a_message_says(hook: Hook) -> None:
    channel = AppriseChannel([hook.url])
    await channel.send_alerts(
        [alert("a1", title="Congress <b>lets</b> *them* in & out", topics=("troops",), version=2)]
    )
    await channel.send_alerts([alert(f"b{n}", backlog=True) for n in range(25)])
    one, many = hook.bodies
    assert one["title"] == "[high] Troops: Congress <b>lets</b> *them* in & out"
    for part in ("https://news.example.org/a1", "The Example, first seen 2026-03-02 12:00 UTC", "The troops came",
                 "Matched: troops", "Because: troops", "Update 2", alert("a1", version=2).id):  # fmt: skip
        assert part in one["message"]
    assert one["type"] == "warning"
    assert many["title"] == "Troops: 25 earlier articles"
    assert many["message"].count("https://") == 20
    assert "… and 5 more" in many["message"]
    await channel.close()


async def test_nobody_is_called_by_a_title(hook: Hook) -> None:
    channel = AppriseChannel([hook.url])
    quotes = (Quote(field="text", text=HOSTILE),)
    await channel.send_alerts([alert("a1", title=HOSTILE, quotes=quotes, url="https://medium.example/@someone/1")])
    text = hook.bodies[0]["title"] + hook.bodies[0]["message"]
    assert "@everyone" not in text
    assert "<!here" not in text
    assert "\x1b" not in text
    assert "https://medium.example/@someone/1" in text
    await channel.close()


async def test_a_url_that_took_an_alert_is_not_used_again(hook: Hook) -> None:
    other = Hook()
    other.status = 503
    channel = AppriseChannel([hook.url, other.url])
    with pytest.raises(SendFailed):
        await channel.send_alerts([alert("a1")])
    other.status = 200
    await channel.send_alerts([alert("a1")])
    assert (len(hook.bodies), len(other.bodies)) == (1, 1)
    await channel.close()
    other.close()


def answering(answer: Callable[[socket.socket], None]) -> tuple[str, socket.socket]:
    """A server that accepts one connection and does `answer`. Its address, and the socket to close."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                answer(connection)

    threading.Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{listener.getsockname()[1]}", listener


def silence(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


async def failure(url: str, timeout: float = 5) -> str:
    channel = AppriseChannel([url], timeout)
    with pytest.raises(SendFailed) as raised:
        await channel.send_alerts([alert("a1")])
    await channel.close()
    return str(raised.value)


async def test_nothing_listens() -> None:
    hook = Hook()
    hook.close()
    assert await failure(hook.url) == "JSON: connection refused"


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (400, "JSON: HTTP 400 Bad Request"),
        (401, "JSON: HTTP 401 Unauthorized: check its credentials"),
        (404, "JSON: HTTP 404 Not Found"),
        (429, "JSON: HTTP 429 Too Many Requests"),
        (503, "JSON: HTTP 503 Service Unavailable"),
        (599, "JSON: HTTP 599"),
    ],
)
async def test_what_it_answers_is_the_cause(hook: Hook, status: int, cause: str) -> None:
    hook.status = status
    assert await failure(hook.url) == cause


async def test_it_does_not_answer() -> None:
    address, listener = answering(silence)
    assert await failure(f"json://user:s3cret@{address}/tok-SECRET", 0.2) == "JSON: no answer within 0.2 s"
    listener.close()


async def test_it_speaks_no_tls() -> None:
    address, listener = answering(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n"))
    cause = await failure(f"jsons://user:s3cret@{address}/tok-SECRET")
    listener.close()
    assert cause.startswith("JSON: TLS failed (")
    assert "s3cret" not in cause.lower()


async def test_a_mail_server_that_closes() -> None:
    address, listener = answering(lambda connection: connection.sendall(b"421 4.7.0 go away s3cret\r\n"))
    cause = await failure(f"mailto://user:s3cret@{address}?smtp=127.0.0.1&to=a@example.org&from=b@example.org")
    listener.close()
    assert cause.startswith("E-Mail: SMTP 421")
    assert "s3cret" not in cause


async def test_the_cause_is_that_of_the_last_message(hook: Hook) -> None:
    channel = AppriseChannel([hook.url])
    for status in (400, 503):
        hook.status = status
        with pytest.raises(SendFailed, match=f"HTTP {status}"):
            await channel.send_alerts([alert("a1")])
    hook.status = 200
    await channel.send_alerts([alert("a1")])
    await channel.close()


def chain(*errors: BaseException) -> BaseException:
    """The last, raised from the one before, and so on."""
    for inner, outer in pairwise(errors):
        outer.__cause__ = inner
    return errors[-1]


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (chain(TimeoutError("timed out"), OSError("https://x/SECRET")), "no answer within 5 s"),
        (
            chain(socket.gaierror(-2, "Name or service not known"), OSError("SECRET")),
            "its host name cannot be resolved",
        ),
        (
            chain(ConnectionResetError(104, "Connection reset by peer"), ValueError("SECRET")),
            "connection reset by peer",
        ),
        (smtplib.SMTPAuthenticationError(535, b"SECRET"), "SMTP 535: check its credentials"),
        (smtplib.SMTPRecipientsRefused({"SECRET": (550, b"SECRET")}), "SMTP: the recipients were refused"),
        (KeyError("SECRET"), "KeyError"),
    ],
)
def test_an_exception_says_no_more_than_its_kind(error: BaseException, cause: str) -> None:
    assert reason_of(error, 5) == cause

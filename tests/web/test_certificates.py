"""HTTPS on a real socket, with certificates that are made here: wrong files, renewal, and clients that speak no TLS."""

from __future__ import annotations

import asyncio
import logging
import shutil
import socket
import ssl
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from pipeline.web import certificates, server
from pipeline.web.certificates import Certificate
from pipeline.web.server import Limits, listen, serving, url_of


async def _scheme(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.url.scheme)


APP = Starlette(routes=[Route("/", _scheme)])


def make(folder: Path, name: str, *options: str) -> tuple[Path, Path]:
    """A new certificate for localhost, that nobody signed, and its key."""
    openssl = shutil.which("openssl")
    assert openssl, "tests of TLS need the command openssl"
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(chain), "-days",
         "30", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", *options],
        check=True, capture_output=True,
    )  # fmt: skip
    return chain, key


def trusting(chain: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=chain)


async def _subject(listener: socket.socket) -> str:
    """Whose certificate a new connection is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection(*listener.getsockname(), ssl=context)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return ssl.DER_cert_to_PEM_cert(shown)


async def test_pages_come_over_https(tmp_path: Path) -> None:
    chain, key = make(tmp_path, "a")
    listener = listen("127.0.0.1", 0)
    async with (
        serving(APP, listener, Limits(tls=Certificate(chain, key))),
        httpx.AsyncClient(verify=trusting(chain)) as client,
    ):
        assert (await client.get(url_of(listener, tls=True))).text == "https"


@pytest.mark.parametrize(
    ("chain", "key", "why"),
    [
        ("none.pem", "a.key", r"none\.pem: No such file"), ("a.pem", "none.key", r"none\.key: No such file"),
        ("a.pem", "b.key", r"b\.key is not the key of .*a\.pem"), ("a.key", "a.key", "certificate and its key as PEM"),
        ("empty", "empty", "must be a certificate and its key"), ("locked.pem", "locked.key", "has a password"),
    ],
)  # fmt: skip
def test_files_that_do_not_fit_are_refused_in_words(tmp_path: Path, chain: str, key: str, why: str) -> None:
    make(tmp_path, "a")
    make(tmp_path, "b")
    (tmp_path / "empty").touch()
    if chain == "locked.pem":
        _, plain = make(tmp_path, "locked")
        subprocess.run(
            ["openssl", "rsa", "-aes256", "-passout", "pass:secret", "-in", str(plain), "-out", str(plain)],
            check=True, capture_output=True,
        )  # fmt: skip
    with pytest.raises(ValueError, match=why):
        Certificate(tmp_path / chain, tmp_path / key)


def test_its_end_is_told_two_weeks_before(tmp_path: Path) -> None:
    certificate = Certificate(*make(tmp_path, "a"))
    now = datetime.now(UTC)
    assert certificate.warning(now) == ""
    assert " ends on " in certificate.warning(now + timedelta(days=17))
    assert " ended on " in certificate.warning(now + timedelta(days=31))


async def test_renewed_files_are_taken_and_half_renewed_ones_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "LOOK", 0.05)
    chain, key = make(tmp_path, "live")
    new_chain, new_key = make(tmp_path, "new")
    first, second = chain.read_text(), new_chain.read_text()
    certificate, told, listener = Certificate(chain, key), list[tuple[str, str]](), listen("127.0.0.1", 0)
    async with serving(APP, listener, Limits(tls=certificate)):
        following = asyncio.create_task(certificate.follow(lambda: datetime.now(UTC), lambda *what: told.append(what)))
        assert await _subject(listener) in first
        new_chain.replace(chain)
        await asyncio.sleep(0.3)
        assert [(event, "is not the key of" in why) for event, why in told] == [("refused", True)]
        assert await _subject(listener) in first
        new_key.replace(key)
        await asyncio.sleep(0.3)
        assert [event for event, _ in told] == ["refused", "renewed"]
        assert await _subject(listener) in second
        following.cancel()


@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\xfc", b"\0" * 9]
)
async def test_clients_that_speak_another_protocol_do_no_harm(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, tls: bool, sent: bytes
) -> None:
    """Scanners send such things all day: none of it is worth a line in the log."""
    chain, key = make(tmp_path, "a")
    listener = listen("127.0.0.1", 0)
    limits = Limits(tls=Certificate(chain, key) if tls else None)
    with caplog.at_level(logging.WARNING):
        async with serving(APP, listener, limits), httpx.AsyncClient(verify=trusting(chain)) as client:
            for _ in range(5):
                reader, writer = await asyncio.open_connection(*listener.getsockname())
                writer.write(sent)
                with suppress(ConnectionError):
                    await asyncio.wait_for(reader.read(100), 8)
                writer.close()
            assert (await client.get(url_of(listener, tls))).status_code == 200
    assert [record.getMessage() for record in caplog.records] == []


async def test_a_handshake_that_is_not_ended_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "WAIT", 0.3)
    chain, key = make(tmp_path, "a")
    listener = listen("127.0.0.1", 0)
    async with serving(APP, listener, Limits(tls=Certificate(chain, key))):
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 3) == b""
        writer.close()

"""Feeds that are requested in their own way."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pipeline.backends.http import HttpFetch
from pipeline.records import Profile
from tests.contracts.fetch.servers import CERTIFICATE, LOOPBACK, Server, answer, failure
from tests.options import http_options

HOST = ("127.0.0.1",)
REFUSED = ("tls", "connect")  # asyncio's servers hang up without an alert


@pytest.fixture
async def secure() -> AsyncIterator[Server]:
    """A server whose certificate nobody knows."""
    server = Server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    await server.start(context)
    server.answers["/a"] = answer(b"news")
    yield server
    await server.stop()


async def test_user_agent_goes_everywhere_headers_and_password_to_the_hosts_only(
    server: Server, fetch: HttpFetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_KEY", "k3y")
    monkeypatch.setenv("SITE_PASSWORD", "pässword")
    profile = Profile(
        user_agent="Reader/1", headers={"X-Key": "${SITE_KEY}", "X-Edition": "world"}, username="me",
        password_env="SITE_PASSWORD", hosts=HOST, plain=True,
    )  # fmt: skip
    other = Server()
    await other.start()
    server.answers["/a"] = answer(status="302 Found", location=f"http://localhost:{other.port}/b")
    other.answers["/b"] = answer(b"x")
    await fetch(f"{server.root}/a", {"Accept": "text/xml"}, profile)
    sent = server.seen[0].headers
    assert (sent["user-agent"], sent["x-key"], sent["x-edition"]) == ("Reader/1", "k3y", "world")
    assert sent["authorization"] == "Basic bWU6cMOkc3N3b3Jk"
    assert sent["accept"] == "text/xml"
    assert other.seen[0].headers["user-agent"] == "Reader/1"
    assert not {"x-key", "x-edition", "authorization"} & other.seen[0].headers.keys()
    await fetch(f"{server.root}/a", None, Profile(username="me", password_env="SITE_PASSWORD", hosts=HOST))
    assert "authorization" not in server.seen[-1].headers  # the feed has TLS: nothing secret goes without
    await other.stop()


async def test_a_password_in_a_file_and_secrets_that_are_missing(
    server: Server, fetch: HttpFetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_text("pass\n")
    server.answers["/a"] = answer(b"x")
    profile = Profile(username="me", password_file=str(file), hosts=HOST, plain=True)
    await fetch(f"{server.root}/a", None, profile)
    assert server.seen[0].headers["authorization"] == "Basic bWU6cGFzcw=="
    file.unlink()
    monkeypatch.delenv("NOWHERE", raising=False)
    for bad in (
        profile,
        Profile(username="me", password_env="NOWHERE", hosts=HOST, plain=True),
        Profile(headers={"X": "${NOWHERE}"}, hosts=HOST, plain=True),
        Profile(proxy="http://a:${NOWHERE}@b:1"),
    ):
        error = await failure(fetch, f"{server.root}/a", bad)
        assert (error.reason, error.temporary) == ("secret", True)
    assert len(server.seen) == 1


async def test_a_certificate_that_nobody_knows(secure: Server, fetch: HttpFetch) -> None:
    url = f"{secure.root}/a"
    assert (await failure(fetch, url)).reason == "tls"
    assert "ca_file or verify" in (await failure(fetch, url)).detail
    assert (await fetch(url, None, Profile(verify=False, hosts=HOST))).body == b"news"
    assert (await fetch(url, None, Profile(ca_file=str(CERTIFICATE), hosts=HOST))).body == b"news"
    assert (await failure(fetch, url, Profile(verify=False, hosts=("other.example",)))).reason == "tls"
    assert (await failure(fetch, url)).reason == "tls"  # no connection of another profile is used
    missing = await failure(fetch, url, Profile(ca_file="/nowhere/ca.pem", hosts=HOST))
    assert missing.reason == "tls"
    assert "/nowhere/ca.pem" in missing.detail


async def test_a_certificate_is_not_taken_on_trust_after_a_redirect(secure: Server, fetch: HttpFetch) -> None:
    secure.answers["/a"] = answer(status="302 Found", location=f"https://localhost:{secure.port}/a")
    assert (await failure(fetch, f"{secure.root}/a", Profile(verify=False, hosts=HOST))).reason == "tls"


async def test_an_old_version_of_tls(fetch: HttpFetch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    server = Server()
    await server.start(context)
    server.answers["/a"] = answer(b"news")
    url = f"{server.root}/a"
    assert (await failure(fetch, url)).reason in REFUSED
    for version in ("1.0", "1.1"):
        assert (await fetch(url, None, Profile(min_tls=version, verify=False, hosts=HOST))).body == b"news"
    assert (await failure(fetch, url, Profile(min_tls="1.2", verify=False, hosts=HOST))).reason in REFUSED
    await server.stop()


async def test_a_newer_version_of_tls_than_the_server_has(fetch: HttpFetch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    server = Server()
    await server.start(context)
    server.answers["/a"] = answer(b"news")
    url = f"{server.root}/a"
    assert (await fetch(url, None, Profile(verify=False, hosts=HOST))).body == b"news"
    assert (await failure(fetch, url, Profile(min_tls="1.3", verify=False, hosts=HOST))).reason in REFUSED
    await server.stop()


async def test_a_proxy_of_its_own(server: Server, fetch: HttpFetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXY_PASSWORD", "s3cret")
    server.answers["http://example.com/a"] = answer(b"by proxy")
    profile = Profile(proxy=f"http://me:${{PROXY_PASSWORD}}@127.0.0.1:{server.port}")
    assert (await fetch("http://example.com/a", None, profile)).body == b"by proxy"
    assert server.seen[0].headers["proxy-authorization"].startswith("Basic ")
    proxied = HttpFetch(http_options(allow_networks=LOOPBACK, proxy=f"http://127.0.0.1:{server.port}"))
    server.answers["/b"] = answer(b"direct")
    assert (await proxied(f"{server.root}/b", None, Profile(proxy="none"))).body == b"direct"
    await proxied.close()
    error = await failure(fetch, "http://example.com/a", Profile(proxy="http://127.0.0.1:1"))
    assert (error.reason, error.temporary) == ("proxy", True)  # not Unavailable: other feeds go on


async def test_a_handshake_that_never_ends() -> None:
    ended = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        ended.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    fetch = HttpFetch(http_options(allow_networks=LOOPBACK, timeout=0.5))
    error = await failure(fetch, f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/a")
    assert (error.reason, error.temporary) == ("timeout", True)
    await fetch.close()
    await ended.wait()
    server.close()

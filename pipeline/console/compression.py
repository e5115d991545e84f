"""Compresses answers, and leaves out those that the browser already has (RFC 9110, 8.4 and 13.1)."""

from __future__ import annotations

import asyncio
import gzip
import hashlib

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAST = 600  # bytes worth compressing
LARGE = 10_000  # bytes that are compressed in a thread: the stages run on the loop of this process
PACKED = (
    "text/html",
    "text/plain",
    "text/xml",
    "text/csv",
    "application/json",
    "application/atom+xml",
    "image/svg+xml",
)
TOKEN = "almenara.token"  # in the scope: a token that differs in each page, and is no part of what a page says


def compressed(app: ASGIApp) -> ASGIApp:
    """The application with whole answers compressed and tagged. A stream, such as live updates, passes as it is."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD", "POST"):
            await app(scope, receive, send)
        else:
            await app(scope, receive, _Answer(scope, send))

    return handle


class _Answer:
    """Sends one answer on, once it is known whether it is whole or a stream."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send, self._request = scope, send, Headers(scope=scope)
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        start, self._start = self._start, None
        if start is None:  # a further part of a stream
            await self._send(message)
            return
        headers = MutableHeaders(scope=start)
        plain = headers.get("content-type", "").partition(";")[0] in PACKED and "content-encoding" not in headers
        if not plain or message.get("more_body") or message["type"] != "http.response.body":
            await self._send(start)
            await self._send(message)
            return
        await self._whole(start, headers, message["body"])

    async def _whole(self, start: Message, headers: MutableHeaders, body: bytes) -> None:
        headers.add_vary_header("Accept-Encoding")
        if start["status"] == 200 and self._scope["method"] != "POST":
            token = self._scope.get(TOKEN, "")
            seen = body.replace(token.encode(), b"") if token else body
            tag = headers["ETag"] = f'W/"{hashlib.blake2b(seen, digest_size=12).hexdigest()}"'
            if tag in {one.strip() for one in self._request.get("if-none-match", "").split(",")}:
                start["status"], body = 304, b""
                del headers["content-length"]
                del headers["content-type"]
        coding = self._coding() if len(body) >= LEAST else None
        if coding:
            body = await asyncio.to_thread(_packed, coding, body) if len(body) > LARGE else _packed(coding, body)
            headers["Content-Encoding"] = coding
            headers["Content-Length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    def _coding(self) -> str | None:
        accepted = {
            name.strip(): weight.strip() != "q=0"
            for name, _, weight in (
                part.partition(";") for part in self._request.get("accept-encoding", "").lower().split(",")
            )
        }
        return next((coding for coding in ("br", "gzip") if accepted.get(coding)), None)


def _packed(coding: str, body: bytes) -> bytes:
    packed: bytes = brotli.compress(body, quality=5) if coding == "br" else gzip.compress(body, 6, mtime=0)
    return packed

"""Reads the body of an answer, within a limit, and notices that its end is missing."""

from __future__ import annotations

import httpx

from pipeline.backends.http.inflate import Inflate, TooLarge


async def read_body(response: httpx.Response, limit: int) -> tuple[bytes, str]:
    """The decompressed body, and why its end may be missing; empty if the server sent all that it announced.

    A server that hangs up in a body, or is silent before its announced end, has often sent all there is: whoever
    parses the body decides. Raises TooLarge, BadEncoding, and httpx.TransportError if nothing came.
    """
    length = response.headers.get("content-length", "")
    if length.isdecimal() and len(length) < 20 and int(length) > limit:
        raise TooLarge
    inflate = Inflate(response.headers.get("content-encoding", ""), limit)
    pieces: list[bytes] = []
    wire, cut = 0, ""
    try:
        async for chunk in response.aiter_raw():
            wire += len(chunk)
            if wire > limit:
                raise TooLarge
            pieces.append(inflate.feed(chunk))
    except httpx.TransportError as error:
        if not any(pieces):
            raise
        cut = " ".join(str(error).split())[:300] or type(error).__name__
    if not inflate.finish():
        cut = cut or "compressed body is cut off"
    return b"".join(pieces), cut

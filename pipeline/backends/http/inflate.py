"""Decompresses bodies (Content-Encoding gzip or deflate, the only ones that requests accept), up to a limit."""

from __future__ import annotations

import zlib

ACCEPT_ENCODING = "gzip, deflate"
_GZIP = 31  # wbits of zlib: gzip header and trailer
_LAYERS = 2  # some servers send gzip of a gzip


class BadEncoding(ValueError):
    """The body is not what Content-Encoding says."""


class TooLarge(ValueError):
    """The decompressed body is longer than the limit."""


class Inflate:
    """Decompresses a body piece by piece, to `limit` bytes at most. Raises BadEncoding for an unknown coding."""

    def __init__(self, encoding: str, limit: int) -> None:
        names = [name.strip().lower() for name in encoding.split(",")]
        names = [name for name in names if name not in ("", "identity")]
        unknown = [name for name in names if name not in ("gzip", "x-gzip", "deflate")]
        if unknown or len(names) > _LAYERS:
            raise BadEncoding(f"Content-Encoding {encoding[:100]!r}")
        self._layers = [_Layer(name != "deflate", limit) for name in reversed(names)]

    def feed(self, data: bytes) -> bytes:
        """Return the next bytes of the body. Raises BadEncoding, TooLarge."""
        for layer in self._layers:
            data = layer.feed(data)
        return data

    def finish(self) -> None:
        """End the body. Raises BadEncoding if it is cut off."""
        for layer in self._layers:
            layer.finish()


class _Layer:
    """Decompresses one coding: gzip (RFC 1952) with any number of members, ignoring bytes after the last; or deflate,
    raw (RFC 1951), as some servers send it, or in the zlib format (RFC 1950), as RFC 9110 8.4.1.2 requires."""

    def __init__(self, gzip: bool, limit: int) -> None:
        self._gzip = gzip
        self._left = limit
        self._head = b""
        self._stream: zlib._Decompress | None = None
        self._ended = False  # a member is complete

    def feed(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        if self._stream is None:
            data, self._head = self._head + data, b""
        while data:
            if self._stream is None and not self._open(data):
                break
            assert self._stream is not None
            try:
                pieces.append(self._stream.decompress(data, self._left + 1))
            except zlib.error as error:
                raise BadEncoding(str(error)) from error
            self._left -= len(pieces[-1])
            if self._left < 0:
                raise TooLarge
            data = self._stream.unused_data
            if self._stream.eof:
                self._stream, self._ended = None, True
        return b"".join(pieces)

    def _open(self, data: bytes) -> bool:
        """Start to decompress at `data`. Returns False if nothing follows, or if `data` is too short to decide."""
        if self._ended and not (self._gzip and data.startswith(b"\x1f\x8b")):
            return False
        if len(data) < 2:
            self._head = data
            return False
        zlib_header = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
        self._stream = zlib.decompressobj(_GZIP if self._gzip else (15 if zlib_header else -15))
        return True

    def finish(self) -> None:
        if self._stream is not None or self._head:
            raise BadEncoding("compressed body is cut off")

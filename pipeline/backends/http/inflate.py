"""Decompresses bodies (Content-Encoding gzip, deflate, br, zstd), up to a limit.

Requests ask for gzip and deflate only, but some servers send br or zstd to everybody. Like browsers this module reads
what was sent rather than what was announced, where the bytes leave no doubt: gzip without a header that says so, text
that is called compressed, codings that do not exist.
"""

from __future__ import annotations

import sys
import zlib
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPT_ENCODING = "gzip, deflate"
_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_LAYERS = 2  # some servers send gzip of a gzip
_WINDOW = 23  # log2 of the largest window: 8 MB, as RFC 8878 recommends and RFC 9659 requires
_PIECE = 65_536  # bytes that brotli returns at once, about
_HEAD = 65_536  # bytes kept until the first output, to tell text from compressed data
#: Codings that cannot be read; any other name is no coding at all (some servers send `utf-8` here) and is ignored.
_UNSUPPORTED = frozenset({"compress", "x-compress", "exi", "pack200-gzip", "dcb", "dcz", "aes128gcm", "sdch"})


class BadEncoding(ValueError):
    """The body is not what Content-Encoding says."""


class TooLarge(ValueError):
    """The decompressed body is longer than the limit."""


class Inflate:
    """Decompresses a body piece by piece, to `limit` bytes at most. Raises BadEncoding for a coding without support."""

    def __init__(self, encoding: str, limit: int) -> None:
        names = [name.strip().lower() for name in encoding.split(",")]
        if any(name in _UNSUPPORTED for name in names):
            raise BadEncoding(f"Content-Encoding {encoding[:100]!r}")
        known = [name for name in names if name in _CODECS]
        if len(known) > _LAYERS:
            raise BadEncoding(f"Content-Encoding {encoding[:100]!r}")
        self._layers: list[_Layer] = [_Layer(_CODECS[name], limit) for name in reversed(known)]
        self._limit = limit
        self._head: bytes | None = b""  # the first bytes of the result; None once they were looked at
        self._gave = False

    def feed(self, data: bytes) -> bytes:
        """Return the next bytes of the body. Raises BadEncoding, TooLarge."""
        for layer in self._layers:
            data = layer.feed(data)
        if self._head is not None:
            data, self._head = self._head + data, None
            if len(data) < 3 and _GZIP_MAGIC.startswith(data[:2]):  # too little to decide
                self._head = data
                return b""
            if data.startswith(_GZIP_MAGIC + b"\x08"):  # compressed without, or once more than, the header says
                self._layers.append(_Layer(_Zlib(gzip=True), self._limit))
                data = self._layers[-1].feed(data)
        self._gave = self._gave or bool(data)
        return data

    def finish(self) -> bool:
        """End the body; return whether it is complete. Raises BadEncoding if none of it could be decompressed."""
        complete = all(layer.complete for layer in self._layers) and not self._head
        if not complete and not self._gave:
            raise BadEncoding("compressed body is cut off before its first byte")
        return complete


class _Codec(Protocol):
    """A coding, whose `open` returns a decoder of one member: gzip and zstd bodies may have several."""

    magic: bytes | None  # of a further member; None: there is only one

    def open(self, head: bytes) -> _Decoder | None:
        """A decoder of what starts with `head`; None if that is too short to decide."""
        ...


class _Decoder(Protocol):
    """Decompresses one member."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, limit: int, /) -> bytes:
        """The next bytes, about `limit` at most: the caller gives up if there are more."""
        ...


class _Zlib:
    """gzip (RFC 1952); or deflate, raw (RFC 1951), as some servers send it, or in the zlib format (RFC 1950), as
    RFC 9110 8.4.1.2 requires."""

    def __init__(self, gzip: bool) -> None:
        self.magic = _GZIP_MAGIC if gzip else None

    def open(self, head: bytes) -> _Decoder | None:
        if len(head) < 2:
            return None
        if self.magic:
            return _GzipDecoder()
        zlib_header = head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0
        return zlib.decompressobj(15 if zlib_header else -15)


class _GzipDecoder:
    """One member of gzip. Like browsers it does not look at the checksum and length behind the data: some servers
    send wrong ones, or leave them out."""

    def __init__(self) -> None:
        self._head = b""
        self._stream: zlib._Decompress | None = None
        self._trailer = 8  # bytes of checksum and length that are still to come
        self.unused_data = b""

    @property
    def whole(self) -> bool:
        """Whether all data came, perhaps without checksum and length."""
        return self._stream is not None and self._stream.eof

    @property
    def eof(self) -> bool:
        return self.whole and not self._trailer

    def decompress(self, data: bytes, limit: int, /) -> bytes:
        if self._stream is None:
            self._head += data
            if (start := _gzip_header(self._head)) is None:
                return b""
            data, self._stream = self._head[start:], zlib.decompressobj(-15)
        rest, found = data, b""
        if not self._stream.eof:
            found = self._stream.decompress(data, limit)
            rest = self._stream.unused_data
        if self._stream.eof:
            skipped = min(len(rest), self._trailer)
            self._trailer -= skipped
            self.unused_data = rest[skipped:]
        return found


def _gzip_header(data: bytes) -> int | None:
    """How long the header at the start of `data` is; None if it does not end there. Raises zlib.error."""
    if not (_GZIP_MAGIC + b"\x08").startswith(data[:3]):
        raise zlib.error("no gzip header")
    flags, at = data[3] if len(data) > 3 else 0, 10
    if flags & 4:
        at += 2 + int.from_bytes(data[10:12], "little")
    for _ in range((flags >> 3 & 1) + (flags >> 4 & 1)):  # name and comment
        end = data.find(b"\0", at)
        at = end + 1 if end >= 0 else len(data) + 1
    at += 2 * (flags >> 1 & 1)
    if len(data) > _HEAD:
        raise zlib.error("endless gzip header")
    return at if len(data) >= at else None


class _Zstd:
    """Zstandard (RFC 8878)."""

    magic: bytes | None = _ZSTD_MAGIC

    def open(self, head: bytes) -> _Decoder | None:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW})


class _Brotli:
    """Brotli (RFC 7932)."""

    magic: bytes | None = None

    def open(self, head: bytes) -> _Decoder | None:
        return _BrotliDecoder()


class _BrotliDecoder:
    unused_data = b""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._stream.is_finished())

    def decompress(self, data: bytes, limit: int, /) -> bytes:
        pieces = [self._stream.process(data, output_buffer_limit=_PIECE)]
        while sum(map(len, pieces)) < limit and not self._stream.can_accept_more_data():
            pieces.append(self._stream.process(b"", output_buffer_limit=_PIECE))
        return b"".join(pieces)


_CODECS: dict[str, _Codec] = {
    "gzip": _Zlib(gzip=True), "x-gzip": _Zlib(gzip=True), "deflate": _Zlib(gzip=False), "br": _Brotli(),
    "x-br": _Brotli(), "zstd": _Zstd(), "x-zstd": _Zstd(),
}  # fmt: skip
_ERRORS = (zlib.error, zstd.ZstdError, brotli.error)


class _Layer:
    """Decompresses one coding, with any number of members, ignoring bytes after the last."""

    def __init__(self, codec: _Codec, limit: int) -> None:
        self._codec, self._limit, self._left = codec, limit, limit
        self._head = b""  # too short to be opened
        self._fed: bytes | None = b""  # everything so far, until the first output
        self._decoder: _Decoder | None = None
        self._ended = False  # a member is complete
        self._as_is = False  # it is no compressed data

    @property
    def complete(self) -> bool:
        whole = isinstance(self._decoder, _GzipDecoder) and self._decoder.whole
        return self._as_is or whole or (self._decoder is None and not self._head)

    def feed(self, data: bytes) -> bytes:
        if self._as_is:
            return self._counted(data)
        if self._fed is not None:
            self._fed += data
        try:
            found = self._decompress(data)
        except _ERRORS as error:
            if self._fed is None or not _is_text(self._fed):
                raise BadEncoding(str(error)) from error
            self._as_is, found = True, self._fed
            self._left = self._limit - len(found)
        if found or (self._fed and len(self._fed) > _HEAD):
            self._fed = None
        return found

    def _decompress(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        if self._decoder is None:
            data, self._head = self._head + data, b""
        while data:
            if self._decoder is None and not self._open(data):
                break
            assert self._decoder is not None
            pieces.append(self._counted(self._decoder.decompress(data, self._left + 1)))
            data = self._decoder.unused_data
            if self._decoder.eof:
                self._decoder, self._ended = None, True
        return b"".join(pieces)

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge
        return data

    def _open(self, data: bytes) -> bool:
        """Start to decompress at `data`. Returns False if nothing follows, or if `data` is too short to decide."""
        if self._ended and not (self._codec.magic and data.startswith(self._codec.magic)):
            return False
        self._decoder = self._codec.open(data)
        if self._decoder is None:
            self._head = data
        return self._decoder is not None


def _is_text(data: bytes) -> bool:
    """Whether the body is plainly a page or feed: it starts as one, after white space and a byte order mark."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"<", b"{") and b"\0" not in data

"""Unpacking any bytes within bounds."""

from __future__ import annotations

import zlib

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.backends.http.inflate import BadEncoding, Inflate, TooLarge


@settings(deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(1, 50), max_size=20))
def test_bytes_that_are_anything_are_unpacked_or_refused(data: bytes, cuts: list[int]) -> None:
    for coding in ("gzip", "deflate", "deflate, gzip"):
        inflate, rest, got = Inflate(coding, 1000), data, b""
        try:
            for cut in [*cuts, len(data)]:
                got += inflate.feed(rest[:cut])
                rest = rest[cut:]
            inflate.finish()
        except (BadEncoding, TooLarge):
            pass
        assert len(got) <= 1000


@settings(deadline=None)
@given(st.binary(max_size=2000), st.lists(st.integers(1, 50), max_size=20), st.sampled_from([31, 15, -15]))
def test_pieces_of_any_size_give_the_same(data: bytes, cuts: list[int], wbits: int) -> None:
    packed = zlib.compress(data, wbits=wbits)
    inflate, rest, got = Inflate("gzip" if wbits == 31 else "deflate", len(data)), packed, b""
    for cut in [*cuts, len(packed)]:
        got += inflate.feed(rest[:cut])
        rest = rest[cut:]
    inflate.finish()
    assert got == data

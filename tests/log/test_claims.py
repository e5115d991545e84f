"""Claims are distinguished from records, and from what others write under their key."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from agents.groups import message_of
from pipeline.log.claims import CLAIM, claim_of, is_claim
from pipeline.records import Request, encode

CASES: list[tuple[str, bytes, bytes, bool]] = [
    ("a claim", *claim_of("desk-7"), True),
    ("a record under the key of claims", CLAIM.encode(), encode(Request(replayed=1)), False),
    ("bytes under the key of claims", CLAIM.encode(), b"\xff" * 200, False),
    ("deep nesting under the key of claims", CLAIM.encode(), b"[" * 100_000, False),
    ("a claim's value under another key", b"a1", claim_of("desk-7")[1], False),
    ("a record", b"a1", encode(Request(replayed=1)), False),
]


@pytest.mark.parametrize(("key", "value", "claims"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_reader_gets_a_claim_as_a_tombstone_and_all_else_as_it_is(key: bytes, value: bytes, claims: bool) -> None:
    raw = SimpleNamespace(topic="desk-stories", partition=0, offset=3, key=key, value=value, timestamp=1.0, headers=())
    message = message_of(raw, "desk-")
    assert message.value == (None if claims else value)
    assert not is_claim(message)  # it is none any more, or never was
    assert (message.at.stream, message.at.offset, message.key, message.fault) == ("stories", 3, key.decode(), "")

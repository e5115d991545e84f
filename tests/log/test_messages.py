"""Reading messages: whatever key, time and headers are, there is a message, and it says what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.log.messages import Headers, read_message
from pipeline.records import Dead, encode
from pipeline.stage import BadMessage, Position, dead_letter

AT = Position("items", 0, 7)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def due(*values: bytes | None) -> Headers:
    return [("due", value) for value in values]


@pytest.mark.parametrize(
    ("key", "text", "fault"),
    [
        (None, "", ""),
        (b"", "", ""),
        ("schlüssel\0".encode(), "schlüssel\0", ""),
        (b"\xffkey", "\\xffkey", "its key is not UTF-8 (invalid start byte at byte 0)"),
        (b"k\xed\xa0\x80", "k\\xed\\xa0\\x80", "its key is not UTF-8 (invalid continuation byte at byte 1)"),
    ],
)
def test_a_key_is_readable_whatever_it_is(key: bytes | None, text: str, fault: str) -> None:
    message = read_message(AT, key, b"", 0, ())
    assert (message.key, message.fault, message.raw_key) == (text, fault, key if fault else None)


@pytest.mark.parametrize(
    ("headers", "moment", "fault"),
    [
        ((), None, ""),
        (due(b"1772366400000"), NOON, ""),
        ([("trace", b"\xff"), ("", None)], None, ""),
        (due(b"soon"), None, "header due: b'soon' is not a number"),
        (due(b"-5"), None, "header due: b'-5' is not a number"),
        (due("٣".encode()), None, r"header due: b'\xd9\xa3' is not a number"),
        (due(None), None, "header due: b'' is not a number"),
        (due(b"999999999999999999"), None, "header due: 999999999999999999 ms is not a time"),
        (due(b"9" * 5000), None, f"header due: {b'9' * 40!r} is not a number"),
        (due(b"1", b"1"), None, "header due: it is there 2 times"),
        ([("epoch", b"one")], None, "header epoch: b'one' is not a number"),
        ([("epoch", b"1"), ("epoch", b"2")], None, "header epoch: it is there 2 times"),
    ],
)
def test_headers_are_read_or_named(headers: Headers, moment: datetime | None, fault: str) -> None:
    message = read_message(AT, b"k", b"", 0, headers)
    assert (message.due, message.fault) == (moment, fault)


@pytest.mark.parametrize(
    ("stream", "partition", "due", "expected"),  # seconds after it was written
    [
        ("items-later", 1, 15, 15), ("items-later", 1, 8, 8), ("items-later", 1, 10**9, 15), ("items-later", 0, 3, 2),
        ("items-later", 7, 10**9, 72 * 3600), ("items-later", 99, 10**9, 10**9), ("items", 1, 60, 60),
    ],
)  # fmt: skip
def test_nothing_waits_longer_than_its_delay_class(stream: str, partition: int, due: int, expected: int) -> None:
    written = 1772366400000
    headers = (("due", b"%d" % (written + due * 1000)),)
    message = read_message(Position(stream, partition, 0), b"k", b"", written, headers)
    assert message.due == message.written + timedelta(seconds=expected)


@pytest.mark.parametrize("written", [None, -1, -(2**63), 2**63 - 1])
def test_an_impossible_time_is_unknown(written: int | None) -> None:
    message = read_message(AT, b"k", b"", written, ())
    assert (message.written, message.fault) == (datetime.fromtimestamp(0, UTC), "")


@given(
    st.none() | st.binary(max_size=600),
    st.none() | st.binary(max_size=50),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.lists(st.tuples(st.sampled_from(["due", "epoch", "x"]), st.none() | st.binary(max_size=20))),
    st.text(alphabet=st.characters(), max_size=40),
)
def test_every_message_can_become_a_dead_record(
    key: bytes | None, value: bytes | None, written: int | None, headers: Headers, words: str
) -> None:
    message = read_message(AT, key, value, written, headers)
    dead = dead_letter("clean", message, BadMessage(words + message.fault), NOON).record
    assert isinstance(dead, Dead)
    assert len(encode(dead)) < 1_000_000

"""What every stage relies on: positions as text, counters, and records of other versions."""

from __future__ import annotations

import pytest

from pipeline.records import SCHEMA, Feed, OtherSchema, SchemaError, decode, encode
from pipeline.stage import Position, is_ending
from tests.builders import feed


def test_a_position_is_text_and_back() -> None:
    at = Position("items-later", 3, 42)
    assert str(at) == "items-later/3/42"
    assert Position.parse(str(at)) == at
    for wrong in ("", "items/3", "items/3/x", "items/3/4/5"):
        with pytest.raises(ValueError, match=r"unpack|invalid literal"):
            Position.parse(wrong)


def test_only_endings_of_records_add_up() -> None:
    assert all(map(is_ending, ("ok", "later", "dead", "drop.http_404")))
    assert not any(map(is_ending, ("tick", "fetch.ok", "entry.item", "entry.drop.no_url")))


def test_a_record_of_this_version_is_read() -> None:
    assert decode(Feed, encode(feed())) == feed()


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (SCHEMA + 1, "a Feed record was written by a newer Almenara .*: upgrade this one"),
        (SCHEMA - 1, "a Feed record was written by an older Almenara .*: move the data folder away, or .* start again"),
    ],
)
def test_a_record_of_another_version_is_refused(schema: int, message: str) -> None:
    with pytest.raises(OtherSchema, match=message):
        decode(Feed, b'{"v":%d,"id":"f","name":"F","url":"https://f.example/"}' % schema)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"v":%d}' % SCHEMA, b'{"id":"f","name":"F","url":"u"}'])
def test_what_is_not_a_record_is_not_taken_for_one_of_another_version(data: bytes) -> None:
    with pytest.raises(SchemaError, match="not a Feed") as caught:
        decode(Feed, data)
    assert not isinstance(caught.value, OtherSchema)

"""The contract of a cache of a state stream: filled from the log alone, all or nothing, and safe to lose."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar

import pytest

from pipeline.backends.state_sqlite import StateSqlite
from pipeline.ports import AgeingCache, StateCache
from pipeline.records import Known, Record, Relation, SchemaError, Story, decode, encode, lead_of, seq_of
from pipeline.stage import Message, Position, Unavailable

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OLDEST = datetime.min.replace(tzinfo=UTC)


R = TypeVar("R", bound=Record)


class CacheMemory(Generic[R]):
    """The cache without a file."""

    def __init__(self, kind: type[R]) -> None:
        self.kind = kind
        self.values: dict[str, bytes] = {}
        self.written: dict[str, datetime] = {}
        self.seq = 0
        self.last: Message | None = None

    def get(self, ids: Sequence[str]) -> dict[str, R]:
        return {id: decode(self.kind, self.values[id]) for id in ids if id in self.values}

    def due(self, before: datetime, limit: int, after: str = "") -> dict[str, R]:
        begin = (self.written.get(after, OLDEST), after if after in self.written else "")
        old = {id: decode(self.kind, self.values[id]) for id, written in self.written.items() if written < before}
        free = [id for id, record in old.items() if lead_of(record) not in self.values]
        found = sorted((self.written[id], id) for id in free if (self.written[id], id) > begin)
        return {id: old[id] for _, id in found[:limit]}

    def leading(self, ids: Sequence[str]) -> dict[str, R]:
        records = {id: decode(self.kind, value) for id, value in self.values.items()}
        return {id: record for id, record in records.items() if lead_of(record) in ids}

    def absorb(self, messages: Sequence[Message]) -> None:
        values, seq = dict(self.values), self.seq
        for message in messages:
            if message.value is None:
                values.pop(message.key, None)
                continue
            values[message.key], seq = message.value, max(seq, seq_of(decode(self.kind, message.value)))
        self.values, self.seq = values, seq
        written = {message.key: message.written for message in messages}
        self.written = {id: moment for id, moment in (self.written | written).items() if id in values}
        self.last = messages[-1] if messages else self.last

    def position(self) -> tuple[int, int]:
        return (self.last.at.offset + 1 if self.last else 0), self.seq

    def ends_with(self, message: Message) -> bool:
        return message == self.last

    def clear(self) -> None:
        self.values, self.written, self.seq, self.last = {}, {}, 0, None

    def close(self) -> None:
        pass


Make = Callable[[], StateCache[Known]]


@pytest.fixture(params=["memory", "sqlite", "sqlite file"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> StateCache[Known]:
    if request.param == "memory":
        return CacheMemory(Known)
    return StateSqlite(Known, ":memory:" if request.param == "sqlite" else tmp_path / "known.sqlite")


@pytest.fixture
def ageing(cache: StateCache[Known]) -> AgeingCache[Known]:
    assert isinstance(cache, CacheMemory | StateSqlite)
    return cache


def known(id: str, seq: int = 1) -> Known:
    relation = Relation(kind="new", first_seen=NOW, seq=seq, version=1, story_id=id)
    return Known(id=id, at="tagged/0/0", content_hash="h", relation=relation, aliases=("x",))


def message(offset: int, record: Known | None, key: str | None = None) -> Message:
    key = key or (record.id if record else "")
    return Message(Position("known", 0, offset), key, encode(record) if record else None, NOW)


def test_gives_back_what_was_absorbed(cache: StateCache[Known]) -> None:
    alias = Known(id="other", alias_of="a")
    cache.absorb([message(0, known("a")), message(1, alias), message(4, known("b", seq=7))])
    assert cache.get(["a", "other", "nobody"]) == {"a": known("a"), "other": alias}
    assert cache.get([]) == {}
    assert cache.position() == (5, 7)
    cache.close()


def test_the_newest_of_a_key_counts_and_a_tombstone_ends_it(cache: StateCache[Known]) -> None:
    cache.absorb([message(0, known("a")), message(1, known("a", seq=2)), message(2, known("b", seq=3))])
    cache.absorb([message(3, None, "b")])
    assert cache.get(["a", "b"]) == {"a": known("a", seq=2)}
    assert cache.position() == (4, 3)
    cache.close()


def test_nothing_absorbed_is_no_progress(cache: StateCache[Known]) -> None:
    cache.absorb([])
    assert cache.position() == (0, 0)
    assert not cache.ends_with(message(0, known("a")))
    cache.close()


def test_knows_the_last_message_it_took(cache: StateCache[Known]) -> None:
    cache.absorb([message(0, known("a")), message(1, known("b"))])
    assert cache.ends_with(message(1, known("b")))
    assert not cache.ends_with(message(1, known("c")))
    assert not cache.ends_with(message(0, known("b")))
    cache.close()


def test_a_bad_record_spoils_the_whole_batch(cache: StateCache[Known]) -> None:
    cache.absorb([message(0, known("a"))])
    bad = Message(Position("known", 0, 2), "c", b"{}", NOW)
    with pytest.raises(SchemaError):
        cache.absorb([message(1, known("b")), bad])
    assert cache.get(["a", "b"]) == {"a": known("a")}
    assert cache.position() == (1, 1)
    cache.close()


def test_can_be_emptied(cache: StateCache[Known]) -> None:
    cache.absorb([message(0, known("a"))])
    cache.clear()
    assert cache.get(["a"]) == {}
    assert cache.position() == (0, 0)
    cache.absorb([message(0, known("b"))])
    assert cache.get(["b"]) == {"b": known("b")}
    cache.close()


def test_a_file_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "known.sqlite"
    first = StateSqlite(Known, path)
    first.absorb([message(0, known("a"))])
    first.close()
    second = StateSqlite(Known, path)
    assert second.get(["a"]) == {"a": known("a")}
    assert second.position() == (1, 1)
    second.close()


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to be one" * 100])
def test_a_damaged_file_is_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "known.sqlite"
    path.write_bytes(content)
    cache = StateSqlite(Known, path)
    assert cache.position() == (0, 0)
    cache.absorb([message(0, known("a"))])
    assert cache.get(["a"])
    cache.close()


def test_a_file_of_another_schema_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "known.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
        db.execute("CREATE TABLE known (something TEXT)")
    db.close()
    cache = StateSqlite(Known, path)
    assert cache.position() == (0, 0)
    cache.close()


def test_damage_while_running_is_said_and_the_cache_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "known.sqlite"
    cache = StateSqlite(Known, path)
    cache.absorb([message(n, known(f"article {n}", seq=n)) for n in range(2000)])
    cache.close()
    size = path.stat().st_size
    with path.open("r+b") as file:  # all but the first pages: the file still opens
        file.seek(3 * 4096)
        file.write(b"\xff" * (size - 3 * 4096))
    cache = StateSqlite(Known, path)
    with pytest.raises(Unavailable, match="read again from the log"):
        [cache.get([f"article {n}"]) for n in range(2000)]
    assert cache.position() == (0, 0)
    cache.close()


def test_a_locked_file_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "known.sqlite"
    cache = StateSqlite(Known, path, timeout=0.05)
    cache.absorb([message(0, known("a"))])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"):
        cache.absorb([message(1, known("b"))])
    other.execute("ROLLBACK")
    other.close()
    cache.absorb([message(1, known("b"))])
    assert cache.position() == (2, 1)
    cache.close()


def test_finds_what_is_old_in_order_and_what_leads_to_it(ageing: AgeingCache[Known]) -> None:
    alias, orphan = Known(id="alias", alias_of="b"), Known(id="orphan", alias_of="gone")
    records = [known("b"), known("a", seq=2), alias, orphan, known("c", seq=3)]
    days = [1, 0, 0, 1, 5]
    ageing.absorb([
        replace(message(n, record), written=NOW + timedelta(days=day))
        for n, (record, day) in enumerate(zip(records, days, strict=True))
    ])  # fmt: skip
    before = NOW + timedelta(days=3)
    assert list(ageing.due(before, 9)) == ["a", "b", "orphan"]
    assert ageing.due(before, 2) == {"a": records[1], "b": records[0]}
    assert list(ageing.due(before, 9, after="a")) == ["b", "orphan"]
    assert list(ageing.due(before, 9, after="b")) == ["orphan"]
    assert list(ageing.due(before, 9, after="nobody")) == ["a", "b", "orphan"]
    assert ageing.leading(["a", "b"]) == {"alias": alias}
    ageing.absorb([message(5, None, "b"), replace(message(6, known("a")), written=NOW + timedelta(days=6))])
    assert list(ageing.due(before, 9)) == ["alias", "orphan"]
    ageing.close()


def test_steps_lead_to_their_story() -> None:
    cache = StateSqlite(Story, ":memory:")
    whole = Story(id="s", seq=1, changed=NOW, opened=NOW)
    step = Story(id="s", seq=2, changed=NOW, opened=NOW, after=1, steps=1)
    later = NOW + timedelta(days=1)
    cache.absorb([Message(Position("stories", 0, 1), "s+1", encode(step), NOW)])
    assert cache.due(later, 9) == {"s+1": step}
    cache.absorb([Message(Position("stories", 0, 2), "s", encode(whole), NOW)])
    assert cache.due(later, 9) == {"s": whole}
    assert cache.leading(["s"]) == {"s+1": step}
    cache.close()

"""The contract of the cache of `archive`: filled from the log alone, all or nothing, and safe to lose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.backends.state_sqlite import ArchiveSqlite
from pipeline.core.stories.archive import pack, page_of
from pipeline.records import Archived, Known, Relation, encode
from pipeline.stage import Message, Position, Unavailable

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = 86400.0


def known(id: str, seq: int = 1) -> Known:
    relation = Relation(kind="new", first_seen=NOW, seq=seq, version=1, story_id=id)
    return Known(id=id, content_hash="ab" * 32, relation=relation)


def page(
    offset: int, *articles: Known, learned: dict[str, Sequence[str]] | None = None, days: float = 0.0,
    stale: bool = False, **keys: Sequence[str],
) -> Message:  # fmt: skip
    packed = pack(page_of(articles, keys, learned or {}))
    value = encode(Archived(articles=len(articles), packed=packed))
    return Message(Position("archive", 0, offset), str(offset), value, NOW + timedelta(days=days), stale=stale)


def seqs(cache: ArchiveSqlite, *ids: str) -> dict[str, int]:
    return {id: one.relation.seq for id, one in cache.get(ids).items() if one.relation}


@pytest.fixture(params=["memory", "file"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[float | None], ArchiveSqlite]:
    return lambda keep: ArchiveSqlite(":memory:" if request.param == "memory" else tmp_path / "archive.sqlite", keep)


Make = Callable[[float | None], ArchiveSqlite]


def test_gives_back_what_was_absorbed(make: Make) -> None:
    cache = make(None)
    cache.absorb([page(0, known("a", 3), known("b", 5), a=["x", "guid:1"], b=[])])
    assert seqs(cache, "a", "b", "nobody") == {"a": 3, "b": 5}
    assert cache.get(["x", "guid:1"]) == {key: Known(id=key, alias_of="a") for key in ("x", "guid:1")}
    assert cache.get([]) == {}
    assert cache.position() == (1, 5)
    cache.close()


def test_the_newest_page_counts_and_old_keys_still_lead_there(make: Make) -> None:
    cache = make(None)
    cache.absorb([page(0, known("a", 1), a=["x"]), page(1, known("a", 9), a=["y"])])
    assert seqs(cache, "a") == {"a": 9}
    assert {key: one.alias_of for key, one in cache.get(["x", "y"]).items()} == {"x": "a", "y": "a"}
    cache.absorb([page(2, known("a", 4), stale=True)])
    assert seqs(cache, "a") == {"a": 9}
    cache.close()


def test_keys_learned_later_lead_to_the_article(make: Make) -> None:
    cache = make(None)
    cache.absorb([page(0, known("a"), known("b")), page(1, learned={"b": ["late"], "nobody": ["lost"]})])
    assert cache.get(["late", "lost"]) == {"late": Known(id="late", alias_of="b")}
    cache.close()


def test_a_key_leads_to_the_article_that_had_it_last(make: Make) -> None:
    cache = make(None)
    cache.absorb([page(0, known("a"), known("b"), a=["guid"]), page(1, learned={"b": ["guid"]})])
    assert cache.get(["guid"])["guid"].alias_of == "b"
    cache.close()


def test_pages_past_their_retention_are_gone_with_their_keys(make: Make) -> None:
    cache = make(10 * DAY)
    cache.absorb([page(0, known("a"), a=["x"]), page(1, known("b", 2), days=9)])
    assert seqs(cache, "a", "b") == {"a": 1, "b": 2}
    cache.absorb([page(2, known("c", 3), days=11)])
    assert seqs(cache, "a", "b", "c") == {"b": 2, "c": 3}
    assert cache.get(["x"]) == {}
    before = cache._db.execute("SELECT count(*) FROM keys").fetchone()[0]
    cache.absorb([page(3 + n, days=11) for n in range(4096)])
    assert cache._db.execute("SELECT count(*) FROM keys").fetchone()[0] == before - 2  # swept
    assert seqs(cache, "a", "b", "c") == {"b": 2, "c": 3}
    cache.close()


def test_a_damaged_page_spoils_the_whole_batch(make: Make) -> None:
    cache = make(None)
    damaged = Message(
        Position("archive", 0, 1), "1", encode(Archived(articles=1, packed=b"not packed")), NOW
    )  # fmt: skip
    with pytest.raises(ValueError, match="not a page"):
        cache.absorb([page(0, known("a")), damaged])
    assert cache.get(["a"]) == {}
    assert cache.position() == (0, 0)
    cache.close()


def test_can_be_emptied_and_knows_its_last_message(make: Make) -> None:
    cache = make(None)
    first = page(0, known("a"))
    cache.absorb([first])
    assert cache.ends_with(first)
    assert not cache.ends_with(page(0, known("b")))
    cache.clear()
    assert cache.get(["a"]) == {}
    assert cache.position() == (0, 0)
    cache.close()


def test_a_file_is_found_again_and_damage_is_said(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    cache = ArchiveSqlite(path)
    rows = [known(f"{n:032x}", n) for n in range(3000)]
    cache.absorb([page(n, *rows[n * 500 : (n + 1) * 500]) for n in range(6)])
    cache.close()
    cache = ArchiveSqlite(path)
    assert seqs(cache, rows[7].id) == {rows[7].id: 7}
    assert cache.position() == (6, 2999)
    cache.close()
    size = path.stat().st_size
    with path.open("r+b") as file:  # all but the first pages: the file still opens
        file.seek(6 * 4096)
        file.write(b"\xff" * (size - 6 * 4096))
    cache = ArchiveSqlite(path)
    with pytest.raises(Unavailable, match="read again from the log"):
        [cache.get([row.id]) for row in rows]
    assert cache.position() == (0, 0)
    cache.close()

"""Articles that are in the archive are recognised as those that are not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.backends.state_sqlite import ArchiveSqlite
from pipeline.core.documents.notes import with_note
from pipeline.records import Archived, Document, Known, Story, Tagged, decode
from pipeline.stage import Drop, Emit, Position, Unavailable
from tests.contracts.test_state_cache import CacheMemory
from tests.stages.relate.house import (
    FERRY,
    HOUR,
    QUAKE,
    RAIN,
    T0,
    A,
    B,
    C,
    House,
    document,
    reason,
    relation,
    tagged,
)
from tests.stages.relate.test_crashes import inputs

CHANGED = FERRY.replace("31 to 12", "33 to 12")
LATER = T0 + 400 * 24 * HOUR


class Indexed:
    """The index of a house: the documents that it published, or nothing."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.down = False
        self.asked = 0

    async def newest(self) -> Sequence[Document]:
        return [max(self.documents.values(), key=lambda one: one.relation.seq)] if self.documents else []

    async def highest_indexed(self) -> int:
        return max((one.relation.seq for one in self.documents.values()), default=0)

    async def indexed(self, article: str, seq: int) -> Document | None:
        self.asked += 1
        if self.down:
            raise Unavailable("the index is down")
        return self.documents.get(article)

    async def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        return {}  # none is deleted

    def lost(self, why: str) -> None:
        raise AssertionError(why)

    def put(self, outcome: object) -> None:
        if isinstance(outcome, Emit):
            self.write(document(outcome))

    def write(self, found: Document) -> None:
        noted = bool(found.relation.noted)
        self.documents[found.article.id] = with_note(self.documents[found.article.id], found) if noted else found


async def opened() -> tuple[House, Indexed]:
    house, index = House(), Indexed()
    house.existing = index
    await house.restart()
    return house, index


async def feed(house: House, index: Indexed, *records: Tagged) -> list[object]:
    outcomes: list[object] = []
    for record in records:
        outcomes.append(await house.feed(record))
        index.put(outcomes[-1])
    return outcomes


async def archived() -> tuple[House, Indexed]:
    """Four articles in the archive, one of them in its second version; `known` is empty."""
    house, index = await opened()
    await feed(
        house, index, tagged(A, aliases=["https://short.example/1"], guid="g1"), tagged(B, RAIN, title="Rain"),
        tagged(C, QUAKE, title="A quake"), tagged("https://d.example/1", QUAKE[::-1], title="D"),
        tagged(B, RAIN.replace("140", "150"), title="Rain"),
    )  # fmt: skip
    assert await house.archive_old() > 1
    assert [message for message in house.log.messages["known"] if message.value] == []
    return house, index


async def test_an_unchanged_article_is_known_without_the_index() -> None:
    house, index = await archived()
    index.down = True
    for again in (tagged(A), tagged(B, RAIN.replace("140", "150"), title="Rain"), tagged(C, QUAKE, title="A quake")):
        assert reason(await house.feed(replace(again, article=replace(again.article, seen=LATER)))) == "unchanged"
    assert index.asked == 0


async def test_a_changed_article_gets_its_next_version() -> None:
    house, index = await archived()
    [third] = await feed(house, index, tagged(B, RAIN.replace("140", "160"), title="Rain", seen=LATER))
    found = relation(third)  # type: ignore[arg-type]
    assert (found.kind, found.version, found.first_seen, found.seq) == ("version", 3, T0, 6)
    assert [(one.kind, one.before, one.after) for one in found.changes] == [("number", "150", "160")]
    assert index.asked == 1
    [fourth] = await feed(house, index, tagged(B, RAIN.replace("140", "170"), title="Rain", seen=LATER + HOUR))
    assert relation(fourth).version == 4  # type: ignore[arg-type]
    assert index.asked == 1  # it is on `known` again
    await house.archive_old()
    await house.restart(CacheMemory(Known))
    assert reason(await house.feed(tagged(B, RAIN.replace("140", "170"), title="Rain", seen=LATER))) == "unchanged"


@pytest.mark.parametrize("key", [{"aliases": [A]}, {"guid": "g1"}])
async def test_it_is_found_under_its_other_keys(key: dict[str, object]) -> None:
    house, index = await archived()
    moved = tagged("https://a.example/moved", CHANGED, seen=LATER, **key)  # type: ignore[arg-type]
    [found] = await feed(house, index, moved)
    assert document(found).article.id == tagged(A).article.id  # type: ignore[arg-type]
    assert relation(found).version == 2  # type: ignore[arg-type]


async def test_a_key_learned_later_is_kept() -> None:
    house, _ = await archived()
    assert reason(await house.feed(tagged("https://a.example/moved", aliases=[A], seen=LATER))) == "unchanged"
    house.page = 1
    await house.restart()
    await house.archive_old()
    assert [message for message in house.log.messages["known"] if message.value] == []
    await house.restart(CacheMemory(Known))
    assert reason(await house.feed(tagged("https://a.example/moved", seen=LATER))) == "unchanged"


async def test_a_repost_is_a_copy() -> None:
    house, index = await archived()
    [copy] = await feed(house, index, tagged("https://e.example/copy", QUAKE, title="A quake again", seen=LATER))
    assert (relation(copy).kind, relation(copy).duplicate_of) == ("copy", tagged(C).article.id)  # type: ignore[arg-type]


async def test_relate_waits_for_an_index_that_does_not_answer() -> None:
    house, index = await archived()
    index.down = True
    changed = tagged(A, CHANGED, seen=LATER)
    for _ in range(2):
        with pytest.raises(Unavailable, match="index is down"):
            await house.feed(changed)
    index.down = False
    [found] = await feed(house, index, changed)
    assert (relation(found).version, relation(found).seq) == (2, 6)  # type: ignore[arg-type]


async def test_a_text_that_the_index_lost_is_still_a_new_version() -> None:
    house, index = await archived()
    index.documents.clear()
    [found] = await feed(house, index, tagged(A, CHANGED, seen=LATER))
    assert relation(found).version == 2  # type: ignore[arg-type]
    assert [one.kind for one in relation(found).changes] == ["text"]  # type: ignore[arg-type]
    assert reason(await house.feed(tagged(C, QUAKE, title="A quake", seen=LATER))) == "unchanged"


async def test_an_old_page_is_gone_and_back() -> None:
    house, index = await archived()
    [gone] = await feed(house, index, tagged(A, removed="http_404", seen=LATER))
    assert (relation(gone).noted, relation(gone).version, relation(gone).first_seen) == ("removed", 1, T0)  # type: ignore[arg-type]
    await house.archive_old()
    assert reason(await house.feed(tagged(A, removed="http_404", seen=LATER))) == "gone"
    [back] = await feed(house, index, tagged(A, seen=LATER))
    assert relation(back).noted == "returned"  # type: ignore[arg-type]


async def test_only_the_owner_moves_anything() -> None:
    house, index = await opened()
    await feed(house, index, tagged(A), tagged(B, RAIN, title="Rain"))

    async def owns() -> bool:
        return False

    house.stage.asks(owns)
    assert await house.archive_old() == 0
    assert "archive" not in house.log.messages


async def test_a_lost_data_folder_comes_back_from_the_log() -> None:
    house, index = await archived()
    await feed(house, index, tagged("https://e.example/new", FERRY[::-1], title="New", seen=LATER))
    house.archive = ArchiveSqlite(":memory:")
    await house.restart(CacheMemory(Known))
    assert reason(await house.feed(tagged(A, seen=LATER))) == "unchanged"
    assert relation(await house.feed(tagged("https://f.example/", "Else. " * 50, title="F", seen=LATER))).seq == 7


@settings(max_examples=30, deadline=None)
@given(data=st.data())
async def test_nothing_is_decided_otherwise(data: st.DataObject) -> None:
    """Whenever articles are moved, and whenever it dies in between: the same documents as if none ever was."""
    records = data.draw(st.lists(inputs(), min_size=3, max_size=10))
    plain = House()
    await plain.restart()
    house, index = await opened()
    house.page = data.draw(st.integers(1, 2))
    await house.restart()
    for record in records:
        expected, given = await plain.feed(record), await house.feed(record)
        index.put(given)
        assert isinstance(given, type(expected))
        if isinstance(expected, Emit):
            assert document(given) == document(expected)
        elif isinstance(given, Drop):
            assert given.reason == reason(expected)
        if data.draw(st.booleans()):
            await half_archived(house, data)


async def half_archived(house: House, data: st.DataObject) -> None:
    """Move articles; some of the outputs of the last tick are lost, and the caches too, or not."""
    await house.archive_old(data.draw(st.integers(0, 4)))
    emit = await house.stage.tick(house.log.now + 1000 * HOUR)
    if emit is not None:
        house.log.publish(emit.outs[: data.draw(st.integers(0, len(emit.outs)))])
        if data.draw(st.booleans()):
            house.archive = ArchiveSqlite(":memory:")
        await house.restart(CacheMemory(Known) if data.draw(st.booleans()) else None)


async def test_pages_say_how_many_articles_they_hold() -> None:
    house, _ = await archived()
    pages = [decode(Archived, message.value or b"") for message in house.log.messages["archive"]]
    assert sum(page.articles for page in pages) == 4
    assert Position("archive", 0, len(pages) - 1) == house.log.messages["archive"][-1].at

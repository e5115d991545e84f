"""Relate without its state, or a part of it: numbers still rise, and it says that something was lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.records import Document, Story, decode
from pipeline.stage import Out, Position
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
    MemoryLog,
    document,
    relation,
    tagged,
)


class Existing:
    """The documents on a log and in an index."""

    def __init__(self, log: MemoryLog, indexed: int) -> None:
        self.log, self.highest = log, indexed
        self.said: list[str] = []

    async def newest(self) -> Sequence[Document]:
        return [decode(Document, message.value or b"") for message in self.log.messages.get("documents", [])]

    async def highest_indexed(self) -> int:
        return self.highest

    async def indexed(self, article: str, seq: int) -> Document | None:
        return None

    async def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        return {}

    def lost(self, why: str) -> None:
        self.said.append(why)


async def working() -> House:
    """Three documents, and a correction of the first."""
    house = House()
    await house.restart()
    for url, text in ((A, FERRY), (B, RAIN), (C, QUAKE), (A, FERRY.replace("31 to 12", "33 to 12"))):
        await house.feed(tagged(url, text, seen=T0))
    return house


async def restarted(house: House, indexed: int, *lost: str) -> Existing:
    for stream in lost:
        house.log.messages.pop(stream, None)
        house.log.ends.pop(stream, None)
    await house.restart()
    existing = Existing(house.log, indexed)
    house.stage._existing = existing
    return existing


NEW = tagged("https://d.example/new", FERRY.replace("ferry", "tram"), title="A tram", seen=T0 + HOUR)


@pytest.mark.parametrize(
    ("lost", "indexed", "seq", "said"),
    [
        ((), 4, 5, ""),
        (("known",), 4, 5, ""),  # the fingerprints still have the numbers
        (("known", "fingerprints"), 4, 5, "`known` ends at document 0, but there is document 4"),
        (("known", "fingerprints"), 9, 10, "`known` ends at document 0, but there is document 9"),
        (("known", "fingerprints", "documents"), 4, 5, "`known` ends at document 0, but there is document 4"),
        (("known", "fingerprints", "documents"), 0, 1, ""),
        (("documents",), 4, 5, ""),
        (("fingerprints",), 4, 5, "`fingerprints` is empty, but there are documents of the last days"),
    ],
)
async def test_numbers_rise_above_all_documents(lost: tuple[str, ...], indexed: int, seq: int, said: str) -> None:
    house = await working()
    existing = await restarted(house, indexed, *lost)
    assert relation(await house.feed(NEW)).seq == seq
    assert existing.said == ([said] if said else [])
    assert relation(await house.feed(tagged("https://e.example/", RAIN[::-1], title="E"))).seq == seq + 1
    assert len(existing.said) == bool(said)


async def test_documents_whose_state_a_crash_lost_get_the_same_numbers_again() -> None:
    """Their inputs come again, so this is no loss."""
    house = await working()
    late = tagged("https://d.example/late", RAIN[::-1], title="Late")
    outcome = await house.stage.step(late, Position("tagged", 0, house.offset))
    first = document(outcome)
    house.log.publish([Out("documents", first.article.id, first)])
    house.log.ends["tagged"] = house.offset
    house.log.publish([Out("tagged", "late", late)])
    existing = await restarted(house, 9)
    assert document(await house.feed(late)) == first
    assert existing.said == []

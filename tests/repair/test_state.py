"""The state of relate is rebuilt from documents: what comes again is known, and new numbers and stories go on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.backends.state_sqlite import ArchiveSqlite
from pipeline.core.documents.notes import with_note
from pipeline.records import Document, Known, Tagged, decode
from pipeline.repair.state import StateRebuild
from pipeline.stage import Drop, Emit, Message, Out, Position
from tests.contracts.test_state_cache import CacheMemory
from tests.options import SETTINGS
from tests.stages.relate.house import FERRY, HOUR, QUAKE, RAIN, T0, A, B, C, House, document, reason, relation, tagged
from tests.stages.relate.test_crashes import inputs
from tests.stages.relate.test_stories import Said, all_pairs, id_of, report


class Log:
    """The log of a house, as commands see it."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def publish(self, outs: Sequence[Out]) -> None:
        self._house.log.publish(outs)

    def replay(self, stream: str, since: int = 0, partitions: object = None) -> AsyncIterator[Message]:
        return self._house.log.replay(stream, since)


class Index:
    """The newest document of each article."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents: dict[str, Document] = {}
        for one in documents:
            id = one.article.id
            self.documents[id] = with_note(self.documents[id], one) if one.relation.noted else one

    def scan(self) -> Iterator[Document]:
        return iter(sorted(self.documents.values(), key=lambda document: document.relation.seq))


async def feed(house: House, *records: Tagged) -> list[Any]:
    """Feed records that also stand on `tagged`."""
    outcomes = []
    for record in records:
        house.log.ends["tagged"] = house.offset
        house.log.publish([Out("tagged", record.article.id, record)])
        outcomes.append(await house.feed(record))
    return outcomes


def stored(house: House) -> list[Document]:
    return [decode(Document, message.value or b"") for message in house.log.messages.get("documents", [])]


async def rebuilt(house: House, *lost: str, index: bool = True, log: bool = True) -> dict[str, int]:
    """Lose these streams, rebuild the state from the index and the log, or one of them, and start again."""
    documents = stored(house)
    for stream in (*lost, *(() if log else ("documents", "tagged"))):
        house.log.messages.pop(stream, None)
        house.log.ends.pop(stream, None)
    rebuild = StateRebuild(
        Log(house),  # type: ignore[arg-type]
        Index(documents if index else []),  # type: ignore[arg-type]
        CacheMemory(Known),
        ArchiveSqlite(":memory:"),
        SETTINGS.relate.window,
    )
    done = await rebuild.run()
    await house.restart(CacheMemory(Known))
    return {name: getattr(done, name) for name in ("documents", "known", "aliases", "fingerprints", "computed")}


BOTH = ("known", "fingerprints")
SOURCES = [{"index": True, "log": True}, {"index": True, "log": False}, {"index": False, "log": True}]


@pytest.mark.parametrize("sources", SOURCES)
@pytest.mark.parametrize("lost", [BOTH, ("known",), ("fingerprints",), ()])
async def test_what_comes_again_is_known(lost: tuple[str, ...], sources: dict[str, bool]) -> None:
    house = House()
    await house.restart()
    correction = FERRY.replace("31 to 12", "33 to 12")
    # Of an article with several versions, the index has the keys of the newest only.
    first, second = (tagged(A, text, aliases=["https://short.example/1"], guid="g1") for text in (FERRY, correction))
    before = [document(one) for one in await feed(house, first, tagged(B, FERRY), tagged(C, QUAKE), second)]
    await rebuilt(house, *lost, **sources)
    for again in (tagged(A, correction), tagged("https://short.example/1", correction), tagged(B, FERRY)):
        assert reason(await house.feed(again)) == "unchanged"
    third = document(await house.feed(tagged(A, FERRY.replace("31 to 12", "35 to 12"), seen=T0 + 30 * HOUR)))
    assert third.article.id == before[0].article.id
    assert (third.relation.version, third.relation.kind) == (3, "version")
    assert third.relation.first_seen == before[0].relation.first_seen
    assert third.relation.story_id == before[0].relation.story_id
    assert third.relation.seq == 5
    copy = relation(await house.feed(tagged("https://d.example/copy", QUAKE)))
    assert (copy.kind, copy.duplicate_of) == ("copy", before[2].article.id)


async def test_what_is_there_is_left_alone() -> None:
    house = House()
    await house.restart()
    await feed(house, tagged(A, FERRY, guid="g"), tagged(B, RAIN))
    kept = {stream: list(house.log.messages[stream]) for stream in BOTH}
    done = await rebuilt(house)
    assert (done["known"], done["aliases"], done["fingerprints"]) == (0, 0, 0)
    assert {stream: house.log.messages[stream] for stream in BOTH} == kept


async def test_fingerprints_on_the_log_are_used_and_others_computed() -> None:
    house = House()
    await house.restart()
    await feed(house, tagged(A, FERRY), tagged(B, RAIN), tagged(C, QUAKE, seen=T0 - 400 * HOUR))
    assert (await rebuilt(house, "fingerprints"))["computed"] == 0
    done = await rebuilt(house, "fingerprints", log=False)
    assert (done["fingerprints"], done["computed"]) == (2, 2)  # the third is older than the window


async def test_an_input_that_waits_with_the_same_text_is_still_decided() -> None:
    """A copy at another outlet, tagged but not yet related, must not get the decision about the original."""
    house = House()
    await house.restart()
    await feed(house, tagged(A, FERRY))
    waiting = tagged(B, FERRY)
    house.log.ends["tagged"] = house.offset
    house.log.publish([Out("tagged", waiting.article.id, waiting)])
    await rebuilt(house, *BOTH)
    assert relation(await house.feed(waiting)).kind == "copy"


@settings(max_examples=40, deadline=None)
@given(st.lists(inputs(), min_size=1, max_size=8), st.sampled_from([BOTH, ("known",), ("fingerprints",)]))
async def test_no_document_comes_twice(records: list[Tagged], lost: tuple[str, ...]) -> None:
    """Whatever was fed and lost: an article in its newest version is no news, and numbers are never given twice."""
    house = House()
    await house.restart()
    await feed(house, *records)
    newest = Index(stored(house)).documents
    await rebuilt(house, *lost)
    for one in newest.values():
        record = Tagged(article=one.article, tags=one.tags, fingerprint=tagged(A).fingerprint)
        outcome = await house.stage.step(record, Position("tagged", 0, 1000 + one.relation.seq))
        returned = isinstance(outcome, Emit) and relation(outcome).noted == "returned"
        assert returned if one.relation.removed_at else isinstance(outcome, Drop)
    given = max((one.relation.seq for one in stored(house)), default=0)
    assert relation(await house.feed(tagged("https://new.example/", QUAKE[::-1], title="New"))).seq > given


async def test_a_part_does_not_replace_the_whole_text_after_a_rebuild() -> None:
    house = House()
    await house.restart()
    await feed(house, tagged(A), tagged(B, QUAKE.partition(". ")[0], title="Quake", partial="teaser", text_from="feed"))
    await rebuilt(house, "known")
    part, whole = await feed(
        house,
        tagged(A, FERRY.rpartition(" The line")[0], partial="paid", revisit=1),
        tagged(B, QUAKE, title="Quake", revisit=1),
    )
    assert reason(part) == "partial"
    assert relation(whole).changes[0].kind == "whole"


async def test_corrected_stories_stay_corrected() -> None:
    """Also when the article that caused the correction has a newer version, and its document no longer says it."""
    pairs = all_pairs("ac", "bc", "cd") | {("a", "b"): 0.4, ("a", "d"): 0.9, ("b", "d"): 0.9}
    house = House(score=Said(pairs))
    await house.restart()
    await feed(house, report("a"), report("b"), report("c"))
    changed = report("c")
    await feed(house, tagged(changed.article.url, changed.article.text + " And 7 more.", title="c reports", vector="v"))
    await rebuilt(house, "fingerprints", log=False)
    window = house.stage._stories.window
    assert [window.story_of(id_of(outlet)) for outlet in "abc"] == [id_of("a")] * 3

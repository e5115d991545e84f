"""Records of stories that did not change for long are only in the index; relate goes on as if it had them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest
from msgspec.structs import replace

from pipeline.core.stories.steps import continued
from pipeline.records import Document, Known, Story, Tagged, decode
from pipeline.stage import Emit, Position, Unavailable
from tests.contracts.test_state_cache import CacheMemory
from tests.stages.relate.house import HOUR, T0, House, document, reason, records_of, relation, tagged
from tests.stages.relate.test_archive import Indexed
from tests.stages.relate.test_stories import (
    Chance,
    Said,
    all_pairs,
    id_of,
    report,
    request,
)

LATE = 24 * 400  # hours after the first reports: nothing of them is in the window


class Index(Indexed):
    """The index of a house: what is on its streams, once that was read."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house = house
        self.records: dict[str, Story] = {}
        self._next = {"documents": 0, "stories": 0}

    def read(self) -> None:
        for stream, offset in self._next.items():
            for message in self.house.log.messages.get(stream, []):
                if message.at.offset >= offset and message.value is not None:
                    self._take(stream, message.value)
            self._next[stream] = self.house.log.ends.get(stream, 0)

    def _take(self, stream: str, value: bytes) -> None:
        if stream == "documents":
            self.write(decode(Document, value))
            return
        story = decode(Story, value)
        before = self.records.get(story.id)
        whole = story if story.after is None else before and continued(before, story)
        if whole:
            self.records[story.id] = whole

    async def indexed(self, article: str, seq: int) -> Document | None:
        self.read()  # relate waits for it
        return await super().indexed(article, seq)

    async def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        self.asked += 1
        if self.down:
            raise Unavailable("the index is down")
        return {id: self.records[id] for id in ids if id in self.records}

    def kept(self) -> dict[str, Story]:
        self.read()
        return {id: replace(story, steps=0) for id, story in self.records.items()}


async def indexed(*groups: str, score: Said | Chance | None = None) -> tuple[House, Index]:
    """A house with reports, of which those in a group are of one story, and with an index."""
    house = House(score=score or Said(all_pairs(*groups)))
    house.existing = index = Index(house)
    await house.restart()
    for group in groups:
        for outlet in group:
            await house.feed(report(outlet))
    return house, index


async def pass_by(house: House, index: Index, read: bool = True) -> None:
    """Forty days pass. A look at records that all have to stay gives nothing to publish."""
    if read:
        index.read()
    for days in (40, 0.1, 0.1, 0.1):
        await house.archive_old(days=days)


def on_stream(house: House) -> list[str]:
    return [message.key for message in house.log.messages["stories"] if message.value]


def again(outlet: str, n: int = 7) -> Tagged:
    """A later version of an outlet's report, long after."""
    first = report(outlet).article
    text = f"{first.text} And {n} more."
    return tagged(first.url, text, title=f"{outlet} reports", vector="v", seen=T0 + HOUR * (LATE + n))


async def old() -> tuple[House, Index]:
    """A story of 12 reports, with steps; one that was merged into another, one that was split; all are old."""
    house, index = await indexed("abcdefghijkl", "mn", "op", "qrs")
    await house.ask(request("merge", "o", into="m"))
    await house.ask(request("split", "q", articles="rs"))
    assert any("+" in key for key in on_stream(house))
    await pass_by(house, index)
    return house, index


async def test_old_records_leave_the_stream_with_their_steps() -> None:
    house, index = await old()
    assert on_stream(house) == []
    assert await index.stories([]) == {}
    assert {id: story.size for id, story in index.records.items()} == {
        id_of("a"): 12, id_of("m"): 4, id_of("o"): 0, id_of("q"): 1, id_of("r"): 2,
    }  # fmt: skip


async def test_what_the_index_lacks_or_has_otherwise_stays() -> None:
    house, index = await indexed("ab", "cd", "e")
    index.read()
    await house.feed(report("f"))
    index.records[id_of("c")] = replace(index.records[id_of("c")], title="another")
    await pass_by(house, index, read=False)
    assert on_stream(house) == [id_of("c"), id_of("f")]
    index.records[id_of("c")] = records_of(house)[id_of("c")]
    await pass_by(house, index)  # more than a day later
    assert on_stream(house) == []


async def test_what_the_index_lacks_does_not_hold_up_the_others() -> None:
    house, index = await indexed("a", "b", "c", "d", "e", "f")
    index.read()
    for outlet in "abcd":
        del index.records[id_of(outlet)]
    await pass_by(house, index, read=False)
    assert sorted(on_stream(house)) == sorted(id_of(outlet) for outlet in "abcd")


async def test_what_changed_lately_stays() -> None:
    house, index = await indexed("ab", "c")
    await house.feed(again("b"))
    index.read()
    await house.archive_old()
    assert on_stream(house) == [id_of("a")]


async def test_a_changed_article_finds_its_old_story() -> None:
    house, index = await old()
    for outlet, story in (("l", "a"), ("o", "m"), ("r", "r"), ("s", "r")):
        assert relation(await house.feed(again(outlet))).story_id == id_of(story)
    kept = index.kept()
    assert [kept[id_of(one)].size for one in "amqr"] == [12, 4, 1, 2]
    assert {one.id: one.version for one in kept[id_of("m")].articles} == {
        id_of("m"): 1, id_of("n"): 1, id_of("o"): 2, id_of("p"): 1,
    }  # fmt: skip
    assert on_stream(house) == [id_of("a"), id_of("m"), id_of("r")]  # whole: it was read from the index
    assert relation(await house.feed(again("o", 8))).merged == (id_of("o"),)


async def test_what_was_just_deleted_is_written_whole() -> None:
    house, index = await indexed("abcdefghijkl")
    index.read()
    for number in range(10):
        if not on_stream(house):
            break
        await house.archive_old(1, days=20 if not number else 0.1)
    await house.feed(again("l"))
    assert on_stream(house) == [id_of("a")]
    assert len(index.kept()[id_of("a")].articles) == 12


async def test_people_correct_old_stories() -> None:
    house, index = await old()
    await house.ask(request("split", "a", articles="kl"))
    await house.ask(request("merge", "q", into="o"))  # leads to the story of m
    await house.ask(request("split", "m", articles="op"))
    assert reason(await house.ask(request("split", "x", articles="b"))) == "no_story"
    kept = index.kept()
    assert {id: story.size for id, story in kept.items() if story.size} == {
        id_of("a"): 10, id_of("k"): 2, id_of("m"): 3, id_of("o"): 2, id_of("r"): 2,
    }  # fmt: skip
    assert kept[id_of("q")].redirect == id_of("m")
    await pass_by(house, index)
    assert on_stream(house) == []
    assert relation(await house.feed(again("l"))).story_id == id_of("k")
    assert relation(await house.feed(again("q"))).story_id == id_of("m")


async def test_a_repost_of_an_old_article_joins_its_story() -> None:
    house, index = await old()
    first = report("o").article
    copy = tagged("https://z.example/", first.text, title="o reports", seen=T0 + HOUR * LATE)
    found = relation(await house.feed(copy))
    assert (found.duplicate_of, found.story_id) == (id_of("o"), id_of("m"))
    assert index.kept()[id_of("m")].size == 5


async def test_new_articles_are_decided_without_the_index() -> None:
    house, index = await old()
    index.asked, index.down = 0, True
    late = replace(report("z").article, seen=T0 + HOUR * LATE)
    assert relation(await house.feed(replace(report("z"), article=late))).kind == "new"
    assert index.asked == 0


@pytest.mark.parametrize("asks", [False, True])
async def test_relate_waits_for_an_index_that_does_not_answer(asks: bool) -> None:
    house, index = await old()
    before = index.kept()
    index.down = True
    for _ in range(2):
        with pytest.raises(Unavailable):
            await (house.ask(request("merge", "q", into="m")) if asks else house.feed(again("l")))
        house.offset, house.asked = 17 if not asks else house.offset, 2
    assert index.kept() == before
    index.down = False
    outcome = await (house.ask(request("merge", "q", into="m")) if asks else house.feed(again("l")))
    assert isinstance(outcome, Emit)
    changed = {id for id, story in index.kept().items() if story != before[id]}
    assert changed == ({id_of("m"), id_of("q")} if asks else {id_of("a")})


async def test_a_record_that_the_index_lost_opens_again() -> None:
    house, index = await old()
    index.records.clear()
    assert relation(await house.feed(again("l"))).story_id == id_of("a")
    assert [one.id for one in index.kept()[id_of("a")].articles] == [id_of("l")]


async def test_a_repeated_input_finds_its_old_story_again() -> None:
    house, _ = await old()
    at = Position("tagged", 0, house.offset)
    first = await house.stage.step(again("l"), at)
    assert isinstance(first, Emit)
    house.log.publish([out for out in first.outs if out.stream in ("documents", "fingerprints")])
    await house.restart(CacheMemory(Known))
    repeated = await house.stage.step(again("l"), at)
    assert isinstance(repeated, Emit)
    assert document(repeated) == document(first)
    assert [out.record for out in repeated.outs if out.stream == "stories"] == [
        out.record for out in first.outs if out.stream == "stories"
    ]


async def test_only_the_owner_deletes_anything() -> None:
    house, index = await indexed("ab")

    async def owns() -> bool:
        return False

    house.stage.asks(owns)
    await pass_by(house, index)
    assert on_stream(house) == [id_of("a")]


class Forgetful(CacheMemory[Story]):
    """A cache filled by a version that did not note to which story a step belongs."""

    def due(self, before: datetime, limit: int, after: str = "") -> dict[str, Story]:
        found = {id: decode(Story, self.values[id]) for id in sorted(self.values) if self.written[id] < before}
        return dict(list(found.items())[:limit])


async def test_steps_of_a_story_that_stays_are_not_deleted() -> None:
    house, index = await indexed("abcdefghijkl")
    cache = Forgetful(Story)
    house.stories = cache
    await house.restart()
    before = on_stream(house)
    await pass_by(house, index, read=False)
    assert on_stream(house) == before
    await pass_by(house, index)
    assert on_stream(house) == []

"""The stream `stories` is rebuilt from the index and the documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from pipeline.records import Document, Story, decode, encode
from pipeline.repair.stories import StoriesRebuild
from tests.contracts.test_state_cache import CacheMemory
from tests.repair.test_state import Log, feed
from tests.stages.relate.house import FERRY, HOUR, QUAKE, RAIN, T0, A, B, C, House, tagged


class Index:
    def __init__(self, documents: Sequence[Document], stories: Sequence[Story]) -> None:
        newest = {one.article.id: one for one in documents}
        self.documents = sorted(newest.values(), key=lambda one: one.relation.seq)
        self.stories = sorted(stories, key=lambda one: one.seq)

    def scan(self) -> Iterator[Document]:
        return iter(self.documents)

    def scan_stories(self) -> Iterator[Story]:
        return iter(self.stories)


def on_log(house: House, kind: type[Document] | type[Story], stream: str) -> list[Document] | list[Story]:
    return [decode(kind, one.value or b"") for one in house.log.messages.get(stream, [])]  # type: ignore[return-value]


@pytest.mark.parametrize("sources", ["stories", "documents", "log"])
async def test_a_lost_stream_comes_back_as_it_was(sources: str) -> None:
    house = House()
    await house.restart()
    await feed(
        house, tagged(A, FERRY), tagged(B, FERRY), tagged(C, QUAKE, title="Quake"),
        tagged(A, FERRY.replace("31 to 12", "33 to 12")), tagged("https://d.example/rain", RAIN, title="Rain"),
    )  # fmt: skip
    documents, before = on_log(house, Document, "documents"), on_log(house, Story, "stories")
    assert before
    index = Index(
        documents if sources == "documents" else [], before if sources == "stories" else [],  # type: ignore[arg-type]
    )  # fmt: skip
    for stream in ("stories", *(() if sources == "log" else ("documents",))):
        house.log.messages.pop(stream)
        house.log.ends.pop(stream)
    done = await StoriesRebuild(Log(house), index, CacheMemory(Story), T0).run()  # type: ignore[arg-type]
    after = on_log(house, Story, "stories")
    assert done == len(before)
    shown = {one.id: (one.seq, one.size, one.title, [a.id for a in one.articles]) for one in after}  # type: ignore[union-attr]
    assert shown == {one.id: (one.seq, one.size, one.title, [a.id for a in one.articles]) for one in before}  # type: ignore[union-attr]
    if sources != "documents":  # the index has only the newest version of each article
        assert sorted(map(encode, after)) == sorted(map(encode, before))


async def test_what_is_there_is_left_alone() -> None:
    house = House()
    await house.restart()
    await feed(house, tagged(A, FERRY), tagged(B, FERRY))
    kept = list(house.log.messages["stories"])
    assert await StoriesRebuild(Log(house), None, CacheMemory(Story), T0).run() == 0  # type: ignore[arg-type]
    assert house.log.messages["stories"] == kept


async def test_old_stories_are_left_to_the_index() -> None:
    house = House()
    await house.restart()
    await feed(house, tagged(A, FERRY), tagged(B, QUAKE, title="Quake"), tagged(C, RAIN, title="Rain"))
    changed = tagged(C, RAIN.replace("140", "150"), title="Rain", seen=T0 + 2 * HOUR)
    stories = [one for one in on_log(house, Story, "stories") if isinstance(one, Story)]
    await feed(house, changed)
    documents = on_log(house, Document, "documents")
    house.log.messages.pop("stories")
    index = Index(documents, stories[:1] + stories[2:])  # type: ignore[arg-type]
    rebuild = StoriesRebuild(Log(house), index, CacheMemory(Story), T0 + HOUR)  # type: ignore[arg-type]
    assert await rebuild.run() == 2
    after = {one.id: one for one in on_log(house, Story, "stories") if isinstance(one, Story)}
    assert set(after) == {tagged(B).article.id, tagged(C).article.id}  # one the index lacks, the other went on
    assert after[tagged(C).article.id].articles[0].version == 2

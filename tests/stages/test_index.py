"""The index stage: when it writes, and how each record of a batch ends."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.core.query.search import Results, Search
from pipeline.records import Alert, Document, Story, encode
from pipeline.stage import Drop, Emit, Message, Outcome, Position, Unavailable, run
from pipeline.stages.index import Index
from tests.builders import alert
from tests.contracts.indices import numbered

NOW = datetime(2026, 3, 3, tzinfo=UTC)


class Recorded:
    """An index in memory that keeps the batches it was given. `down`: how often it is unavailable first."""

    def __init__(self, down: int = 0) -> None:
        self.batches: list[list[int]] = []
        self.newest: dict[str, int] = {}
        self.down = down
        self.gate = asyncio.Event()
        self.gate.set()

    async def get_stories(self, ids: Sequence[str]) -> dict[str, Story]:
        raise AssertionError("no step was written")

    async def put(self, documents: Sequence[Document]) -> list[str]:
        self.batches.append([document.relation.seq for document in documents])
        await self.gate.wait()
        if self.down:
            self.down -= 1
            raise Unavailable("disk full")
        if any("poison" in document.article.text for document in documents):
            raise ValueError("poison")
        answers = []
        for document in documents:
            stale = self.newest.get(document.article.id, 0) > document.relation.seq
            if not stale:
                self.newest[document.article.id] = document.relation.seq
            answers.append("stale" if stale else "ok")
        return answers

    async def put_stories(self, stories: Sequence[Story]) -> list[str]:
        self.batches.append([story.seq for story in stories])
        await self.gate.wait()
        return ["ok"] * len(stories)

    async def search(self, search: Search) -> Results:
        return Results(0, (), {})

    async def get(self, article: str) -> Document | None:
        return None

    async def close(self) -> None:
        pass


class WithAlerts(Recorded):
    """One that keeps alerts too."""

    def __init__(self) -> None:
        super().__init__()
        self.alerts: list[list[str]] = []

    async def put_alerts(self, alerts: Sequence[Alert]) -> list[str]:
        self.alerts.append([one.id for one in alerts])
        return ["ok"] * len(alerts)


def at(n: int, topic: str = "documents") -> Position:
    return Position(topic, 0, n)


async def steps(stage: Index, *documents: Document) -> list[Outcome]:
    return list(await asyncio.gather(*(stage.step(document, at(n)) for n, document in enumerate(documents))))


async def test_a_full_batch_is_written_at_once() -> None:
    index = Recorded()
    stage = Index(index, batch=3, delay=3600)
    assert stage.window == 3
    assert await steps(stage, *(numbered(n) for n in range(6))) == [Emit()] * 6
    assert index.batches == [[0, 1, 2], [3, 4, 5]]


async def test_what_came_within_the_delay_is_written_together() -> None:
    index = Recorded()
    stage = Index(index, batch=100, delay=0.01)
    assert await steps(stage, *(numbered(n) for n in range(5))) == [Emit()] * 5
    assert await steps(stage, numbered(9)) == [Emit()]
    assert index.batches == [[0, 1, 2, 3, 4], [9]]


async def test_an_older_version_is_dropped_as_stale() -> None:
    stage = Index(Recorded(), batch=3, delay=0.01)
    new, old, other = numbered(1, seq=9), numbered(1, seq=8), numbered(2)
    assert await steps(stage, new, old, other) == [Emit(), Drop("stale", "a later version is indexed"), Emit()]


async def test_documents_of_one_article_are_written_one_after_the_other() -> None:
    """The index keeps the version before, and adds notes to the document that is there."""
    index = Recorded()
    stage = Index(index, batch=2, delay=0.01)
    documents = numbered(1, seq=1), numbered(2, seq=2), numbered(1, seq=3), numbered(1, seq=4), numbered(3, seq=5)
    assert await steps(stage, *documents) == [Emit()] * 5
    assert [seq for batch in index.batches for seq in batch if seq in (1, 3, 4)] == [1, 3, 4]
    assert not any({1, 3} <= set(batch) or {3, 4} <= set(batch) for batch in index.batches)


async def test_a_failing_index_fails_the_whole_batch_and_is_tried_again() -> None:
    index = Recorded(down=1)
    stage = Index(index, batch=2, delay=0.01)
    waits: list[int] = []

    async def wait(error: Unavailable, attempt: int) -> None:
        waits.append(attempt)

    messages = [Message(at(n), f"a{n}", encode(numbered(n)), NOW) for n in (1, 2)]
    ends = await asyncio.gather(*(run(stage, message, lambda: NOW, wait) for message in messages))
    assert [ended.ending for ended in ends] == ["ok", "ok"]
    assert waits == [1, 1]
    assert index.batches == [[1, 2], [1, 2]]


async def test_a_document_that_breaks_a_batch_is_dead_alone() -> None:
    stage = Index(Recorded(), batch=3, delay=0.01)
    documents = [numbered(1, "", "poison"), numbered(2), numbered(1, seq=0)]
    outcomes = await asyncio.gather(*(stage.step(document, at(0)) for document in documents), return_exceptions=True)
    assert isinstance(outcomes[0], ValueError)
    assert outcomes[1:] == [Emit(), Emit()]


async def test_few_bad_documents_do_not_cost_every_other_a_write_of_its_own() -> None:
    index = Recorded()
    stage = Index(index, batch=256, delay=0.01)
    documents = [numbered(n, "", "poison" if n == 100 else "") for n in range(256)]
    outcomes = await asyncio.gather(*(stage.step(document, at(0)) for document in documents), return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if outcome != Emit()] == [100]
    assert len(index.batches) == 1 + 2 * 8


async def test_alerts_are_written_where_the_index_keeps_them() -> None:
    index = WithAlerts()
    stage = Index(index, batch=2, delay=0.01)
    assert stage.reads == {"documents": Document, "stories": Story, "alerts": Alert}
    assert await stage.step(alert("a0", counted=True), Position("alerts", 0, 0)) == Emit()
    records: list[tuple[str, Document | Alert]] = [
        ("alerts", alert("a1")), ("documents", numbered(1)), ("alerts", alert("a2")), ("alerts", alert("a3")),
    ]  # fmt: skip
    steps = (stage.step(record, at(n, topic)) for n, (topic, record) in enumerate(records))
    assert await asyncio.gather(*steps) == [Emit()] * 4
    assert index.batches == [[1]]
    assert index.alerts == [[alert("a1").id, alert("a2").id], [alert("a3").id]]
    await stage.close()


def test_an_index_without_alerts_is_given_none() -> None:
    assert Index(Recorded()).reads == Index.reads == {"documents": Document, "stories": Story}


async def test_of_the_records_of_one_story_that_wait_the_last_is_written() -> None:
    index = Recorded()
    stage = Index(index, batch=2, delay=0.01)
    stories = [
        Story(id=id, seq=seq, changed=NOW, opened=NOW)
        for id, seq in (("s1", 1), ("s2", 2), ("s1", 3), ("s1", 3), ("s1", 4))
    ]
    steps = (stage.step(story, at(n, "stories")) for n, story in enumerate(stories))
    assert await asyncio.gather(*steps) == [Emit()] * 5
    assert index.batches == [[4, 2]]


async def test_closing_writes_what_is_waiting() -> None:
    index = Recorded()
    stage = Index(index, batch=100, delay=3600)
    waiting = asyncio.create_task(stage.step(numbered(1), at(0)))
    await asyncio.sleep(0)
    await stage.close()
    assert await waiting == Emit()
    await stage.close()
    assert index.batches == [[1]]


async def test_a_step_given_up_does_not_disturb_the_others() -> None:
    index = Recorded()
    stage = Index(index, batch=2, delay=3600)
    index.gate.clear()
    first, second, third = (asyncio.create_task(stage.step(numbered(n), at(n))) for n in (1, 2, 3))
    await asyncio.sleep(0.01)
    first.cancel()  # being written
    third.cancel()  # waiting
    await asyncio.sleep(0)
    index.gate.set()
    assert await second == Emit()
    await stage.close()
    assert index.batches == [[1, 2]]
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_what_is_answered_is_on_disk(tmp_path: Path) -> None:
    index = TantivyIndex.open(tmp_path, write=True)
    stage = Index(index, batch=50, delay=0.01)
    documents = [numbered(n, "vote") for n in range(120)]
    assert await steps(stage, *documents) == [Emit()] * 120
    beside = TantivyIndex.open(tmp_path, write=False)
    assert await beside.count() == 120
    await beside.close()
    await stage.close()
    await index.close()

"""What poll remembers, and restores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec

from pipeline.records import (
    Record,
    encode,
)  # fmt: skip
from pipeline.stage import Emit, Message, Position
from pipeline.stages.poll import Poll
from tests.reading import state_of
from tests.stages.poll.bench import AT, FEED, NOW, Bench, answer, rss


async def replayed(*messages: tuple[str, str, Record | None]) -> Poll:
    async def replay(stream: str, since: int = 0) -> AsyncIterator[Message]:
        for n, (name, key, record) in enumerate(messages):
            if name == stream:
                yield Message(Position(name, 0, n), key, encode(record) if record else None, NOW)

    bench = Bench()
    bench.poll.feeds["stale"] = FEED
    await bench.poll.restore(state_of(bench.poll, replay))
    return bench.poll


async def test_restores_itself() -> None:
    state = (await Bench(answer(rss(1))).once()).state
    older = msgspec.structs.replace(state, polled_at=state.polled_at - timedelta(hours=1), etag="old")
    gone = msgspec.structs.replace(FEED, id="gone", url="https://gone.example/rss")
    poll = await replayed(
        ("feeds", "faro", FEED), ("feeds", "gone", gone), ("feeds", "gone", None),
        ("feed-state", "faro", state), ("feed-state", "faro", older), ("feed-state", "gone", None),
    )  # fmt: skip
    assert poll.feeds == {"faro": FEED}
    assert poll.states == {"faro": state}
    assert poll.agenda.due(NOW) == []
    assert poll.agenda.next_due() == state.next_at
    assert poll.agenda.due(state.next_at) == [FEED]


async def test_feeds_come_and_go() -> None:
    poll = Bench().poll
    assert poll.agenda.next_due() is None
    assert await poll.step(FEED, AT) == Emit()
    assert poll.agenda.due(NOW) == poll.enabled() == [FEED]
    await poll.step(msgspec.structs.replace(FEED, enabled=False), AT)
    assert poll.agenda.due(NOW) == poll.enabled() == []
    await poll.step(msgspec.structs.replace(FEED, removed=True), AT)
    assert poll.agenda.next_due() is None

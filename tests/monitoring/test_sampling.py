"""What is looked at regularly: the lag, and the index."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from agents.health import Health
from pipeline.monitoring import sampling
from pipeline.monitoring.sampling import Sampling
from pipeline.monitoring.state import Key, State
from pipeline.ports import Lag
from pipeline.stage import Unavailable

T = TypeVar("T")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _answer(answer: T | Exception) -> T:
    if isinstance(answer, Exception):
        raise answer
    return answer


class World:
    """A log and an index that answer, or raise, what they should."""

    def __init__(self) -> None:
        self.health = Health(lambda: NOW)
        self.state = State("w1", (), NOW, self.health.problems, str, dict, dict, 600.0)
        self.lag: Mapping[Key, Lag] | Exception = {("clean", "items", 0): Lag(waiting=1, oldest=NOW)}
        self.index: str | Exception | None = "green"
        self.sampling = Sampling(self.state, self.health, self._lag, self._index)

    async def _lag(self) -> Mapping[Key, Lag]:
        return _answer(self.lag)

    async def _index(self) -> str | None:
        if self.index == "silent":
            await asyncio.sleep(60)
        return _answer(self.index)

    async def wrong(self) -> list[tuple[str, str, str]]:
        """What is wrong after another look."""
        await self.sampling.sample_lag()
        await self.sampling.sample_index()
        return [(problem.part, problem.state, problem.why) for problem in self.health.problems()]


async def test_a_log_and_an_index_that_answer_are_no_problem() -> None:
    world = World()
    assert await world.wrong() == []
    assert world.state.lag == world.lag


@pytest.mark.parametrize(
    ("index", "problem"),
    [
        (Unavailable("no connection"), ("index", "unavailable", "no connection")),
        ("silent", ("index", "unavailable", "no answer within 0.05 s")),
        ("red", ("index", "failing", "Elasticsearch is red: a part of what is stored cannot be reached")),
    ],
)
async def test_an_index_in_trouble_is_noted_until_it_is_over(
    index: str | Exception, problem: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "PATIENCE", 0.05)
    world = World()
    world.index = index
    assert await world.wrong() == [problem]
    for fine in ("yellow", None):
        world.index = fine
        assert await world.wrong() == []


async def test_a_stage_that_cannot_write_stays_a_problem_although_the_index_answers() -> None:
    world = World()
    world.health.failed("index", Unavailable("flood stage"), 1)
    assert await world.wrong() == [("index", "unavailable", "flood stage")]


@pytest.mark.parametrize(
    ("error", "part", "state"), [(Unavailable("down"), "log", "unavailable"), (KeyError("x"), "monitoring", "failing")]
)
async def test_a_lag_that_cannot_be_read_is_noted(error: Exception, part: str, state: str) -> None:
    world = World()
    before = world.lag
    await world.wrong()
    world.lag = error
    assert [wrong[:2] for wrong in await world.wrong()] == [(part, state)]
    assert world.state.lag == before
    world.lag = {}
    assert await world.wrong() == []

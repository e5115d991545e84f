"""Pages that are asked for at once do not hold the loop: each goes on in turns, and is written in a thread."""

from __future__ import annotations

import asyncio
import threading
from itertools import pairwise
from typing import Any, cast

import httpx
import pytest

from pipeline.console.desk import Desk
from pipeline.console.rendering import Templates
from pipeline.console.turns import Turns
from pipeline.reports.backtest import Backtest


async def test_of_those_who_wait_one_goes_on_in_each_turn_of_the_loop() -> None:
    turns, went = Turns(), list[int]()
    turn = 0

    async def work() -> None:
        for _ in range(3):
            await turns.next()
            went.append(turn)

    working = asyncio.gather(*(work() for _ in range(20)))
    while not working.done():
        await asyncio.sleep(0)
        turn += 1
    assert len(went) == 60
    assert all(one < other for one, other in pairwise(went))
    turns.close()


async def test_answers_of_the_index_come_in_turns_and_its_faults_as_they_are() -> None:
    class Index:
        async def get(self, id: str) -> str:
            if id == "x":
                raise ValueError(id)
            return id

        def scan(self) -> list[int]:
            return [1]

    turns = Turns()
    index: Any = turns.paced(Index())  # type: ignore[arg-type]
    assert await asyncio.gather(*(index.get(str(n)) for n in range(5))) == ["0", "1", "2", "3", "4"]
    with pytest.raises(ValueError, match="x"):
        await index.get("x")
    assert index.scan() == [1]
    turns.close()


async def test_pages_are_written_in_another_thread(
    client: httpx.AsyncClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, threads = Templates.text, set[int]()

    def text(self: Templates, *given: Any) -> str:
        threads.add(threading.get_ident())
        return whole(self, *given)

    monkeypatch.setattr(Templates, "text", text)
    for path in ("/?span=all", "/story/p1", "/search", "/alerts", "/none"):
        answer = await client.get(path, headers={"Accept-Encoding": "identity"})
        assert int(answer.headers["content-length"]) == len(answer.content)
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_a_trial_that_ends_while_its_page_is_written_is_asked_for_again(
    client: httpx.AsyncClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(_: Any) -> Any:
        await asyncio.Event().wait()

    job, whole = desk.backtests.start("", "Strikes", work), Templates.text

    def text(self: Templates, *given: Any) -> str:
        job.result = cast(Backtest, object())
        return whole(self, *given)

    monkeypatch.setattr(Templates, "text", text)
    shown = (await client.get(f"/rules/backtest/{job.id}")).text
    assert "Reading articles" in shown
    assert f'hx-get="/rules/backtest/{job.id}"' in shown

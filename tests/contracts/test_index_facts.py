"""Facts in every index: fields with several values."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pipeline.records import Facts, Period, Personnel, Stated, Vote
from tests.contracts.indices import BACKENDS, PARAMS, closed, find, numbered


@pytest.fixture(params=PARAMS)
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    opened = await BACKENDS[request.param](request, tmp_path / "index")
    yield opened
    await closed(opened)


def _stated(value: str | int) -> Stated:
    return Stated(value=value, sentence="s", start=0, end=1, field="text")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("personnel:>500", ["a2"]),
        ("personnel:300", ["a1"]),
        ("personnel:[400 TO 450]", []),  # one of the numbers must be within both ends
        ("personnel:[300 TO 350]", ["a1"]),
        ("votes_for:>=71 -votes_against:>30", ["a2"]),
        ("_exists_:votes_against", ["a1"]),
        ("-_exists_:personnel troops", ["a3"]),
        ("period_end:2026-12", ["a1"]),
        ("period_end:<now+30d", ["a2"]),
        ("_exists_:author", ["a3"]),
        ("_exists_:title -_exists_:author", ["a1"]),
        ("armed:yes body:congress", ["a1"]),
    ],
)
async def test_facts_are_fields_with_several_values(index: Any, query: str, expected: list[str]) -> None:
    first = Facts(
        topic="t", personnel=Personnel(min=_stated(300), max=_stated(480)), armed=_stated("yes"),
        vote=Vote(for_=_stated(71), against=_stated(34)), period=Period(end=_stated("2026-12-31")),
        body=_stated("Congress"),
    )  # fmt: skip
    second = Facts(
        topic="t", personnel=Personnel(max=_stated(600)), vote=Vote(for_=_stated(80)),
        period=Period(end=_stated("2026-03-20")),
    )  # fmt: skip
    one, two = numbered(1, "One", "troops"), numbered(2, "", "troops")
    one = replace(one, tags=replace(one.tags, facts=(first,)))
    two = replace(two, tags=replace(two.tags, facts=(second,)))
    await index.put([one, two, numbered(3, "", "troops", author="Ana")])
    assert await find(index, query) == expected

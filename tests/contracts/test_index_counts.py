"""What every index counts over time, and which values it completes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.query.parse import parse
from pipeline.core.query.search import Intervals, Search
from tests.builders import SEEN
from tests.contracts.indices import BACKENDS, PARAMS, closed, numbered

HOUR = timedelta(hours=1)


@pytest.fixture(params=PARAMS)
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    opened = await BACKENDS[request.param](request, tmp_path / "index")
    yield opened
    await closed(opened)


async def over_time(index: Any, query: str = "", **how: Any) -> dict[int, int]:
    """By the minutes from SEEN to the beginning of an interval, how many hits."""
    node = parse(query).node if query else None
    results = await index.search(Search(node, **how))
    return {(begin - SEEN) // timedelta(minutes=1): n for begin, n in results.over_time.items()}


async def test_hits_are_counted_over_time(index: Any) -> None:
    texts = ("army", "army navy", "navy", "army and navy", "navy army")
    await index.put(
        [numbered(n, text, first_seen=SEEN + n * 40 * timedelta(minutes=1)) for n, text in enumerate(texts)]
    )
    assert await over_time(index) == {}
    hours = Intervals(HOUR, (SEEN.minute * 60 + SEEN.second) * timedelta(seconds=1))
    assert await over_time(index, over_time=hours) == {0: 2, 60: 1, 120: 2}
    assert await over_time(index, "army", over_time=hours, limit=0) == {0: 2, 120: 2}
    assert await over_time(index, '"army navy"~5', over_time=hours) == {0: 1, 120: 2}  # candidates are checked
    shifted = Intervals(HOUR, hours.offset + timedelta(minutes=30))
    assert await over_time(index, over_time=shifted, since=SEEN + HOUR) == {30: 1, 90: 1, 150: 1}
    assert await over_time(index, "none", over_time=hours) == {}


async def test_counts_add_up_and_begin_where_intervals_do(index: Any) -> None:
    moments = [SEEN + n * timedelta(minutes=37, microseconds=11) for n in range(60)]
    await index.put([numbered(n, "army", first_seen=moment) for n, moment in enumerate(moments)])
    for minutes in (1, 7, 60, 1440):
        wanted = Intervals(timedelta(minutes=minutes), timedelta(seconds=17))
        found = (await index.search(Search(over_time=wanted))).over_time
        assert list(found) == sorted(found)
        expected: dict[Any, int] = {}
        for moment in moments:
            expected[wanted.begin(moment)] = expected.get(wanted.begin(moment), 0) + 1
        assert found == expected


async def test_intervals_cannot_be_too_short(index: Any) -> None:
    with pytest.raises(ValueError, match="at least 1 minute"):
        await index.search(Search(over_time=Intervals(timedelta(seconds=1))))


async def test_values_are_completed(index: Any) -> None:
    assert await index.values_starting("section", "", 5) == []
    await index.put([
        numbered(1, section="World", author="Ana Díaz"), numbered(2, section="world news", author="ana ruiz"),
        numbered(3, section="Work", source="É & <i>"), numbered(4, section="world news"),
    ])  # fmt: skip
    assert await index.values_starting("section", "Wor", 5) == ["work", "world", "world news"]
    assert await index.values_starting("section", "world ", 5) == ["world news"]
    assert await index.values_starting("author", "ANA d", 5) == ["ana diaz"]
    assert await index.values_starting("source", "e &", 5) == ["e & <i>"]
    assert await index.values_starting("section", "x", 5) == []
    assert len(await index.values_starting("section", "", 2)) == 2


async def test_only_keywords_have_values_to_complete(index: Any) -> None:
    with pytest.raises(ValueError, match="title has no values"):
        await index.values_starting("title", "a", 5)

"""scripts/drills: the small form on real servers, the pure parts. The whole is run by hand (docs/reliability.md)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from pipeline.log.streams import RECORDS
from pipeline.records import SchemaError, decode
from scripts.drills.course import Course, chosen, on_daemon, on_workers
from scripts.drills.distributed import Servers, distributed
from scripts.drills.drill import SOON, Result
from scripts.drills.embedded import embedded
from scripts.drills.poison import poisons
from scripts.drills.report import table
from scripts.drills.stand import number
from scripts.drills.watching import until_shown
from tests.services.servers import Elasticsearch, Kafka

ARTICLES = 20  # in each drill
LIMIT = 600.0  # seconds for all, on a busy machine
LATE = 30.0  # seconds in which a trouble is visible on a busy machine, where `almenara status` alone takes many


@pytest.mark.slow
async def test_what_goes_wrong_is_shown_and_costs_nothing(
    tmp_path: Path,
    own_kafka: Kafka,
    own_elasticsearch: Elasticsearch,
    record_property: Callable[[str, object], None],
) -> None:
    results: list[Result] = []
    course = Course(tmp_path, ARTICLES, time.monotonic() + LIMIT, results.append)
    await course.run(chosen(on_daemon(), "", small=True), embedded)
    servers = Servers(own_kafka, own_elasticsearch)
    await course.run(chosen(on_workers(), "", small=True), partial(distributed, servers=servers))
    missed = {one.name: [fault for fault in one.faults if not fault.startswith("visible in")] for one in results}
    assert not any(missed.values()), missed
    slowest = max(one.in_status or 0.0 for one in results)
    assert slowest < LATE
    record_property("figure", f"drills: {len(results)}, 0 lost, 0 doubled, in status within {slowest:.1f} s")


def test_names_are_unique_and_choose() -> None:
    names = [drill.name for drill in on_workers()] + [drill.name for drill in on_daemon()]
    assert len(set(names)) == len(names)
    assert [drill.name for drill in chosen(on_workers(), "kill-*, kafka", small=False)] == [
        "kafka", "kill-poll", "kill-tag", "kill-relate", "kill-index",
    ]  # fmt: skip
    assert {drill.name for drill in chosen(on_workers(), "kill-*", small=True)} == {"kill-relate"}
    assert chosen(on_workers(), "nothing", small=False) == []


async def test_what_is_shown_is_timed_and_what_is_not_is_kept() -> None:
    answers = iter([["a: wrong"], [], ["a: wrong", "index: unavailable: down"]])

    async def look() -> list[str]:
        return next(answers)

    seconds, line = await until_shown(look, "^INDEX: un", time.monotonic() - 5)
    assert seconds is not None
    assert 5 <= seconds < SOON
    assert line == "index: unavailable: down"

    async def other() -> list[str]:
        return ["a: wrong"]

    assert await until_shown(other, "^index", time.monotonic() - 29.9) == (None, "a: wrong")


@pytest.mark.parametrize(
    ("seconds", "fault"),
    [
        (0.3, []), (10.0, []), (10.1, ["visible in status only after 10.1 s"]),
        (None, ["not visible in status, which shows: x"]),
    ],
)  # fmt: skip
def test_late(seconds: float | None, fault: list[str]) -> None:
    result = Result("n", "t")
    result.late("status", seconds, "x")
    assert result.faults == fault


def test_the_table_shows_times_sums_and_what_was_missed() -> None:
    results = [
        Result("one", "first", articles=1500, in_status=3.25, in_health=0.5, working=2.0, clear=8.0),
        Result("two", "second", articles=500, lost=1, faults=["1 lost"]),
    ]
    shown = table(results)
    assert "| first | 1500 | 0 | 0 | 3.2 s | 0.5 s | 2.0 s | 8.0 s |" in shown
    assert "| 2 drills | 2,000 | 1 | 0 |" in shown
    assert shown.endswith("- two: 1 lost")
    assert table(results[:1]).endswith("Every aim was reached.")


@pytest.mark.parametrize("stream", RECORDS)
def test_poison_cannot_be_read(stream: str) -> None:
    """What has a readable value has a bad key or bad headers instead."""
    found = poisons(random.Random(1), b"good")
    bad = [one for one in found if one.value not in (b"good", None)]
    assert len(bad) >= 6
    for one in bad:
        with pytest.raises(SchemaError):
            decode(RECORDS[stream], one.value or b"")
    for one in found:
        if one.value in (b"good", None):
            assert one.headers or one.key is None or b"\xff" in one.key


@pytest.mark.parametrize(("url", "expected"), [("http://127.0.0.1:80/news/7", 7), ("http://localhost/news/0", 0)])
def test_number(url: str, expected: int) -> None:
    assert number(url) == expected

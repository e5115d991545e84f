"""Commands on an embedded log with any content on its streams."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.log.streams import OWNERS, RECORDS
from pipeline.records import Feed, encode
from pipeline.stage import Out
from tests.agents.test_poison import Raw, put
from tests.agents.test_poison_kafka import poison
from tests.builders import feed
from tests.commands.asking import Ask, publish

READING = (
    ("status",), ("status", "--json"), ("audit",), ("audit", "--json"), ("dead", "list"), ("dead", "list", "--json"),
    ("dead", "show", "0"), ("dead", "show", "5"), ("alerts", "list"), ("alerts", "list", "--json"),
    ("feeds", "list"), ("feeds", "list", "--json"), ("feeds", "export"), ("search", "x"),
)  # fmt: skip


@pytest.fixture
def poisoned(config: Path) -> Path:
    """A log with every kind of content on each stream."""
    gone: Feed = feed("gone", enabled=False)
    publish(config, Out("feeds", "gone", gone))
    [path] = (config.parent / "data").glob("log.sqlite")
    dice = random.Random(5)
    for stream in RECORDS:
        rows = [Raw(key or b"", value, dict(headers).get("due")) for key, value, headers in poison(dice, stream)]
        put(path, stream, [row for row in rows if row.value != encode(feed("g"))])
    return path


def test_every_reading_command_survives(ask: Ask, poisoned: Path) -> None:
    for command in READING:
        answer = ask(*command)
        assert answer.code in (0, 1, 3, 5), (command, answer)
    named = [problem for problem in ask("status", "--json").json["problems"] if problem["state"] == "unreadable"]
    assert {problem["part"] for problem in named} >= {"stream dead", "stream control", "stream feeds"}
    assert "dead/0/0" in next(problem["why"] for problem in named if problem["part"] == "stream dead")
    assert "! dead/0/0 cannot be read" in ask("dead", "list").err
    assert [line["feed"]["id"] for line in ask("feeds", "list", "--json").lines] == ["gone"]


@pytest.mark.slow
def test_all_stages_run_and_every_bad_record_is_dead_once(ask: Ask, poisoned: Path) -> None:
    for _ in range(2):
        answer = ask("poll", "--once")
        assert answer.code == 0, answer.err
    places = [f"{d['stage']} {d['stream']}/{d['partition']}/{d['offset']}" for d in ask("dead", "list", "--json").json]
    assert len(places) == len(set(places))
    assert {place.split()[1].split("/")[0] for place in places} >= {*OWNERS, "feeds", "items", "documents", "alerts"}
    report = ask("audit", "--json").json
    assert report["agrees"], report
    for command in READING:
        answer = ask(*command)
        assert answer.code in (0, 1, 3, 5), (command, answer)

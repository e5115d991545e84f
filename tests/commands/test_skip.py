"""`almenara skip`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.assembly.deployment import deployment_for
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.log.reading import read_all
from pipeline.ports import Ack, Log
from pipeline.records import SCHEMA, Request, encode
from pipeline.stage import Out
from tests.agents.test_poison import Raw, put
from tests.builders import feed, item
from tests.commands.asking import Ask, publish

NEWER = b'{"v":%d,"id":"new","url":"\\u001b[2J"}' % (SCHEMA + 1)


@pytest.fixture
def log(config: Path) -> Path:
    """A log with a record in most places; its file."""
    publish(config, Out("items", "a", item("https://a.example/1"), partition=0), Out("feeds", "f", feed("f")))
    path = next((config.parent / "data").glob("log.sqlite"))
    put(path, "items", [Raw(b"new", NEWER)])
    put(path, "known", [Raw(b"new", NEWER), Raw(), Raw(b"k", None)])
    return path


def wishes(config: Path) -> list[str | None]:
    async def read(log: Log) -> list[str | None]:
        return [one.skip for one in (await read_all(log, "control", Request))[0].values() if one.skip]

    return deployment_for(config).with_log(read)


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("items", "is not STREAM/PARTITION/OFFSET"),
        ("items/x/1", "is not STREAM/PARTITION/OFFSET"),
        ("items/0/-1", "partition and offset are 0 or more"),
        ("nowhere/0/0", "no stage waits for records of 'nowhere'"),
        ("dead/0/0", "no stage waits for records of 'dead'"),
        ("items/0/2", "the stream ends before offset 2 in this partition"),
        ("items/77/0", "has no such partition, or nothing in it"),
        ("known/0/1", "is not a record"),
        ("known/0/2", "can be read"),
    ],
)
def test_nonsense_is_refused(ask: Ask, config: Path, log: Path, place: str, why: str) -> None:
    answer = ask("skip", "--", place)
    assert (answer.code, answer.out) == (1, "")
    assert why in answer.err
    assert wishes(config) == []


@pytest.mark.parametrize(("place", "stage"), [("items/0/1", "clean"), ("known/0/0", "relate")])
def test_what_blocks_is_shown_and_passed_over(ask: Ask, config: Path, log: Path, place: str, stage: str) -> None:
    answer = ask("skip", place)
    assert (answer.code, answer.err) == (0, "")
    assert f"{place}: " in answer.out
    assert "was written by a newer Almenara" in answer.out
    assert f"{stage} will make it a dead record" in answer.out
    assert "\x1b" not in answer.out
    assert wishes(config) == [place]
    assert "this was asked for before" in ask("skip", place).out
    assert wishes(config) == [place]


def test_a_record_that_can_be_read_is_passed_over_while_a_stage_waits_for_it(ask: Ask, config: Path, log: Path) -> None:
    answer = ask("skip", "items/0/0")
    assert answer.code == 0
    assert "it is passed over only while clean waits for it" in answer.out


def test_what_was_handled_is_not_passed_over(ask: Ask, config: Path, log: Path) -> None:
    async def done(log: Log) -> None:
        assert isinstance(log, SqliteLog)
        await log.commit([], acks=[Ack("clean", "items", 0, 2)])

    deployment_for(config).with_log(done, write=True)
    answer = ask("skip", "items/0/1")
    assert answer.code == 1
    assert "was handled by every stage that reads items" in answer.err


def test_the_record_is_encoded() -> None:
    assert encode(Request(skip="items/0/1")) == b'{"v":%d,"replayed":null,"skip":"items/0/1","audit":null}' % SCHEMA

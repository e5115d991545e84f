"""`almenara search` and `almenara export`."""

from __future__ import annotations

import asyncio
import csv
import io
from pathlib import Path

import pytest

from pipeline.assembly.deployment import deployment_for
from tests.commands.asking import Ask


def test_nothing_indexed_yet_is_3(ask: Ask, config: Path) -> None:
    commands = (("search", "x"), ("search", "--json"), ("export",), ("export", "--query", "x"))
    for command in commands:
        answer = ask(*command)
        assert (answer.code, answer.out) == (3, ""), command
        assert "nothing is indexed yet" in answer.err

    async def start() -> None:  # as a daemon does that has not read anything yet
        await (await deployment_for(config).open_index(write=True)).close()

    asyncio.run(start())
    for command in commands:
        answer = ask(*command)
        assert (answer.code, answer.out) == (3, ""), command
        assert "nothing is indexed yet" in answer.err


@pytest.mark.usefixtures("articles")
def test_search_as_json(ask: Ask) -> None:
    answer = ask("search", "senate", "--json", "--facets").json
    assert (answer["total"], answer["exact"], answer["missing"]) == (1, True, 0)
    assert [hit["id"] for hit in answer["hits"]] == ["a1"]
    assert answer["facets"]["topic"] == {"coup": 1}
    assert ask("search", "--json").json["total"] == 3
    assert ask("search", "--json", "--until", "2001-01-01").json["total"] == 0
    assert len(ask("search", "--json", "--limit", "1", "--offset", "1").json["hits"]) == 1


@pytest.mark.usefixtures("articles")
def test_a_narrow_screen_does_not_break_json(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert len(ask("search", "--json").out.splitlines()) == 1
    assert ask("search", "--json").json["total"] == 3
    for command in ("status", "check", "alerts list"):
        assert ask(*command.split(), "--json").json
    assert len(ask("alerts", "list").out.splitlines()) == 4  # head, row, what it finds, when it reports


@pytest.mark.usefixtures("articles")
def test_search_for_people(ask: Ask) -> None:
    answer = ask("search", "国会", "--facets")
    assert "国会投票" in answer.out
    assert "1 to 1 of 1 found" in answer.out
    assert "language: ja 1" in answer.out
    assert "\x1b" not in answer.out  # no colours into a pipe, and no marks of ours
    assert "\x02" not in answer.out
    assert ask("search", "nothinglikethis").out == "0 found\n"


@pytest.mark.parametrize("query", ["a OR", "a b OR c", "nosuchfield:x", '"open', "(a"])
@pytest.mark.usefixtures("articles")
def test_a_query_that_means_nothing_is_1_and_shows_where(ask: Ask, query: str) -> None:
    for command in (("search", query), ("export", "--query", query)):
        answer = ask(*command)
        assert (answer.code, answer.out) == (1, "")
        assert query in answer.err
        assert "^" in answer.err


@pytest.mark.usefixtures("articles")
def test_export_to_a_spreadsheet_and_to_a_program(ask: Ask) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("export", "--format", "csv").out)))
    assert [row["id"] for row in rows] == ["a1", "a2", "a3"]
    assert rows[1]["title"] == "'=HYPERLINK(1)"  # not run
    assert rows[1]["text"] == 'Copper\nis "dear", they say'
    assert [line["id"] for line in ask("export").lines] == ["a1", "a2", "a3"]
    assert [line["id"] for line in ask("export", "--query", "copper").lines] == ["a2"]
    assert ask("export", "--format", "csv", "-o", "out.csv").out == ""
    raw = Path("out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfid,")  # Excel's sign for UTF-8
    assert "国会投票" in raw.decode()
    refused = ask("export", "-o", "no/such/folder.csv")
    assert (refused.code, refused.err) == (1, "no/such/folder.csv: No such file or directory\n")

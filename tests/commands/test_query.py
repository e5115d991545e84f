"""`almenara query`, and what `check` and `alerts list` say of queries."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from pipeline.backends.index_tantivy import TantivyIndex
from tests.builders import document
from tests.commands.asking import Ask

ALERTS = """
[[alert]]
name = "Troops"
query = "troops w/5 congress -kind:copy"
channels = ["t"]
[[alert]]
name = "Same"
query = "-kind:copy congress NEAR/5 troops"
channels = ["t"]
[[alert]]
name = "Never"
query = "troops version:<1"
channels = ["t"]
[[alert]]
name = "Alike"
query = "the congress voted"
channels = ["t"]
[[alert]]
name = "Unfilled"
query = "troops OR votes_for:>10"
channels = ["t"]
[channels.t]
type = "terminal"
"""


@pytest.fixture
def indexed(config: Path) -> None:
    """Three articles, and rules for them."""
    (config / "alerts.toml").write_text(ALERTS)

    async def write() -> None:
        index = TantivyIndex.open(Path("data/index"), write=True)
        await index.put([
            document("Troops", "The troops and the congress voted.", id="a1", seq=1),
            document("Troops", "The congress of troops voted.", id="a2", seq=2),
            document("Rain", "No more troops.", id="a3", seq=3),
        ])  # fmt: skip
        await index.close()

    asyncio.run(write())


def test_a_query_is_explained_and_looked_up(ask: Ask, indexed: None) -> None:
    answer = ask("query", "troops w/5 congress -kind:copy")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert lines[0] == (
        'Articles with "troops" within five words of "congress", in title or text, but not kind "copy".'
    )
    assert lines[1] == "read as: (troops NEAR/5 congress) AND NOT kind:copy"
    assert lines[3:9] == [
        "AND", "  NEAR distance=5 within=paragraph", "    WORD word=troops", "    WORD word=congress", "  NOT",
        "    EQUAL field=kind value=copy",
    ]  # fmt: skip
    body = json.loads(answer.out.partition("in Elasticsearch:\n")[2].rpartition("}")[0].split("\n1. ")[0] + "}")
    assert "query" in body
    assert lines[-1].endswith("2 found")


def test_programs_get_one_document(ask: Ask, indexed: None) -> None:
    found = ask("query", "troop! and congress", "--json").json
    assert found["read_as"] == "troop* AND congress"
    assert found["tree"]["kind"] == "and"
    assert [warning["column"] for warning in found["warnings"]] == [1, 8]
    assert found["elasticsearch"]["query"]
    assert found["results"]["total"] == 2


def test_without_an_index_it_is_explained_all_the_same(ask: Ask) -> None:
    found = ask("query", "language:es language:en", "--json").json
    assert found["results"] is None
    assert "can never match" in found["warnings"][0]["message"]


def test_a_wrong_query_shows_where(ask: Ask) -> None:
    answer = ask("query", "aa te?t")
    assert answer.code == 1
    assert "   ^ column 4: " in answer.err


def test_check_says_what_each_rule_finds_and_what_is_doubtful(ask: Ask, indexed: None) -> None:
    answer = ask("check")
    assert answer.code == 0, answer.err
    assert (
        'Troops: Articles with "troops" within five words of "congress", in title or text, but not kind "copy". '
        "(matches 2 of 3 articles in the index)" in answer.out
    )
    for warning in (
        "can never fire: version is never so low",
        "always fires together with 'Troops': they ask the same",
        "found the same 2 articles as",
        "no article of the index has votes_for",
    ):
        assert warning in answer.err
    found = ask("check", "--json").json
    assert {rule["name"]: rule["articles"] for rule in found["alerts"]} == {
        "Troops": 2, "Same": 2, "Never": 0, "Alike": 2, "Unfilled": 3,
    }  # fmt: skip
    assert len(found["warnings"]) == 3


def test_check_offline_counts_nothing(ask: Ask, indexed: None) -> None:
    assert "in the index" not in ask("check", "--offline").out


def test_alerts_list_says_it_too(ask: Ask, indexed: None) -> None:
    answer = ask("alerts", "list")
    assert "Unfilled: Articles with" in answer.out
    assert "(matches 3 of 3 articles in the index)" in answer.out
    rows = ask("alerts", "list", "--json").json
    assert rows[4]["warnings"] == ["no article of the index has votes_for"]


def test_warnings_of_a_search_are_sentences(ask: Ask, indexed: None) -> None:
    answer = ask("search", "troops and congress")
    assert answer.err.splitlines()[0] == (
        "note: column 8: 'and' is searched as a word (write AND if you mean the operator)"
    )

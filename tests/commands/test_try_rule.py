"""`almenara alerts test`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.backends.index_tantivy import TantivyIndex
from tests.builders import document
from tests.commands.asking import Ask

ALERTS = """
[[alert]]
name = "Troops"
query = "troops"
channels = ["t"]
languages = ["en"]
[[alert]]
name = "Off"
query = "rain"
channels = ["t"]
enabled = false
[channels.t]
type = "terminal"
"""


@pytest.fixture
def indexed(config: Path) -> None:
    """Four articles of the last days."""
    (config / "alerts.toml").write_text(ALERTS)
    now = datetime.now(UTC)

    async def write() -> None:
        index = TantivyIndex.open(Path("data/index"), write=True)
        texts = ["The troops came.", "The troops and the senate.", "Rain.", "Las troops del senate."]
        await index.put([
            document(f"Title \x1b {n}", text, id=f"a{n}", seq=n, first_seen=now - timedelta(days=n, hours=1),
                     language="es" if n == 4 else "en", story_id=f"s{n}")
            for n, text in enumerate(texts, 1)
        ])  # fmt: skip
        await index.close()

    asyncio.run(write())


def test_a_rule_in_force_is_tried(ask: Ask, indexed: None) -> None:
    found = ask("alerts", "test", "Troops", "--json").json
    assert (found["name"], found["articles"], found["messages"]) == ("Troops", 2, 2)
    assert [one["article"] for one in found["samples"]] == ["a2", "a1"]
    assert found["samples"][1]["quotes"] == ["The \x02troops\x03 came."]
    assert (found["new"], found["gone"]) == (None, None)
    assert "newest version" in found["note"]
    answer = ask("alerts", "test", "troops")  # letter case does not matter
    assert "2 articles in 2 stories, of 2 that were tried" in answer.out
    assert "The *troops* came." in answer.out
    assert "\x1b" not in answer.out
    assert answer.out.count("→ 1") == 2


def test_how_far_back(ask: Ask, indexed: None) -> None:
    assert ask("alerts", "test", "Troops", "--since", "36h", "--json").json["articles"] == 1
    assert ask("alerts", "test", "Troops", "--since", "2020-01-01", "--json").json["articles"] == 2
    wrong = ask("alerts", "test", "Troops", "--since", "yesterday")
    assert wrong.code == 1
    assert "'yesterday' is not a time: write a duration such as" in wrong.err


def test_years_are_plotted_by_week(ask: Ask, indexed: None) -> None:
    answer = ask("alerts", "test", "Troops", "--since", "90d")
    assert "week of 20" in answer.out


def test_a_draft_keeps_the_filters_and_is_compared(ask: Ask, indexed: None) -> None:
    found = ask("alerts", "test", "Troops", "--query", "senate OR rain", "--json").json
    assert [one["article"] for one in found["samples"]] == ["a3", "a2"]  # not the Spanish one
    assert [one["article"] for one in found["new"]["some"]] == ["a3"]
    assert [one["article"] for one in found["gone"]["some"]] == ["a1"]
    answer = ask("alerts", "test", "Troops", "--query", "senate")
    assert "1 articles no longer found" in answer.out


def test_a_draft_file(ask: Ask, indexed: None, config: Path) -> None:
    draft = config.parent / "draft.toml"
    draft.write_text(ALERTS.replace('"troops"', '"senate"').replace("[channels", '[[alert]]\nname = "New"\nquery = '
                                                                    '"rain"\nchannels = ["t"]\n[channels'))  # fmt: skip
    found = ask("alerts", "test", "Troops", "--file", str(draft), "--json").json
    assert found["new"]["articles"] == 0
    assert found["gone"]["articles"] == 1
    assert ask("alerts", "test", "New", "--file", str(draft), "--json").json["new"] is None


def test_only_a_query_and_a_rule_that_is_off(ask: Ask, indexed: None) -> None:
    assert ask("alerts", "test", "--query", "troops senate", "--json").json["articles"] == 2
    assert ask("alerts", "test", "Off", "--json").json["articles"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Trops",), "there is no rule 'Trops' (did you mean Troops?)"),
        ((), "name a rule, or give a query with --query"),
        (("--query", "(("), "column 2: this parenthesis is never closed"),
        (("Troops", "--file", "missing.toml"), "missing.toml"),
    ],
)
def test_what_cannot_be_tried_is_said(ask: Ask, indexed: None, arguments: tuple[str, ...], message: str) -> None:
    answer = ask("alerts", "test", *arguments)
    assert answer.code == 1
    assert message in answer.err


def test_without_an_index(ask: Ask, config: Path) -> None:
    answer = ask("alerts", "test", "Markets")
    assert answer.code == 3
    assert "nothing is indexed yet" in answer.err

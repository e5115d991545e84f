"""The form of a rule: what alerts.toml says comes back as it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from pipeline.console.rule_form import CHOICES, by_field, draft_from, draft_of
from pipeline.core.documents.fields import FILTERS
from pipeline.core.faults import Fault

WORD = st.text("abc XYZ-é", min_size=1, max_size=8).map(str.strip).filter(bool)
NAMES = st.lists(WORD, min_size=1, max_size=3, unique=True)
TABLE = st.fixed_dictionaries(
    {"name": WORD, "channels": NAMES},
    optional={
        "query": WORD,
        "id": WORD,
        "description": WORD,
        "budget": st.integers(1, 99),
        "throttle": st.just("10m"),
        "follow_up": st.sampled_from(["2h", "never"]),
        "quiet": st.sampled_from(["none", ["22:00-07:00", "sat-sun"]]),
        "digest": st.just("daily 08:00"),
        "enabled": st.just(False),
        "trigger": st.sampled_from(["story", ["growth", "change"]]),
        "growth": st.fixed_dictionaries({"sources": st.integers(2, 9)}, optional={"languages": st.integers(2, 9)}),
        "must_match": st.lists(st.just("A text, with a comma."), min_size=1, max_size=2),
        **dict.fromkeys(FILTERS, NAMES),
        **{name: st.sampled_from([one for one in all if one != usual]) for name, (usual, all) in CHOICES.items()},
    },
)  # fmt: skip


@given(TABLE)
def test_a_rule_comes_back_as_it_was(table: dict[str, Any]) -> None:
    values = draft_of(table, "x", "v").values()
    assert {key: value for key, value in values.items() if value is not None} == table


@given(TABLE)
def test_a_browser_sends_the_form_as_it_was_made(table: dict[str, Any]) -> None:
    made = draft_of(table, "x", "v")
    fields = [
        ("named", "x"),
        ("version", "v"),
        *((name, text.replace("\n", "\r\n")) for name, text in made.fields.items()),
    ]
    fields += [("channels", one) for one in made.channels] + [("trigger", one) for one in made.triggers]
    sent = draft_from(FormData([*fields, *([("enabled", "1")] if made.enabled else [])]))
    assert sent.values() == made.values()


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", None),
        ("  \r\n ", None),
        (" strike ", "strike"),
        ("strike OR\r\n\r\n  huelga  \r\n", "strike OR\n  huelga\n"),
    ],
)
def test_a_query_of_several_lines_stays_one(text: str, query: str | None) -> None:
    assert draft_from(FormData({"query": text})).values()["query"] == query


def test_a_number_that_is_none_is_left_to_the_reader_of_rules() -> None:
    assert draft_from(FormData({"budget": "many"})).values()["budget"] == "many"


def test_faults_stand_beside_their_fields() -> None:
    ours = Fault("alerts.toml", 'alert "Troops".query', "column 3: x")
    item = Fault("alerts.toml", 'alert "Troops".channels[1]', "unknown")
    other = Fault("alerts.toml", 'alert "Other".query', "y")
    assert by_field([ours, item, other], "Troops") == ({"query": [ours], "channels": [item]}, [other])

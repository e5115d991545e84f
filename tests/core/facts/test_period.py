"""From when until when they are to stay. All articles appeared on 10 March 2027."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.facts.period import find_period
from tests.core.facts.period_cases import CASES, STATED
from tests.core.facts.scenes import scene, words


def stay(text: str, language: str, title: str = "") -> str:
    """The period as "2027-04-01/2027-09-30"; a missing day is empty."""
    found = find_period(scene(text, language, title))
    return f"{found.start.value if found.start else ''}/{found.end.value if found.end else ''}" if found else ""


@pytest.mark.parametrize(("language", "text", "expected"), CASES)
def test_period(language: str, text: str, expected: str) -> None:
    assert stay(text, language) == expected


@pytest.mark.parametrize(("language", "text"), [case[:2] for case in STATED])
def test_leaves_stand_on_the_words(language: str, text: str) -> None:
    found = find_period(scene(text, language))
    assert found
    for leaf in (found.start, found.end):
        if leaf:
            date.fromisoformat(str(leaf.value))
            said = words(leaf, "", text)
            assert said in leaf.sentence
            assert (
                leaf.implied
                or any(char.isdigit() for char in said)
                or leaf.value in ("2027-04-01", "2027-09-30", "2027-12-31")
            )


def test_the_end_of_a_length_of_time_is_worked_out() -> None:
    text = "The House let French soldiers in for six months starting on April 1."
    found = find_period(scene(text, "en"))
    assert found
    assert found.end
    assert found.end.implied
    assert words(found.end, "", text) == "six months"


@given(
    st.text("until from 1 May 2027 to 30 June six months, troops stay. \n", max_size=80),
    st.sampled_from(["en", "de", "tr"]),
)
def test_any_text(text: str, language: str) -> None:
    found = find_period(scene(text, language))
    for leaf in (found.start, found.end) if found else ():
        assert leaf is None or 0 <= leaf.start < leaf.end <= len(text)


def test_an_article_without_a_date_has_its_dates_too() -> None:
    text = "Parliament approved the entry of US troops from 1 April 2027."
    found = find_period(replace(scene(text, "en"), published=None))
    assert found
    assert found.start
    assert found.start.value == "2027-04-01"

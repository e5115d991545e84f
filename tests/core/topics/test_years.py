"""Years as a source of terms: they count from the year of the article."""

from datetime import date
from typing import Any

import pytest

from pipeline.core.topics.judge import RuleSet, find_topics, parse_rules, stored_rules
from tests.topic_files import topic_files


def rules(concepts: dict[str, Any], pattern: dict[str, Any]) -> RuleSet:
    topic = {
        "id": "t", "version": 1, "threshold": 0.5, "title": {"en": "T"}, "concepts": concepts, "patterns": [pattern],
        "must_match": [{"text": "x"}], "must_not_match": [{"text": "x"}],
    }  # fmt: skip
    return parse_rules(topic_files(topic))


YEARS = {
    "past": {"source": "years", "from": -20, "to": -1, "unless": {"any": ["2000"]}},
    "then": {"any": ["back in {past}"]},
}


@pytest.mark.parametrize(
    ("text", "year", "found"),
    [
        ("In 2025 it was.", 2026, True),
        ("In 2026 it was.", 2026, False),
        ("In 2026 it was.", 2027, True),
        ("In 2006 it was.", 2026, True),
        ("In 2005 it was.", 2026, False),
        ("In the 2010s it was.", 2026, True),
        ("In den 2010ern war es.", 2026, True),
        ("Το 2019-2020", 2026, True),
        ("في عام ٢٠١٩", 2026, True),
        ("2019年に", 2026, True),
        ("20191 boats, 201 boats, B2019, 2019b2", 2026, False),
        ("In 2000 it was.", 2010, False),  # an exception
        ("In 2025 it was.", None, True),  # an example without a date is of 2026
        ("In 2026 it was.", None, False),
    ],
)
def test_years_count_from_the_articles(text: str, year: int | None, found: bool) -> None:
    ruleset = rules({"past": YEARS["past"]}, {"all": ["past"], "weight": 1.0})
    published = date(year, 6, 1) if year else None
    for same in (ruleset, stored_rules(ruleset.encoded)):
        assert bool(find_topics(same, "", text, "en", published)) is found


def test_years_in_terms_of_other_concepts_and_only_in_the_lead() -> None:
    ruleset = rules(YEARS, {"all": ["then"], "weight": 1.0, "where": "lead"})
    assert find_topics(ruleset, "", "Back in 2019, they left.", "en", date(2026, 1, 1))
    assert not find_topics(ruleset, "", "Back in 2019, they left.", "en", date(2018, 1, 1))
    assert not find_topics(ruleset, "", "word " * 300 + ".\nBack in 2019.", "en", date(2026, 1, 1))

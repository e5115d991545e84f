"""How the facts found are compared with labelled ones, field by field."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from pipeline.core.evaluation.fact_scores import FIELDS, score_facts
from pipeline.core.evaluation.labels import LabelledArticle, LabelledFacts, parse_labels
from pipeline.core.toml_reader import TomlFile
from pipeline.records import Facts, Period, Personnel, Stated, StatedPlace, Vote

TOPIC = "troops"
TEXT = "The Senate of Chile let 120 to 150 sailors with assault rifles into Iquique. Talcahuano waits."


def article(topics: tuple[str, ...] = (TOPIC,), **facts: Any) -> LabelledArticle:
    table = {
        "id": "a", "language": "en", "published": date(2026, 3, 14), "title": "A vote", "text": TEXT,
        "topics": list(topics), "facts": [{"outcome": "authorised"} | facts],
    }  # fmt: skip
    [one] = parse_labels([TomlFile("en.toml", {"article": [table]})], [TOPIC])
    return one


def stated(value: str | int) -> Stated:
    return Stated(value=value, sentence="", start=0, end=0, field="text")


def counts(one: LabelledArticle, *found: Facts) -> dict[str, tuple[int, int, int]]:
    """right, wrong, missed of each field that has any."""
    fields = score_facts([(one, found)], TOPIC).fields.items()
    return {name: (s.right, s.wrong, s.missed) for name, s in fields if (s.right, s.wrong, s.missed) != (0, 0, 0)}


def test_equal_values_are_right() -> None:
    one = article(
        host="CL", senders=["US", "PE"], vote={"for": 30, "against": 4}, period={"end": date(2026, 12, 31)},
        personnel={"min": 120, "max": 150},
    )  # fmt: skip
    found = Facts(
        topic=TOPIC, outcome=stated("authorised"), host=stated("CL"), senders=(stated("PE"), stated("US")),
        vote=Vote(for_=stated(30), against=stated(4)), period=Period(end=stated("2026-12-31")),
        personnel=Personnel(min=stated(120), max=stated(150)),
    )  # fmt: skip
    assert counts(one, found) == {
        "outcome": (1, 0, 0), "host": (1, 0, 0), "senders": (2, 0, 0), "vote.for": (1, 0, 0), "vote.against": (1, 0, 0),
        "period.end": (1, 0, 0), "personnel.min": (1, 0, 0), "personnel.max": (1, 0, 0),
    }  # fmt: skip


def test_a_wrong_value_is_wrong_and_missed() -> None:
    found = Facts(topic=TOPIC, outcome=stated("rejected"), armed=stated("no"))
    assert counts(article(), found) == {"outcome": (0, 1, 1), "armed": (0, 1, 0)}
    mistakes = score_facts([(article(), [found])], TOPIC).mistakes
    assert [(one.field, one.found, one.expected) for one in mistakes] == [
        ("outcome", ["rejected"], ["authorised"]),
        ("armed", ["no"], None),
    ]


@pytest.mark.parametrize(
    ("label", "found", "right"),
    [
        ("The Senate of Chile", "Senate", True),
        ("The Senate of Chile", "the Senate", True),
        ("The Senate of Chile", "the Court of Appeal", False),
        ("Senate", "Assembly", False),
    ],
)
def test_words_agree_by_half_of_their_stems(label: str, found: str, right: bool) -> None:
    scores = counts(article(body=label), Facts(topic=TOPIC, outcome=stated("authorised"), body=stated(found)))
    assert scores["body"] == ((1, 0, 0) if right else (0, 1, 1))


def test_each_label_answers_for_one_finding() -> None:
    place = StatedPlace(value="Iquique", sentence="", start=0, end=0, field="text")
    found = Facts(topic=TOPIC, outcome=stated("authorised"), places=(place, place))
    assert counts(article(places=["Iquique", "Talcahuano"]), found)["places"] == (1, 1, 1)


def test_an_article_without_the_topic_should_have_none() -> None:
    found = Facts(topic=TOPIC, outcome=stated("past"))
    assert counts(article(topics=()), found) == {"outcome": (0, 1, 0)}
    assert counts(article(topics=())) == {}
    assert counts(article()) == {"outcome": (0, 0, 1)}
    assert counts(article(), Facts(topic="another", outcome=stated("authorised"))) == {"outcome": (0, 0, 1)}


def test_articles_without_labelled_facts_are_left_out() -> None:
    table = {
        "id": "a", "language": "en", "published": date(2026, 3, 14), "title": "A vote", "text": TEXT, "topics": [TOPIC],
    }  # fmt: skip
    [one] = parse_labels([TomlFile("en.toml", {"article": [table]})], [TOPIC])
    assert counts(one, Facts(topic=TOPIC, outcome=stated("authorised"))) == {}


def test_the_fields_are_those_of_the_label_form() -> None:
    assert {name.split(".")[0] for name in FIELDS} == {field.name for field in msgspec.structs.fields(LabelledFacts)}

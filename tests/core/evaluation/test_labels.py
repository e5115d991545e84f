"""Labelled articles: how a file is read, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.core.evaluation.labels import Instrument, Period, Vote, parse_labels
from pipeline.core.faults import Faults
from pipeline.core.toml_reader import TomlFile

TOPICS = ("strikes", "storms")
FACTS = {"outcome": "authorised", "host": "PE", "body": "The senate", "vote": {"for": 71, "against": 34}}


def article(id: str = "a", **more: Any) -> dict[str, Any]:
    return {
        "id": id, "language": "en", "published": date(2026, 3, 14), "title": "A vote", "text": "The senate voted.",
        "topics": ["strikes"],
    } | more  # fmt: skip


def test_a_file_is_read() -> None:
    facts = FACTS | {"instrument": {"kind": "law", "date": date(2026, 3, 13)}, "period": {"end": date(2026, 12, 31)}}
    [one] = parse_labels([TomlFile("en.toml", {"article": [article(facts=[facts])]})], TOPICS)
    assert (one.id, one.published, one.topics) == ("a", date(2026, 3, 14), ("strikes",))
    assert one.facts[0].vote == Vote(for_=71, against=34)
    assert one.facts[0].instrument == Instrument(kind="law", date=date(2026, 3, 13))
    assert one.facts[0].period == Period(end=date(2026, 12, 31))


@pytest.mark.parametrize(
    ("articles", "reason"),
    [
        ([article(), article()], 'article "a".id: another article has this id'),
        ([article(topics=["floods"])], "article \"a\".topics: no topic 'floods'"),
        ([article(colour="red")], 'article "a".colour: unknown key'),
        ([article(published="soon")], 'article "a".published: must be a date'),
        ([article(title="")], 'article "a".title: is empty'),
        ([article(facts=[{}])], 'article "a".facts[1].outcome: is missing'),
        ([article(facts=[FACTS | {"outcome": "maybe"}])], "facts[1].outcome: must be one of authorised"),
        ([article(facts=[FACTS | {"vote": {"for": "many"}}])], "facts[1].vote.for: must be a whole number"),
        ([article(facts=[FACTS | {"body": "The house"}])], "facts[1].body: the article does not contain 'The house'"),
        ([article(facts=[FACTS | {"places": ["Ilo"]}])], "facts[1].places: the article does not contain 'Ilo'"),
        ([{k: v for k, v in article().items() if k != "topics"}], 'article "a".topics: is missing'),
        ([], "article: is missing"),
    ],
)
def test_a_fault_has_its_place(articles: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(Faults) as raised:
        parse_labels([TomlFile("en.toml", {"article": articles})], TOPICS)
    [fault] = raised.value.faults
    assert reason in str(fault)
    assert fault.file == "en.toml"


def test_every_fault_of_every_file_is_reported_with_its_line() -> None:
    text = (
        b'[[article]]\nid = "a"\nlanguage = "en"\npublished = 2026-03-14\ntitle = "A"\ntext = 5\ntopics = ["floods"]\n'
    )
    with pytest.raises(Faults) as raised:
        parse_labels([TomlFile.parse("one.toml", text), TomlFile.parse("two.toml", text)], ("floods",))
    assert [(fault.file, fault.line) for fault in raised.value.faults] == [
        ("one.toml", 6),
        ("two.toml", 6),
        ("two.toml", 2),
    ]

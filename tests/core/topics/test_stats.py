"""What the rules hold, and what in them is redundant or missing."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.config.folder import rule_files
from pipeline.core.topics.judge import untrained_rules
from pipeline.core.topics.read_rules import read_rules
from pipeline.core.topics.rules import Rules
from pipeline.core.topics.stats import Counted, Missing, Term, count, missing, never_found, shadowed, terms_of
from tests.topic_files import topic_files

PATTERN = {"all": ["act", "force"], "weight": 1.0}


def rules_and_terms(concepts: dict[str, Any]) -> tuple[Rules, list[Term]]:
    files = topic_files(
        {
            "id": "t", "version": 1, "threshold": 0.5, "title": {"en": "T"},
            "concepts": {"force": {"any": ["troops"]}, **concepts}, "patterns": [PATTERN],
            "must_match": [{"text": "x"}], "must_not_match": [{"text": "x", "language": "en"}],
        },
        shared={"country": {"source": "countries", "en": ["=US"]}},
    )  # fmt: skip
    rules = read_rules(files)
    return rules, terms_of(files, rules)


def test_counts() -> None:
    act = {"en": ["approv*", "let in"], "es": ["autoriz*"], "unless": {"en": ["let in the sun"]}}
    files = topic_files({"id": "t", "concepts": {"act": act}, "must_match": [{"text": "x", "language": "en"}]})
    assert count(files) == [Counted("t", "en", 1, 2, 1, 1), Counted("t", "es", 1, 1, 0, 0)]


def test_concepts_that_lack_a_language() -> None:
    rules, terms = rules_and_terms(
        {"act": {"en": ["approv*"], "es": ["autoriz*", "{stay}"]}, "stay": {"any": ["stay"], "en": ["remain"]}}
    )
    assert missing(terms, rules) == [Missing("t", "stay", ("es",), True)]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (["approv*", "approved"], {"approved": "approv*"}),
        (["appro*", "approv*"], {"approv*": "appro*"}),
        (["approved", "Approved"], {"Approved": "approved"}),
        (["us", "=US"], {"=US": "us"}),
        (["~approve", "approves"], {"approves": "~approve"}),
        (["~approve", "approv*"], {}),
        (["*prov*", "approv*", "disapproved"], {"approv*": "*prov*", "disapproved": "*prov*"}),
        (["troops", "foreign troops"], {}),  # other words are found
        (["foreign* troop*", "foreign troops"], {"foreign troops": "foreign* troop*"}),
        (["let <5> in", "let <3> in"], {"let <3> in": "let <5> in"}),
        (["let <3> {force}", "let <3> force"], {}),
        (["let* {force}", "lets {force}"], {"lets {force}": "let* {force}"}),
    ],
)
def test_terms_that_another_covers(terms: list[str], expected: dict[str, str]) -> None:
    _, found = rules_and_terms({"act": {"en": terms}})
    assert {one.term.written: one.by for one in shadowed(found)} == expected


def test_a_term_for_every_language_covers_one_of_a_language() -> None:
    _, terms = rules_and_terms({"act": {"any": ["approv*"], "en": ["approved"]}})
    assert [one.term.language for one in shadowed(terms)] == ["en"]


def test_an_exception_covers_no_term() -> None:
    _, terms = rules_and_terms({"act": {"en": ["approved"], "unless": {"en": ["approv*"]}}})
    assert not shadowed(terms)


def test_terms_that_no_article_contains() -> None:
    act = {"en": ["approved", "let <3> {force}", "cleared"], "es": ["aprobó"], "unless": {"en": ["self approved"]}}
    rules, terms = rules_and_terms({"act": act})
    found = never_found(terms, rules, [("en-GB", "They let our troops in", "Approved."), (None, "Cleared", "")])
    assert [term.written for term in found] == ["cleared", "self approved", "=US"]
    assert never_found(terms, rules, []) == []


def test_no_term_that_ships_is_redundant() -> None:
    files = rule_files(Path("config"))
    assert [found.term.written for found in shadowed(terms_of(files, untrained_rules(files).rules))] == []

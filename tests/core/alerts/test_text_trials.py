"""Texts beside a rule that it must match, or must not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.alerts.text_trials import Failed, TrialText, trial_text, tried, without_origin
from pipeline.core.query.parse import parse
from pipeline.core.query.written import to_text
from pipeline.records import Tags
from tests.builders import tags


def rule(query: str, must: tuple[str, ...] = (), must_not: tuple[str, ...] = ()) -> AlertRule:
    node = parse(query).node
    return replace(AlertRule("R", query, node, node, "medium", ("t",)), must_match=must, must_not_match=must_not)


def tag(text: TrialText, tagged: bool) -> tuple[str | None, Tags]:
    """Each text has the topic strike, if topics are asked for."""
    return text.language or "en", tags("strike") if tagged else tags()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Troops arrive", TrialText("Troops arrive", "")),
        ("Troops\n\nThey came.\n\nMore.", TrialText("Troops", "They came.\n\nMore.")),
        ("[es] Tropas\n\nLlegaron.", TrialText("Tropas", "Llegaron.", "es")),
        ("[1] Footnote", TrialText("[1] Footnote", "")),
        ("  A title\nin two lines \n\n text ", TrialText("A title in two lines", "text")),
        ("\n\nonly text", TrialText("only text", "")),
    ],
)
def test_how_a_text_is_read(written: str, expected: TrialText) -> None:
    assert trial_text(written) == expected


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("troops source:BBC", "troops"),
        ("troops -feed:sport", "troops"),
        ("troops published:>2026-01-01", "troops"),
        ("source:BBC", None),
        ("(source:BBC OR troops) language:es", "troops AND language:es"),
        ("topic:strike personnel:>100", "topic:strike AND personnel:{100 TO *]"),
        ("troops -kind:copy outlet_country:PE", "troops"),
    ],
)
def test_what_a_bare_text_cannot_have_is_left_out(query: str, left: str | None) -> None:
    found = without_origin(parse(query).node)
    assert (found and to_text(found)) == left


def test_a_rule_is_tried_on_its_texts() -> None:
    good = rule("troops senate -football source:BBC", ("Senate\n\nlets troops enter",), ("Troops play football",))
    assert list(tried(good, tag)) == []


def test_what_failed_is_named() -> None:
    bad = rule(
        "troops senate -football",
        ("Senate votes", "Troops and senate", "Senate troops at football"),
        ("Fine", "A title\n\nThe senate saw troops."),
    )
    assert list(tried(bad, tag)) == [
        Failed("must_match", 0, 'does not match: "Senate votes"', "`troops` is missing"),
        Failed("must_match", 2, 'does not match: "Senate troops at football"',
               '`football` excludes it: it has "football"'),
        Failed("must_not_match", 1, 'matches: "A title"', "in the text: The *senate* saw *troops*."),
    ]  # fmt: skip


def test_only_rules_that_ask_for_topics_have_their_texts_tagged() -> None:
    asked: list[bool] = []

    def noting(text: TrialText, tagged: bool) -> tuple[str | None, Tags]:
        asked.append(tagged)
        return tag(text, tagged)

    assert list(tried(rule("topic:strike", ("x",)), noting)) == []
    assert list(tried(rule("x", ("x",)), noting)) == []
    assert next(tried(rule("topic:coup", ("x",)), noting)).hint == "`topic:coup` does not hold: topic is strike"
    assert asked == [True, False, True]


def test_a_rule_that_asks_only_for_outlets_matches_every_text() -> None:
    (failed,) = tried(rule("source:BBC", ("x",), ("y",)), tag)
    assert (failed.key, failed.hint) == ("must_not_match", "no part of the rule excludes it")

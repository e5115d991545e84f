"""The shipped rules: any text is judged, in bounded time, and no shortcut of judging changes what is found."""

from __future__ import annotations

import sys
import time
from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.tagging.judged import judge_article
from pipeline.core.text.reading import read
from pipeline.core.topics.compile import compile_lexicon
from pipeline.core.topics.judge import find_topics, match_topic, topic_of, verified
from pipeline.core.topics.lexicon import Lexicon
from tests.gate.shipped import shipped

SHIPPED = shipped()
for _language in ("es", "en", "ru", None):  # before the clock of a property test runs
    SHIPPED.topic_lexicon(_language)


@given(st.text(max_size=300), st.sampled_from(["es", "en", "ru", None]))
def test_any_text_is_judged(text: str, language: str | None) -> None:
    for topic in find_topics(SHIPPED, text[:40], text, language):
        assert 0 < topic.score <= 1


@pytest.mark.parametrize(
    "unit", ["US troops ", "coup president ", "Peru border dispute Chile ", "{", "tropas de EE.UU. "]
)
def test_a_hostile_text_takes_bounded_time(unit: str) -> None:
    start = time.process_time()
    find_topics(SHIPPED, "", unit * (50_000 // len(unit)), None)
    assert time.process_time() - start < 3


def calls(text: str) -> int:
    """How many functions, Python's and C's, judging `text` calls."""
    count = 0

    def called(frame: object, event: str, what: object) -> None:
        nonlocal count
        count += event.endswith("call")

    sys.setprofile(called)
    try:
        find_topics(SHIPPED, text[:1000], text, "en")
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "unit",
    ["US troops approved by parliament in Peru ", "coup. ", "A coup by US troops.\n", "x. ", "The U.S. ", "x"],
)
def test_twice_as_long_a_text_takes_twice_as_many_steps(unit: str) -> None:
    whole = unit * (200_000 // len(unit))
    calls(whole)  # words are made out when they first come
    half, all_of_it = calls(whole[: len(whole) // 2]), calls(whole)
    assert all_of_it < 2.2 * half + 1000


_WITH_TERMS = sorted({one.language for rule in SHIPPED.rules.topics for one in rule.examples if one.language})


@cache
def whole_lexicon(language: str | None) -> Lexicon:
    """Of all concepts, where judging uses one of those that topics need and one of those that only facts need."""
    return compile_lexicon(SHIPPED.rules, language)


@pytest.mark.parametrize("language", _WITH_TERMS)
def test_what_is_left_out_in_judging_would_change_nothing(language: str) -> None:
    """Every pattern of every topic is tried, on what the lexicon of all concepts finds."""
    examples = [e for rule in SHIPPED.rules.topics for e in rule.examples if e.language == language]
    assert examples
    lexicon = whole_lexicon(language)
    for one, other in zip(examples, examples[::-1], strict=True):  # two that have nothing to do with each other
        title, text = one.title or other.text, "\n".join([one.text, *["word for word."] * 30, other.text, one.text])
        reading = read(title, text, language)
        hits = lexicon.hits(reading)
        proposed = SHIPPED.proposer.proposed(reading, language)
        tried = (match_topic(rule, reading, hits, proposed.get(rule.id)) for rule in SHIPPED.rules.topics)
        asked = (verified(match, reading, language, hits) for match in tried)
        matches = [match for match in asked if match.matches]
        every = [topic_of(match, reading) for match in matches]
        assert find_topics(SHIPPED, title, text, language) == tuple(sorted(every, key=lambda t: (-t.score, t.id)))


def test_both_halves_of_a_lexicon_find_what_the_whole_finds() -> None:
    for rule in SHIPPED.rules.topics:
        for example in rule.examples[::4]:
            reading = read(
                example.title, "\n".join([example.text, *["word for word."] * 50, example.text]), example.language
            )
            topics, facts = SHIPPED.topic_lexicon(example.language), SHIPPED.fact_lexicon(example.language)
            whole = whole_lexicon(example.language).hits(reading)
            assert dict(facts.hits(reading, known=topics.hits(reading))) == dict(whole)


def test_every_role_of_the_facts_has_terms() -> None:
    rules = SHIPPED.rules
    for rule in rules.topics:
        for role, key in rule.facts.roles.items() if rule.facts else ():
            concept = rules.concepts[key]
            assert concept.source or concept.terms, (rule.id, role)


def test_the_facts_of_the_flagship_are_found() -> None:
    title = "Senado uruguayo autoriza ingreso de 120 marines de Estados Unidos"
    text = (
        "MONTEVIDEO. La Cámara de Senadores aprobó este martes, con 19 votos a favor y 11 en contra, el proyecto de "
        "ley que autoriza el ingreso al país de 120 infantes de marina de Estados Unidos, armados con fusiles."
    )
    [facts] = judge_article(SHIPPED, title, text, "es", date(2026, 11, 3)).tags.facts
    assert facts.outcome
    assert facts.host
    assert facts.vote
    assert facts.vote.for_
    assert facts.personnel
    assert facts.personnel.max
    assert facts.armed
    assert [facts.outcome.value, facts.host.value, facts.senders[0].value] == ["authorised", "UY", "US"]
    assert [facts.vote.for_.value, facts.personnel.max.value, facts.armed.value] == [19, 120, "yes"]

"""Topics, facts, countries and places of an article, as one judgement."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.config.folder import rules_of
from pipeline.core.tagging.judged import judge_article
from pipeline.core.topics.judge import RuleSet

TOPIC = "foreign-troop-authorization"
TITLE = "Senado uruguayo autoriza ingreso de 120 marines de Estados Unidos"
TEXT = (
    "MONTEVIDEO. La Cámara de Senadores aprobó este martes, con 19 votos a favor y 11 en contra, el proyecto de ley "
    "que autoriza el ingreso al país de 120 infantes de marina de Estados Unidos, armados con fusiles."
)


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return rules_of(Path("config"))


def test_an_article_gets_all_at_once(rules: RuleSet) -> None:
    tags = judge_article(rules, TITLE, TEXT, "es", date(2026, 11, 3)).tags
    assert TOPIC in {topic.id for topic in tags.topics}
    assert {"UY", "US"} <= set(tags.countries)
    [facts] = tags.facts
    assert facts.outcome
    assert facts.outcome.value == "authorised"
    assert facts.host
    assert facts.host.value == "UY"
    assert [one.value for one in facts.senders] == ["US"]
    whole = {"title": TITLE, "text": TEXT}[facts.outcome.field]
    assert whole[facts.outcome.start : facts.outcome.end] in facts.outcome.sentence


def test_no_topic_with_facts_no_facts(rules: RuleSet) -> None:
    tags = judge_article(rules, "El club compra un delantero", "El equipo uruguayo pagó tres millones.", "es").tags
    assert (tags.topics, tags.facts) == ((), ())


def test_the_outlets_country_is_the_host_where_none_is_named(rules: RuleSet) -> None:
    title = "El Pleno autoriza el ingreso de soldados brasileños"
    text = "El Congreso aprobó por 71 votos el ingreso al país de 90 soldados brasileños sin armas durante abril."
    [facts] = judge_article(rules, title, text, "es", date(2026, 3, 2), "PE").tags.facts
    assert facts.host
    assert (facts.host.value, facts.host.implied) == ("PE", True)

"""Topics, facts, countries and places of an article as one value, by small rules."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.core.tagging.judged import Judged, judge_article
from pipeline.core.topics.judge import RuleSet, parse_rules
from tests.core.topics.verified import tables
from tests.topic_files import toml_files, topic_files

TITLE = "Senado uruguayo autoriza ingreso de 120 marines de Estados Unidos"
TEXT = (
    "MONTEVIDEO. La Cámara de Senadores aprobó este martes, con 19 votos a favor y 11 en contra, el proyecto de ley "
    "que autoriza el ingreso al país de 120 infantes de marina de Estados Unidos, armados con fusiles."
)
TROOPS: dict[str, Any] = {
    "id": "troops", "version": 1, "threshold": 0.5, "title": {"en": "Troops"},
    "concepts": {
        "act": {"es": ["aprobó", "autoriza", "autorizó"]},
        "entry": {"es": ["ingreso", "salida"]},
        "force": {"es": ["marines", "infantes de marina", "soldados"]},
        "chamber": {"es": ["senado", "cámara de senadores", "congreso"]},
        "of": {"es": ["de"]},
        "earlier": {"es": ["en 2019"]},
    },
    "patterns": [{"name": "an act on forces", "all": ["act", "force"], "weight": 0.6}],
    "facts": {"force": "force", "chamber": "chamber", "of": "of", "earlier": "earlier", "own_forces": -0.5},
    "outcomes": [
        {"outcome": "authorised", "all": ["act", "entry"], "weight": 0.4},
        {"outcome": "past", "all": ["act", "earlier"], "weight": 1.0},
    ],
    "must_match": [{"text": "x"}], "must_not_match": [{"text": "x"}],
}  # fmt: skip
STRIKE: dict[str, Any] = {
    "id": "strike", "version": 1, "threshold": 0.5, "title": {"en": "Strike"},
    "concepts": {"strike": {"es": ["huelga"]}}, "patterns": [{"all": ["strike"], "weight": 1.0}],
    "must_match": [{"text": "x"}], "must_not_match": [{"text": "x"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return parse_rules(topic_files(TROOPS, STRIKE))


def judged(rules: RuleSet, title: str, text: str, home: str | None = None) -> Judged:
    return judge_article(rules, title, text, "es", date(2026, 11, 3), home)


def test_an_article_gets_all_at_once(rules: RuleSet) -> None:
    tags = judged(rules, TITLE, TEXT).tags
    assert tags.rules == rules.hash
    assert [topic.id for topic in tags.topics] == ["troops"]
    assert {"UY", "US"} <= set(tags.countries)
    [facts] = tags.facts
    assert facts.outcome
    assert facts.outcome.value == "authorised"
    assert facts.host
    assert facts.host.value == "UY"
    assert [sender.value for sender in facts.senders] == ["US"]
    whole = {"title": TITLE, "text": TEXT}[facts.outcome.field]
    assert whole[facts.outcome.start : facts.outcome.end] in facts.outcome.sentence


def test_without_a_topic_that_has_facts_there_are_none(rules: RuleSet) -> None:
    assert judged(rules, "El club compra un delantero", "El equipo uruguayo pagó tres millones.").tags.topics == ()
    tags = judged(rules, "Huelga en el puerto", "La huelga sigue.").tags
    assert ([topic.id for topic in tags.topics], tags.facts) == (["strike"], ())


def test_the_outlets_country_is_the_host_where_none_is_named(rules: RuleSet) -> None:
    text = "El Congreso aprobó por 71 votos el ingreso al país de 90 soldados brasileños sin armas durante abril."
    [facts] = judged(rules, "El Pleno autoriza el ingreso de soldados brasileños", text, "PE").tags.facts
    assert facts.host
    assert (facts.host.value, facts.host.implied) == ("PE", True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("En 2019 el Senado uruguayo autorizó el ingreso de soldados de Estados Unidos.", "past"),
        ("El Senado uruguayo aprobó la salida de soldados uruguayos.", "own forces"),
    ],
)
def test_facts_take_a_topic_back(rules: RuleSet, text: str, reason: str) -> None:
    article = judged(rules, "", text)
    [topic] = article.topics
    assert (topic.denied_by, topic.holds) == (reason, False)
    assert topic.denying
    assert topic.denying.sentence == text
    assert (article.tags.topics, article.tags.facts) == ((), ())


def test_a_topic_that_an_article_lacks_can_be_looked_at(rules: RuleSet) -> None:
    topic = judged(rules, "Huelga", "").topic("troops")
    assert (topic.holds, topic.found, topic.match.score) == (False, None, 0.0)
    with pytest.raises(KeyError):
        judged(rules, "", "").topic("no-such")


def test_an_article_may_be_taken_to_have_a_topic(rules: RuleSet) -> None:
    text = "Huelga. Hay soldados de Estados Unidos en el país del Congreso uruguayo."
    [topic] = judged(rules, "", text).assuming(["troops"]).topics
    assert not topic.match.matches
    assert topic.found
    assert [sender.value for sender in topic.found.facts.senders] == ["US"]


@pytest.mark.parametrize(("sure", "kept"), [(0.0, False), (0.96, False), (0.95, True)])
@pytest.mark.parametrize(
    "text", ["In 2019 the senate approved Danish marines.", "The Danish senate approved the Danish marines."]
)
def test_facts_do_not_remove_what_the_verifier_is_sure_of(text: str, sure: float, *, kept: bool) -> None:
    files = tables({"bias": 2.95}, veto=0.1, sure=sure)  # a probability of 0.9503
    files["troops/topic.toml"] |= {
        "facts": {"force": "force", "chamber": "body", "earlier": "earlier", "own_forces": -0.5},
        "outcomes": [{"outcome": "past", "all": ["act", "earlier"], "weight": 1.0}],
    }
    files["troops/topic.toml"]["concepts"]["earlier"] = "An earlier year."
    files["troops/en.toml"]["earlier"] = {"terms": ["in 2019"]}
    tags = judge_article(parse_rules(toml_files(files)), "", text, "en", date(2026, 11, 3)).tags
    assert [topic.id for topic in tags.topics] == (["troops"] if kept else [])
    assert [facts.outcome for facts in tags.facts] == ([None] if kept else [])

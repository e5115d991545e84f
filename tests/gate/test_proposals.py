"""The shipped words propose an article to the verifier, however the press says it: expulsions, effects, equipment."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.folder import rules_of
from pipeline.core.text.reading import read
from pipeline.core.topics.judge import RuleSet
from pipeline.core.topics.slots import fill

TROOPS = "foreign-troop-authorization"
PROPOSED = [
    ("en", "The government ordered Italian soldiers to leave."),
    ("en", "The cabinet will host personnel and equipment from Portugal and approved it."),
    ("es", "El Senado autorizó el ingreso de personal y medios de Brasil."),
    ("fr", "Le Togo met à la porte les militaires italiens."),
    ("de", "Das Parlament stimmte zu: 300 Mann und Gerät aus Frankreich kommen."),
    ("pt", "O Governo autorizou o estacionamento de pessoal e equipamento."),
    ("pl", "Rząd kazał włoskim żołnierzom wyjechać."),
    ("ru", "Правительство выпроваживает чешских военных."),
    ("uk", "Уряд наказав італійським солдатам піти."),
    ("ar", "سيتمكن الجنود الإيطاليون من البقاء."),
]


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return rules_of(Path("config"))


@pytest.mark.parametrize(("language", "text"), PROPOSED)
def test_the_required_slots_are_filled(rules: RuleSet, language: str, text: str) -> None:
    reading = read("", text, language)
    hits = rules.topic_lexicon(language).hits(reading, None)
    assert fill(rules.rule(TROOPS).slots, reading, hits)


def test_ordinary_news_fills_none(rules: RuleSet) -> None:
    reading = read("", "The council approved a new bus line to the harbour.", "en")
    hits = rules.topic_lexicon("en").hits(reading, None)
    assert fill(rules.rule(TROOPS).slots, reading, hits) is None

"""The weights of outcomes belong to the shipped patterns, and are made of the labelled texts alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from pipeline.core.facts.outcome_signs import names_of
from pipeline.core.facts.outcome_weights import OPENING, weights_apply
from pipeline.core.text.e5 import WIDTH
from scripts.train_outcomes import KNOWN, Texts, content, fitted
from tests.gate.shipped import TROOPS, shipped, troops_in


def test_the_weights_belong_to_the_shipped_patterns() -> None:
    facts = shipped().rule(TROOPS).facts
    assert facts is not None
    assert weights_apply(names_of(facts))
    assert not weights_apply([*names_of(facts), "authorised: a pattern of somebody else"])


@pytest.mark.parametrize(
    ("language", "title", "text", "outcome"),
    [
        ("en", "Blue helmets keep their beds", "The Council gave the force in Cyprus six more months.", "extended"),
        ("fr", "Six mois de plus à Djibouti", "Les députés ont reconduit la présence des soldats belges.", "extended"),
        ("de", "Sechs Wochen zum Packen", "Togo hat den italienischen Soldaten die Erlaubnis entzogen.", "revoked"),
        ("es", "Belice dice no", "El gabinete rechazó la petición de alojar a 80 soldados chilenos.", "rejected"),
    ],
)
def test_words_and_the_opening_decide_together(language: str, title: str, text: str, outcome: str) -> None:
    found = troops_in(text, language, date(2027, 3, 10), title).found
    assert found is not None
    assert found.scene.decision is not None
    assert found.scene.decision.outcome == outcome
    names = {name for name, weight in found.scene.decision.likely[0].contributions if weight}
    assert {OPENING, "bias"} < names


def test_training_twice_gives_the_same_bytes() -> None:
    noise = np.random.default_rng(7)
    rows = noise.normal(size=(60, 3 + WIDTH))
    labels = np.array([KNOWN[number % len(KNOWN)] for number in range(60)])
    texts = Texts(rows, labels, np.ones(60), np.arange(60) % 5, np.array(["leads"] * 60))
    every = np.ones(60, np.bool_)
    names = ["one", "two", "three"]
    assert content(fitted(texts, every), names) == content(fitted(texts, every), names)

"""The fit of evidence: the same input gives the same numbers, and only numbers change in the file."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from pipeline.core.facts.candidates import scale
from scripts.evidence_fields import FIELDS
from scripts.fit_evidence import EXPECTED, Choice, expected_weights, fit, written

SEEN = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


def _choices() -> list[Choice]:
    right = Choice(np.array(SEEN), np.array([True, False]), 1, 1.0, "development", 0)
    none = Choice(np.array([[0.0, 1.0, 0.0]]), np.array([False]), 0, 1.0, "development", 1)
    return [right] * 9 + [none] * 9


@pytest.mark.parametrize("several", [False, True])
def test_a_fit_is_repeated_exactly_and_learns_what_is_right(several: bool) -> None:
    expected = np.array([0.0, 0.0, -2.0])
    weights, enough = fit(_choices(), expected, several=several)
    again, enough_again = fit(_choices(), expected, several=several)
    assert weights.tobytes() == again.tobytes()
    assert enough == enough_again
    assert weights[0] > enough > weights[1]


@pytest.mark.parametrize("several", [False, True])
def test_evidence_that_no_article_has_keeps_its_expected_weight(several: bool) -> None:
    weights, _ = fit(_choices(), np.array([0.0, 0.0, -2.0]), several=several)
    assert weights[2] == pytest.approx(-2.0, abs=0.01)


def test_only_numbers_change_in_the_file() -> None:
    old = "[host]\nenough = 1.0\n# where\nhome = 0.5 # no outlet\nbody = { title = 1.6, lead = -0.2 }"
    new = written(old, 0.4, {"home": -0.04, "body-title": 2.0, "body-lead": 0.31})
    assert new == "[host]\nenough = 0.4\n# where\nhome = 0.0 # no outlet\nbody = { title = 2.0, lead = 0.3 }"


def test_every_expected_weight_is_of_known_evidence() -> None:
    for field, known in tomllib.loads(EXPECTED.read_text(encoding="utf-8")).items():
        assert field in FIELDS
        assert known.keys() <= scale(field).weights.keys(), field
        assert expected_weights(field).any()

"""A small topic with slots and a verifier, for tests."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import numpy as np

from pipeline.core.topics.features import BEGINNING, MEANING, sign_names
from pipeline.core.topics.judge import RuleSet, parse_rules
from pipeline.core.topics.read_verifier import ENCODERS
from pipeline.core.topics.verifier import DIMENSIONS
from tests.topic_files import Files, toml_files, topic_tables

SLOTS = {"party": ["force", "treaty + nation"], "act": ["act"], "body": ["body"]}
CONCEPTS = ["outbound"]
PLACE = "troops/verifier.toml"
TOPIC: dict[str, Any] = {
    "id": "troops", "version": 1, "threshold": 0.5, "title": {"en": "Troops"},
    "concepts": {
        "act": {"en": ["approve*", "let"], "fi": ["hyväksyi"]},
        "force": {"en": ["troops", "marines"], "fi": ["joukkojen"]},
        "treaty": {"en": ["defence pact"]},
        "nation": {"en": ["Danish"]},
        "body": {"en": ["senate"], "fi": ["parlamentti"]},
        "outbound": {"en": ["sent abroad"]},
    },
    "patterns": [{"name": "all in one sentence", "all": ["act", "force", "body"], "weight": 0.5}],
    "slots": SLOTS,
    "verifier": {"required": ["party", "act"], "concepts": CONCEPTS, "threshold": 0.5},
    "must_match": [{"text": "x"}], "must_not_match": [{"text": "x"}],
}  # fmt: skip


def tables(
    signs: Mapping[str, float] | None = None,
    vector: np.ndarray[Any, Any] | None = None,
    opening: np.ndarray[Any, Any] | None = None,
    meaning: np.ndarray[Any, Any] | None = None,
    **verifier: Any,
) -> Files:
    """The files of the topic. `signs`: weights that are not 0, and "bias"; `vector`: 8-bit weights of the
    beginning's vector, of scale 0.01; `opening`, `meaning`: those that propose the topic, from a probability of 0.5, or
    accept it alone."""
    verifier = verifier if opening is None else {"propose": 0.5, **verifier}
    verifier = verifier if meaning is None else {"alone": 0.5, **verifier}
    files = topic_tables({**deepcopy(TOPIC), "verifier": {**TOPIC["verifier"], **verifier}})
    names = sign_names(list(SLOTS), CONCEPTS)
    given = signs or {}
    own = {"bias": given.get("bias", 0.0), "signs": {name: given.get(name, 0.0) for name in names}}
    alone = {"bias": -1.0, "signs": {}}
    files[PLACE] = {
        **ENCODERS,
        "trained-on": "nothing",
        "with-meaning": {**own, MEANING: row(MEANING, None)},
        "with-opening": {**own, BEGINNING: row(BEGINNING, vector)},
        "meaning": {**alone, MEANING: row(MEANING, meaning)},
        "opening": {**alone, BEGINNING: row(BEGINNING, opening)},
    }
    return files


def row(part: str, steps: np.ndarray[Any, Any] | None) -> dict[str, Any]:
    """One row of weights of verifier.toml; zeros if there are none."""
    steps = np.zeros(DIMENSIONS[part], np.int8) if steps is None else steps
    return {"scale": 0.01, "weights": base64.b64encode(steps.tobytes()).decode()}


def ruleset(*arguments: Any, **options: Any) -> RuleSet:
    """The parsed rules of `tables`."""
    return parse_rules(toml_files(tables(*arguments, **options)))

"""Training a verifier: the same texts give the same bytes, and the committed weights are of the committed texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from pipeline.config.folder import rule_files
from pipeline.core.faults import Faults
from pipeline.core.text.encoder import DIMENSIONS
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.features import PARTS
from pipeline.core.topics.judge import RuleSet, parse_rules, untrained_rules
from pipeline.core.topics.rules import TopicRule
from scripts.logistic import fit
from scripts.train_verifier import verified_rules
from scripts.verifiers.content import content
from scripts.verifiers.proposals import events, propose
from scripts.verifiers.regression import fitted
from scripts.verifiers.texts import SETS, Candidate, Candidates, Other, Text, candidates, names_of
from tests.core.topics.verified import ruleset

TOPIC = "foreign-troop-authorization"
STEP = 0.0015  # weights of signs are rounded to 0.001


def test_a_regression_finds_what_tells_two_kinds_apart() -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(400, 3))
    right = (rng.random(400) < 1 / (1 + np.exp(-(2 * rows[:, 0] - 1)))).astype(float)
    weights, bias = fit(rows, right, np.ones(400), np.full(3, 1e-6))
    assert weights[0] == pytest.approx(2, abs=0.5)
    assert abs(weights[1:]).max() < 0.4
    assert bias == pytest.approx(-1, abs=0.4)
    likely = 1 / (1 + np.exp(-(rows @ weights + bias)))
    assert abs(rows.T @ (likely - right)).max() < 1e-3  # the slope at the best weights
    small, _ = fit(rows, right, np.ones(400), np.full(3, 100.0))
    assert 0 < small[0] < weights[0]


def test_a_text_that_counts_twice_is_like_two() -> None:
    rng = np.random.default_rng(4)
    rows, right = rng.normal(size=(30, 2)), (rng.random(30) < 0.5).astype(float)
    twice = fit(rows, right, np.full(30, 2.0), np.ones(2))
    both = fit(np.vstack([rows, rows]), np.append(right, right), np.ones(60), np.ones(2))
    assert np.allclose(twice[0], both[0])


@pytest.mark.parametrize(("kinds", "said"), [([], "0 candidates, 0 of"), ([True, True], "2 candidates, 2 of")])
def test_texts_of_one_kind_teach_nothing(kinds: list[bool], said: str) -> None:
    rule = ruleset().rules.topics[0]
    with pytest.raises(Faults, match=f"troops: {said}.*needs both kinds"):
        content(rule, Candidates([candidate(rule, right) for right in kinds]))


def test_without_texts_in_languages_that_the_encoder_knows_signs_decide_everywhere() -> None:
    rule = ruleset().rules.topics[0]
    text, *_ = content(rule, Candidates([candidate(rule, right) for right in (True, False)]))
    data = TomlFile.parse("troops/verifier.toml", text.encode()).data
    assert data["encoder"] == "usem3"
    assert data["with-vectors"]["signs"] == data["with-opening"]["signs"] == data["without-vectors"]["signs"]
    assert data["with-vectors"]["signs"]["slot party"] > 0


def candidate(rule: TopicRule, right: bool) -> Candidate:
    """A text in a language that the encoder does not know; its signs show which kind it is."""
    signs = np.full(len(names_of(rule)), float(right))
    return Candidate(Text("a", "mine", "fi", None, "", ""), right, False, signs, np.zeros(0))


def opened(name: str, right: bool, *spike: int, group: str = "mine") -> Other:
    """A text that is no candidate; its opening points where `spike` says."""
    opening = np.zeros(DIMENSIONS)
    opening[list(spike)] = len(spike) ** -0.5
    return Other(Text(name, group, "en", None, "Boots on the quay", "Men left the ferry."), right, opening)


def test_texts_about_one_event_belong_together() -> None:
    texts = [opened("a", True, 1), opened("b", True, 1), opened("c", True, 2), opened("d", False, 1, 2, 3)]
    assert events(texts) == [0, 0, 1, 2]
    family = [opened("es-l01a", True, 1, group="leads"), opened("es-l01b", False, 2, group="leads")]
    assert events(family) == [0, 0]


def test_texts_like_others_on_the_topic_are_proposed_to_the_verifier() -> None:
    rules = ruleset(opening=np.zeros(DIMENSIONS, np.int8), propose=0.6)
    texts = [opened(f"{kind}{n}", kind == "y", kind == "y", 9 + 2 * n, 10 + 2 * n) for n in range(30) for kind in "yn"]
    own = Candidates([], texts)
    propose(rules, rules.rules.topics[0], own)
    assert {one.text.id[0] for one in own.found} == {"y"}
    assert len(own.found) > 20
    assert all(one.proposed and not one.accepted and len(one.vectors) for one in own.found)
    assert len(own.found) + len(own.others) == len(texts)
    unasked = Candidates([], texts)
    propose(ruleset(), ruleset().rules.topics[0], unasked)  # a verifier without `propose`
    assert (unasked.found, unasked.others) == ([], texts)


def test_a_set_that_is_kept_apart_teaches_nothing() -> None:
    rules = ruleset(opening=np.zeros(DIMENSIONS, np.int8), propose=0.6)
    texts = [opened(f"{kind}{n}", kind == "y", kind == "y", 9 + 2 * n, 10 + 2 * n) for n in range(30) for kind in "yn"]
    own = Candidates([], texts)
    propose(rules, rules.rules.topics[0], own, apart=["mine"])
    assert own.found == []


def test_only_topics_with_a_verifier_are_trained() -> None:
    rules = ruleset()
    assert [rule.id for rule in verified_rules(rules, [])] == ["troops"]
    with pytest.raises(Faults, match=r"troop: is not a topic with \[verifier\] \(known: troops\)"):
        verified_rules(rules, ["troop"])


@pytest.fixture(scope="module")
def on_signs() -> tuple[RuleSet, dict[str, Candidates]]:
    """The candidates of all topics, without vectors: encoding them takes minutes."""
    ruleset = untrained_rules(rule_files(Path("config")))
    return ruleset, candidates(ruleset, verified_rules(ruleset, []), SETS, encoded=False)


@pytest.mark.slow
def test_the_committed_weights_are_of_the_committed_rules_and_texts(
    on_signs: tuple[RuleSet, dict[str, Candidates]],
) -> None:
    """By those that weigh signs alone, as the others are made of the same texts. On another processor the last digit
    may differ."""
    _, by_topic = on_signs
    shipped = parse_rules(rule_files(Path("config")))
    stale = []
    for topic, own in by_topic.items():
        rule = shipped.rule(topic)
        assert rule.verifier
        made, weights = fitted(own.found), rule.verifier.without_vectors
        found = np.array([weights.signs[name] for name in names_of(rule)])
        if abs(found - made.signs).max() > STEP or abs(weights.bias - made.bias) > STEP:
            stale.append(topic)
    command = f"python scripts/train_verifier.py {' '.join(stale)}"
    assert not stale, f"rules or labelled texts changed after the training: run {command}"


@pytest.mark.slow
def test_the_committed_weights_decide_as_their_texts_are_labelled() -> None:
    """Weights for vectors of other parts or other sentences would hardly be better than chance."""
    ruleset = parse_rules(rule_files(Path("config")))
    rules = verified_rules(ruleset, [TOPIC])
    [own] = candidates(ruleset, rules, ["short"]).values()
    assert rules[0].verifier
    weights, names = rules[0].verifier.with_vectors, names_of(rules[0])
    vectors = [scale * np.frombuffer(steps, np.int8) for scale, steps in (weights.vectors[part] for part in PARTS)]
    signs = np.array([weights.signs[name] for name in names])
    encoded = [one for one in own.found if len(one.vectors)]
    by_vectors = np.array([one.vectors @ np.concatenate(vectors) for one in encoded])
    for totals, enough in (
        ([weights.bias + float(one.signs @ signs) + more for one, more in zip(encoded, by_vectors, strict=True)], 0.9),
        (by_vectors - np.median(by_vectors), 0.7),
    ):
        right = [(total > 0) == one.right for one, total in zip(encoded, totals, strict=True)]
        assert len(right) > 100
        assert sum(right) / len(right) > enough, "run python scripts/train_verifier.py"


def trained(topic: str, sets: Sequence[str]) -> tuple[str, int, int]:
    """The content of verifier.toml, and the number of candidates, and of those that have the topic."""
    fresh = untrained_rules(rule_files(Path("config")))
    rule = fresh.rule(topic)
    own = candidates(fresh, [rule], sets)[topic]
    propose(fresh, rule, own)
    return content(rule, own)


@pytest.mark.slow
def test_training_twice_gives_identical_bytes() -> None:
    first = trained(TOPIC, ["short"])
    assert trained(TOPIC, ["short"]) == first
    assert first[1] > 100


@pytest.mark.slow
def test_what_is_written_is_read() -> None:
    text, *_ = trained(TOPIC, [])  # the examples of the rule alone
    file = TomlFile.parse(f"topics/{TOPIC}/verifier.toml", text.encode())
    rules = parse_rules([*(one for one in rule_files(Path("config")) if one.name != file.name), file])
    verifier = rules.rule(TOPIC).verifier
    assert verifier
    assert verifier.with_vectors.bias == file.data["with-vectors"]["bias"]
    assert any(verifier.with_vectors.vectors["lead"][1])

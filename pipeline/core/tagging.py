"""All that the rules and the gazetteer find in one article, as one judgement. Finds nothing itself.

Topics come first; the facts of those that have any can take a topic back: what they tell only of an earlier year is no
news of it.
"""

from __future__ import annotations

from datetime import date

from pipeline.core.facts import find_facts
from pipeline.core.places import find_places
from pipeline.core.reading import read
from pipeline.core.topics import RuleSet, judge
from pipeline.records import Facts, Tags

PAST = "past"


def find_tags(
    rules: RuleSet, title: str, text: str, language: str | None, published: date | None = None, home: str | None = None
) -> Tags:
    """Topics, facts, countries and places of an article (`title` and `text` in NFC).

    `published`: what relative dates count from. `home`: the outlet's country, the host where none is named.
    """
    reading = read(title, text)
    countries, places = find_places(reading, language)
    topics = judge(rules, reading, language)
    facts = find_facts(rules, topics, reading, language, places, published, home)
    past = {one.topic for one in facts if is_past(one)}
    return Tags(
        rules=rules.hash,
        topics=tuple(topic for topic in topics if topic.id not in past),
        countries=countries,
        places=places,
        facts=tuple(one for one in facts if one.topic not in past),
    )


def is_past(facts: Facts) -> bool:
    """They tell only of an earlier year: the article does not have the topic."""
    return facts.outcome is not None and facts.outcome.value == PAST

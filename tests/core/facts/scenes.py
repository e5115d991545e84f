"""Small articles as scenes of the flagship topic, and the facts found in them, by the shipped rules."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from pipeline.config.folder import rules_of
from pipeline.core.facts import facts_of, scene_of
from pipeline.core.facts.country_roles import country_roles
from pipeline.core.facts.parties import find_parties
from pipeline.core.facts.scene import Scene
from pipeline.core.places.resolve import find_mentions, settle_places
from pipeline.core.text.reading import read
from pipeline.core.topics.judge import RuleSet
from pipeline.records import Facts, Stated

TOPIC = "foreign-troop-authorization"
PUBLISHED = date(2027, 3, 10)


@cache
def rules() -> RuleSet:
    return rules_of(Path("config"))


def told(text: str, language: str, title: str = "", *, home: str | None = None) -> Facts:
    """The facts of an article that is taken to have the topic."""
    one = scene(text, language, title, home=home)
    return facts_of(TOPIC, one, find_parties(one, country_roles(one)))


def scene(text: str, language: str, title: str = "", *, home: str | None = None) -> Scene:
    reading = read(title, text)
    mentions = find_mentions(reading, language)
    _, places = settle_places(reading, language, mentions)
    rule = next(rule for rule in rules().rules.topics if rule.id == TOPIC)
    assert rule.facts is not None
    return scene_of(rules(), rule, rule.facts, reading, language, mentions, places, PUBLISHED, home)


def words(leaf: Stated, title: str, text: str) -> str:
    """What stands where the leaf says it stands."""
    return (title if leaf.field == "title" else text)[leaf.start : leaf.end]

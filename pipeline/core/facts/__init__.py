"""What an article tells of an event: who lets whom in, by what act, when, how many, where. docs/facts.md has the form.

Each file here finds one kind of fact in a `Scene`; this one puts them together. Which words mean what is data: the
concepts that the topic's [facts] name (config/topics), and tables by language in core/vocabulary. What is not stated
is left out; nothing is guessed that no words stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from pipeline.core.facts.arms import find_armed, find_weapons
from pipeline.core.facts.body import find_body
from pipeline.core.facts.country_roles import country_roles
from pipeline.core.facts.formations import find_units
from pipeline.core.facts.instrument import find_instrument
from pipeline.core.facts.outcome import find_outcome, weigh
from pipeline.core.facts.own_forces import own_forces_share
from pipeline.core.facts.parties import Parties, find_parties
from pipeline.core.facts.period import find_period
from pipeline.core.facts.personnel import find_personnel
from pipeline.core.facts.purpose import find_purpose
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.sites import find_sites
from pipeline.core.facts.votes import find_vote
from pipeline.core.places.mentions import Mention
from pipeline.core.text.reading import Reading
from pipeline.core.topics.judge import RuleSet, satisfied
from pipeline.core.topics.rules import FactRules, TopicRule
from pipeline.records import Facts, Place, Topic


class ScoredFacts(NamedTuple):
    """Facts, and what they leave of the topic's score: less where the forces are the deciding country's own."""

    facts: Facts
    score: float  # not cut off at 0 and 1


def find_facts(
    ruleset: RuleSet, topics: Sequence[Topic], reading: Reading, language: str | None,
    mentions: Sequence[Mention], places: Sequence[Place], published: date | None, home: str | None,
) -> tuple[ScoredFacts, ...]:  # fmt: skip
    """The facts of an article for each of its `topics` that has [facts], in the order of `topics`."""
    rules = {rule.id: rule for rule in ruleset.rules.topics}
    found = []
    for topic in topics:
        rule = rules[topic.id]
        if rule.facts is not None:
            scene = scene_of(ruleset, rule, rule.facts, reading, language, mentions, places, published, home)
            mentioned = country_roles(scene)
            parties = find_parties(scene, mentioned)
            score = scene.score + rule.facts.own_forces * own_forces_share(scene, mentioned, parties)
            found.append(ScoredFacts(facts_of(topic.id, scene, parties), score))
    return tuple(found)


def scene_of(
    ruleset: RuleSet, rule: TopicRule, facts: FactRules, reading: Reading, language: str | None,
    mentions: Sequence[Mention], places: Sequence[Place], published: date | None, home: str | None,
) -> Scene:  # fmt: skip
    """The article made ready for the finders of `facts`, those of `rule`."""
    hits = ruleset.lexicon(language).hits(reading)
    met = satisfied(rule.patterns, reading, hits)
    event = {reading.sentence_at(span[0]) for p, found in met if p.weight > 0 for _, spans in found for span in spans}
    outcomes = dict.fromkeys(pattern for _, pattern in facts.outcomes)
    speaking = {id(p): met for p, met in satisfied(tuple(outcomes), reading, hits)}
    return Scene(
        reading, language, published, home,
        roles={role: hits.get(key, ()) for role, key in facts.roles.items()},
        mentions=mentions,
        places=places,
        event=tuple(sorted(event)),
        outcomes=[(outcome, p, speaking[id(p)]) for outcome, p in facts.outcomes if id(p) in speaking],
        score=sum(pattern.weight for pattern, _ in met),
    )  # fmt: skip


def facts_of(topic: str, scene: Scene, parties: Parties) -> Facts:
    """What each finder finds in `scene`."""
    decided = weigh(scene)
    return Facts(
        topic=topic,
        outcome=find_outcome(scene, decided),
        host=parties.host,
        senders=parties.senders,
        body=find_body(scene, parties, decided),
        instrument=find_instrument(scene),
        vote=find_vote(scene),
        period=find_period(scene),
        armed=find_armed(scene),
        weapons=find_weapons(scene),
        personnel=find_personnel(scene),
        units=find_units(scene),
        places=find_sites(scene, parties),
        purpose=find_purpose(scene),
    )

"""Finds the facts of an event: which country admits whose forces, by which act, when, how many, where.

Each module finds one kind of fact in a `Scene`; `find_facts` puts them together. The words are data: the concepts that
the topic's [facts] name (config/topics), and tables by language in core/vocabulary. What the article does not state is
left out; nothing is guessed. docs/facts.md describes the facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.core.facts.answers import with_answers
from pipeline.core.facts.arms import find_armed, find_weapons
from pipeline.core.facts.body import find_body
from pipeline.core.facts.country_roles import CountryRole, country_roles
from pipeline.core.facts.formations import find_units
from pipeline.core.facts.instrument import find_instrument
from pipeline.core.facts.mandate import find_mandate
from pipeline.core.facts.own_forces import own_forces_share
from pipeline.core.facts.parties import UNKNOWN, Known, Parties, acting_elsewhere, find_parties
from pipeline.core.facts.period import find_period
from pipeline.core.facts.personnel import find_personnel
from pipeline.core.facts.purpose import find_purpose
from pipeline.core.facts.scene import Context, Scene, make_scene
from pipeline.core.facts.sites import find_sites
from pipeline.core.facts.votes import find_vote
from pipeline.core.topics.hits import Hits
from pipeline.core.topics.judge import TopicMatch
from pipeline.records import Facts


class FoundFacts(NamedTuple):
    """The facts of one topic, and what they were found in. `mentioned`: the countries, with their roles. `own_forces`:
    how clearly the forces belong to the deciding country, 0 to 1."""

    facts: Facts
    scene: Scene
    mentioned: tuple[CountryRole, ...]
    parties: Parties
    own_forces: float


def find_facts(context: Context, match: TopicMatch, hits: Hits, known: Known = UNKNOWN) -> FoundFacts | None:
    """The facts of the article for a topic; None if the topic has no [facts]. `hits`: of all concepts. `known`: of the
    countries, if it is one of several events."""
    rules = match.rule.facts
    if rules is None:
        return None
    hits = with_answers(context.reading, context.language, rules, hits)
    scene = make_scene(context, match, rules, hits)
    mentioned = country_roles(scene)
    parties = find_parties(scene, mentioned, known)
    scene = scene.decided(acting_elsewhere(mentioned, parties))
    share = own_forces_share(scene, mentioned, parties)
    return FoundFacts(facts_of(match.rule.id, scene, parties, mentioned), scene, tuple(mentioned), parties, share)


def facts_of(topic: str, scene: Scene, parties: Parties, mentioned: Sequence[CountryRole]) -> Facts:
    """The facts in `scene`, from all finders."""
    decision, vote = scene.decision, find_vote(scene)
    return Facts(
        topic=topic,
        outcome=scene.stated(decision.outcome, *decision.acts[0]) if decision and decision.sure else None,
        host=parties.host,
        senders=parties.senders,
        body=find_body(scene, parties, mentioned),
        mandate=find_mandate(scene),
        instrument=find_instrument(scene, str(parties.host.value) if parties.host else None),
        vote=vote,
        period=find_period(scene),
        armed=find_armed(scene),
        weapons=find_weapons(scene),
        personnel=find_personnel(scene, vote, parties),
        units=find_units(scene),
        places=find_sites(scene, parties),
        purpose=find_purpose(scene),
    )

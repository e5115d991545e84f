"""Judges an article: topics, facts, countries and places, computed once for `tag`, `explain` and `evaluate`.

Topics come first. Facts can then remove a topic: an event of an earlier year is not news, and a country that sends its
own forces abroad does not admit foreign ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import msgspec

from pipeline.core.facts import FoundFacts, find_facts
from pipeline.core.facts.decision import PAST
from pipeline.core.facts.own_forces import OWN
from pipeline.core.facts.parties import Known
from pipeline.core.facts.scene import Context
from pipeline.core.places.resolve import find_mentions, settle_places
from pipeline.core.tagging.several import facts_of_events
from pipeline.core.text.reading import read
from pipeline.core.topics.explain import Explained, explain
from pipeline.core.topics.hits import Hits
from pipeline.core.topics.judge import RuleSet, TopicMatch, judge, match_topic, topic_of, verified
from pipeline.core.topics.slots import fill
from pipeline.records import Article, Facts, Stated, Tags

Denial = Literal["past", "own forces"]  # the event is of an earlier year; the forces are the deciding country's own


@dataclass(frozen=True, slots=True)
class JudgedTopic:
    """One topic of an article, and its facts if the topic has [facts]: one object for each event."""

    match: TopicMatch
    found: FoundFacts | None
    facts: tuple[Facts, ...] = ()

    @property
    def denied_by(self) -> Denial | None:
        """Why the facts remove the topic, if they do. They weigh single words: what the verifier is sure of stays."""
        if self.found is None or self.match.rule.facts is None or self.match.sure:
            return None
        if _past(self.found.facts):
            return "past"
        if self.match.accepted_by == "verifier":
            return "own forces" if self.match.rule.facts.own_forces and self.found.own_forces == OWN else None
        return "own forces" if self.match.outweighed else None

    @property
    def denying(self) -> Stated | None:
        """The words that show why the facts remove the topic."""
        if self.found is None or self.denied_by is None:
            return None
        forces = self.found.scene.spans("force")
        return (
            self.found.facts.outcome
            if self.denied_by == "past" or not forces
            else self.found.scene.as_written(*forces[0])
        )

    @property
    def holds(self) -> bool:
        """Whether the article has the topic."""
        return self.match.matches and self.denied_by is None


@dataclass(frozen=True, slots=True)
class Judged:
    """One judged article. `topics`: those that patterns or verifier accept, highest score first."""

    rules: RuleSet
    context: Context
    hits: Hits  # of the concepts that patterns use
    topics: tuple[JudgedTopic, ...]

    @property
    def tags(self) -> Tags:
        """The tags to store."""
        kept = [topic for topic in self.topics if topic.holds]
        found = {topic.match.rule.id for topic in kept}  # by its opening also a topic without terms in the language
        return Tags(
            rules=self.rules.hash,
            topics=tuple(topic_of(topic.match, self.context.reading) for topic in kept),
            countries=self.context.countries,
            places=self.context.places,
            facts=tuple(facts for topic in kept for facts in topic.facts),
            untagged=tuple(name for name in self.rules.untagged(self.context.language) if name not in found),
        )

    def topic(self, name: str) -> JudgedTopic:
        """The topic with this id, without facts if the article lacks it. Raises KeyError if no rule has it."""
        for topic in self.topics:
            if topic.match.rule.id == name:
                return topic
        return JudgedTopic(self._match(name), None)

    def assuming(self, topics: Iterable[str]) -> Judged:
        """The same article with exactly these topics, whatever its score for them."""
        matches = [match_topic(self.rules.rule(name), self.context.reading, self.hits) for name in topics]
        return replace(self, topics=_with_facts(self.rules, self.context, matches, self.hits))

    def explain(self, topic: JudgedTopic) -> Explained:
        """The result of every pattern of a topic."""
        return explain(topic.match, self.rules.rules, self.context.reading, self.context.language, self.hits)

    def _match(self, name: str) -> TopicMatch:
        reading, language = self.context.reading, self.context.language
        proposed = self.rules.proposer.proposed(reading, language).get(name)
        return verified(match_topic(self.rules.rule(name), reading, self.hits, proposed), reading, language, self.hits)


def judge_record(article: Article, rules: RuleSet) -> Judged:
    """What the rules and the gazetteer find in `article`. Relative dates count from its own date."""
    published = (article.published.value if article.published else article.seen).date()
    return judge_article(rules, article.title.value, article.text, article.language, published, article.country)


def judge_article(
    rules: RuleSet, title: str, text: str, language: str | None, published: date | None = None, home: str | None = None
) -> Judged:
    """Topics, facts, countries and places of an article (`title` and `text` in NFC).

    `published`: the date that relative dates and years count from. `home`: the outlet's country, which is the host if
    none is named.
    """
    context = _context(title, text, language, published, home)
    hits = rules.topic_lexicon(language).hits(context.reading, published)
    return Judged(
        rules, context, hits, _with_facts(rules, context, judge(rules, context.reading, language, hits), hits)
    )


def assume_topics(
    rules: RuleSet, topics: Iterable[str], title: str, text: str, language: str | None, published: date | None = None
) -> Judged:  # fmt: skip
    """The article with exactly these topics, whatever its score for them. No verifier is asked: much faster."""
    context = _context(title, text, language, published, None)
    hits = rules.topic_lexicon(language).hits(context.reading, published)
    return Judged(rules, context, hits, ()).assuming(topics)


def _context(title: str, text: str, language: str | None, published: date | None, home: str | None) -> Context:
    reading = read(title, text, language)
    mentions = find_mentions(reading, language)
    countries, places = settle_places(reading, language, mentions)
    return Context(reading, language, published, home, mentions, countries, places)


def _with_facts(
    rules: RuleSet, context: Context, matches: Sequence[TopicMatch], hits: Hits
) -> tuple[JudgedTopic, ...]:  # fmt: skip
    if not any(match.rule.facts for match in matches):
        return tuple(JudgedTopic(match, None) for match in matches)
    every = rules.fact_lexicon(context.language).hits(context.reading, context.published, hits)
    judged = []
    for match in matches:
        found = find_facts(context, match, every)
        judged.append(_with_events(rules, context, _weighed(match, found, context, hits), found))
    return tuple(judged)


def _weighed(match: TopicMatch, found: FoundFacts | None, context: Context, hits: Hits) -> TopicMatch:
    """The match with what doubts about whose forces they are take from its patterns; if the rest is not enough, the
    verifier is asked, unless the facts leave no doubt."""
    if found is None or match.rule.facts is None:
        return match
    match = replace(match, deducted=match.rule.facts.own_forces * found.own_forces)
    if not match.outweighed or found.own_forces == OWN:
        return match
    filling = fill(match.rule.slots, context.reading, hits)
    asked = verified(replace(match, filling=filling), context.reading, context.language, hits) if filling else match
    return asked if asked.matches else match


def _with_events(rules: RuleSet, context: Context, match: TopicMatch, found: FoundFacts | None) -> JudgedTopic:
    """The topic with the facts of each event."""
    if found is None:
        return JudgedTopic(match, None)

    def again(title: str, text: str, known: Known) -> FoundFacts | None:
        part = replace(_context(title, text, context.language, context.published, context.home), fragment=True)
        hits = rules.topic_lexicon(part.language).hits(part.reading, part.published)
        every = rules.fact_lexicon(part.language).hits(part.reading, part.published, hits)
        return find_facts(part, match_topic(match.rule, part.reading, hits), every, known)

    facts = facts_of_events(found, again)
    if match.sure:  # of the topic, so the year is not that of the event
        facts = tuple(msgspec.structs.replace(one, outcome=None) if _past(one) else one for one in facts)
    return JudgedTopic(match, found, facts)


def _past(facts: Facts) -> bool:
    return facts.outcome is not None and facts.outcome.value == PAST

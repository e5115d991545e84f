"""The scene: what the finders of facts search, an article and the words of the topic's concepts in it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipeline.core.expressions.numbers import numbers
from pipeline.core.facts.decision import Decision, decide, weigh_patterns
from pipeline.core.facts.outcome_signs import names_of, signs_of_concepts
from pipeline.core.places.mentions import Mention
from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Hits, Span
from pipeline.core.topics.judge import TopicMatch
from pipeline.core.topics.patterns import Met, meet
from pipeline.core.topics.rules import FactRules, Pattern
from pipeline.records import Place, Stated

NAMED_BEFORE = "named-before"  # the role of words that answers.py finds
_COUNTED = 10  # words from a number to those who vote


@dataclass(frozen=True, slots=True)
class Context:
    """An article as every topic sees it. `published`: the date that "next Monday" counts from. `home`: the outlet's
    country. `countries`: ISO 3166-1 alpha-2, most mentioned first. `fragment`: whether it is only what an article has
    about one of several events."""

    reading: Reading
    language: str | None
    published: date | None
    home: str | None
    mentions: Sequence[Mention]
    countries: tuple[str, ...]
    places: tuple[Place, ...]
    fragment: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """An article as one topic sees it. `roles`: the spans of each concept, by its role in [facts]. `event`: numbers of
    the sentences with evidence of the topic, headline first. `outcomes`: the satisfied patterns, each with the outcome
    that it indicates; `answers`: sentences in which one decides what was named before. `acts`: words for an act
    anywhere, in order, with the outcome they can indicate; `acting`: their sentences. `signs`: what speaks for
    outcomes, by name, 0 for what was not found. `decision`: the outcome; set by `decided`, when the parties are
    known."""

    reading: Reading
    language: str | None
    published: date | None
    home: str | None
    mentions: Sequence[Mention]
    places: Sequence[Place]
    roles: Mapping[str, Sequence[Span]]
    event: Collection[int]
    outcomes: Sequence[tuple[str, Pattern, Met]]
    answers: frozenset[int]
    acts: Sequence[tuple[Span, str]]
    acting: frozenset[int]
    signs: Mapping[str, float]
    decision: Decision | None
    fragment: bool = False

    def stated(self, value: str | int, first: int, last: int, *, implied: bool = False) -> Stated:
        """`value` with its evidence: the words first to last (exclusive) of one sentence."""
        start, end = self.reading.place(first, last)
        sentence = self.reading.sentences[self.reading.sentence_at(first)]
        quoted = self.reading.quote(sentence)
        return Stated(value=value, start=start, end=end, implied=implied, field=sentence.field, sentence=quoted)

    def as_written(self, first: int, last: int) -> Stated:
        """The words first to last (exclusive) as written, as a value that is its own evidence."""
        return self.stated(self.reading.original(first, last), first, last)

    def spans(self, role: str) -> Sequence[Span]:
        """Where the concept in `role` was found; empty if the topic names none."""
        return self.roles.get(role, ())

    def spans_in(self, role: str, sentence: int) -> list[Span]:
        """The spans that start in one sentence, in order."""
        at, spans = self.reading.sentences[sentence], self.spans(role)
        return list(spans[bisect_left(spans, (at.first,)) : bisect_left(spans, (at.last,))])

    def covered(self, *roles: str, sentence: int | None = None) -> set[int]:
        """The words in the spans of these roles; with `sentence`, in those that start in it."""
        found = (self.spans(role) if sentence is None else self.spans_in(role, sentence) for role in roles)
        return {word for spans in found for first, last in spans for word in range(first, last)}

    def acts_in(self, sentence: int) -> Sequence[tuple[Span, str]]:
        """The acts whose words start in one sentence, in order, each with the outcome it can indicate."""
        at = self.reading.sentences[sentence]
        return self.acts[bisect_left(self.acts, ((at.first,), "")) : bisect_left(self.acts, ((at.last,), ""))]

    def mentions_in(self, sentence: int) -> Sequence[Mention]:
        """The mentions of places that start in one sentence, in order."""
        at = self.reading.sentences[sentence]
        first, last = (bisect_left(self.mentions, word, key=lambda one: one.first) for word in (at.first, at.last))
        return self.mentions[first:last]

    def decided(self, elsewhere: Collection[int]) -> Scene:
        """The scene with its decision. `elsewhere`: sentences in which another country acts than the host."""
        ballots = [span for span in self.spans("vote-against") if self._counted(span)]
        stated = weigh_patterns(
            self.outcomes, self.reading, self.published, elsewhere, ballots, min(self.answers, default=None)
        )
        signs = {**self.signs, **{name: value for name, value in stated.signs.items() if name in self.signs}}
        return replace(self, signs=signs, decision=decide(stated, signs, self.reading, self.fragment))

    def _counted(self, span: Span) -> bool:
        """Whether a number is shortly before the words."""
        sentence = self.reading.sentences[self.reading.sentence_at(span[0])]
        return bool(numbers(self.reading, max(sentence.first, span[0] - _COUNTED), span[0], self.language))


def make_scene(context: Context, match: TopicMatch, facts: FactRules, hits: Hits) -> Scene:
    """The scene of an article that matches a topic with these [facts]. `hits`: of all concepts."""
    reading = context.reading
    spans = (span for _, spans in match.places for span in spans)
    patterns = {id(pattern): pattern for _, pattern in facts.outcomes}
    met = {number: meet(pattern, reading, hits) for number, pattern in patterns.items()}
    outcomes = [(outcome, p, met[id(p)]) for outcome, p in facts.outcomes if met[id(p)]]
    acts = {(span, outcome) for outcome, p in facts.outcomes if outcome != "past" for span in hits.get(p.all[0], ())}
    return Scene(
        reading, context.language, context.published, context.home, context.mentions, context.places,
        roles={role: hits.get(key, ()) for role, key in facts.roles.items()},
        event=dict.fromkeys(sorted({reading.sentence_at(first) for first, _ in spans})),
        outcomes=outcomes,
        answers=frozenset(
            reading.sentence_at(spans[0][0])
            for _, p, met in outcomes for concepts, spans in met if facts.roles.get(NAMED_BEFORE) in concepts
        ),
        acts=sorted(acts),
        acting=frozenset(reading.sentence_at(first) for (first, _), _ in acts),
        signs={**dict.fromkeys(names_of(facts), 0.0), **signs_of_concepts(facts, reading, hits)},
        decision=None,
        fragment=context.fragment,
    )  # fmt: skip

"""Decides the outcome of the event, by the topic's satisfied [[outcomes]], their words and the opening."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from pipeline.core.facts.outcome_signs import sign_of_pattern
from pipeline.core.facts.outcome_weights import Likely, enough, enough_of_patterns, likely, weights_apply
from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Span
from pipeline.core.topics.patterns import Met
from pipeline.core.topics.rules import Pattern
from pipeline.records import OUTCOMES

PAST = "past"
_ELSEWHERE = 0.25  # share of what another country does
_NEWS = 0.25  # weight of an outcome that an earlier permission cannot outweigh
_ANSWERED = 0.25  # share of a request or debate that is answered later
_OPEN = ("proposed", "debated")
_GRANTED = ("authorised", "extended")

_Met = tuple[str, Pattern, Met]


class Decision(NamedTuple):
    """The outcome of an event. `outcome`: one of records.OUTCOMES. `acts`: the words that state it, heaviest pattern
    first; without any, the first sentence. `weight`: how much the patterns support it. `sure`: whether it is probable
    enough to be a fact; `likely`: all outcomes by their probability, empty if the patterns alone decide."""

    outcome: str
    acts: tuple[Span, ...]
    weight: float = 0.0
    sure: bool = True
    likely: tuple[Likely, ...] = ()


class Stated(NamedTuple):
    """What the satisfied patterns say: the weight of each outcome, how much of it is not past (`news`), its acts
    with their weights, and how far each pattern is satisfied, by the name of its sign."""

    weights: defaultdict[str, float]
    news: defaultdict[str, float]
    acts: defaultdict[str, list[tuple[float, Span]]]
    signs: defaultdict[str, float]


def weigh_patterns(
    met_patterns: Iterable[tuple[str, Pattern, Met]], reading: Reading, published: date | None,
    elsewhere: Collection[int] = (), ballots: Collection[Span] = (), answered: int | None = None,
) -> Stated:  # fmt: skip
    """Adds up the patterns. A pattern's first concept is the act.

    `elsewhere`: sentences in which another country acts than the host; they count little. `ballots`: words of the side
    against, with its number; they are no refusal if something was granted. `answered`: the sentence that answers
    requests and debates of earlier ones, which then count little; those of the title remain.
    """
    found = Stated(defaultdict(float), defaultdict(float), defaultdict(list), defaultdict(float))
    met_patterns = _without(ballots, met_patterns)
    earlier = {
        reading.sentence_at(spans[0][0])
        for outcome, _, met in met_patterns for _, spans in met
        if outcome == PAST and long_ago(reading, published, spans[-1])
    }  # fmt: skip
    for outcome, pattern, met in met_patterns:
        if outcome == PAST and not earlier:
            continue
        sentences = [reading.sentence_at(spans[0][0]) for _, spans in met]
        shares = [_ELSEWHERE if sentence in elsewhere else 1.0 for sentence in sentences]
        if outcome in _OPEN and answered is not None:
            before = range(reading.parts["headline"], answered)
            shares = [share * (_ANSWERED if n in before else 1.0) for share, n in zip(shares, sentences, strict=True)]
        name = sign_of_pattern(outcome, pattern.name)
        found.signs[name] = max(found.signs[name], *shares)
        found.weights[outcome] += pattern.weight * max(shares)
        if not earlier.issuperset(sentences):
            found.news[outcome] += pattern.weight * max(shares)
        if pattern.weight > 0:
            acts = zip(shares, met, strict=True)
            found.acts[outcome] += [(pattern.weight * share, spans[0]) for share, (_, spans) in acts]
    return found


def decide(stated: Stated, signs: Mapping[str, float], reading: Reading, fragment: bool) -> Decision | None:
    """The outcome that is most probable, if there are weights for `signs`, names of all that the topic knows with what
    was found. Without weights, or if no outcome is probable, the one with the highest weight of its patterns. None if
    no weight is positive.

    An event is PAST if its patterns weigh most and nothing in the text is news. A `fragment` of an article has too few
    words for probabilities that were learned from whole ones: its patterns decide, and without any nothing is sure.
    """
    best = max(OUTCOMES, key=lambda outcome: stated.weights[outcome])
    if best == PAST:
        now = max(OUTCOMES, key=lambda outcome: stated.news[outcome])
        best = now if stated.news[now] >= _NEWS else best
    stating = stated.weights[best] > 0
    if best == PAST or (fragment and stating) or not weights_apply(signs):
        acts = _acts(stated, best)
        return Decision(best, acts, stated.weights[best]) if stating and acts else None
    every = likely({name: value for name, value in signs.items() if value}, reading)
    outcome, probability, _ = every[0]
    sure = not fragment and probability >= enough(agreed=outcome == best and stating)
    if not sure and stated.weights[best] >= enough_of_patterns():
        outcome, sure = best, True
    acts = _acts(stated, outcome) or _opening(reading)
    return Decision(outcome, acts, stated.weights[outcome], sure, tuple(every)) if acts else None


def _acts(stated: Stated, outcome: str) -> tuple[Span, ...]:
    """The words for the act, heaviest first."""
    ranked = sorted(stated.acts[outcome], key=lambda act: (-act[0], act[1]))
    return tuple(dict.fromkeys(span for _, span in ranked))


def _opening(reading: Reading) -> tuple[Span, ...]:
    """The words of the first sentence of the text, or of the title."""
    at = next((one for one in reading.sentences if one.field == "text" and one.last > one.first), None)
    at = at or next((one for one in reading.sentences if one.last > one.first), None)
    return ((at.first, at.last),) if at else ()


def _without(ballots: Collection[Span], met_patterns: Iterable[tuple[str, Pattern, Met]]) -> list[_Met]:
    """The satisfied patterns, without refusals that are votes against what was granted."""
    every = list(met_patterns)
    if not ballots or not any(outcome in _GRANTED for outcome, _, _ in every):
        return every
    words = {word for span in ballots for word in range(*span)}
    kept = [
        (outcome, pattern, [one for one in met if outcome != "rejected" or words.isdisjoint(range(*one[1][0]))])
        for outcome, pattern, met in every
    ]
    return [one for one in kept if one[2]]


def long_ago(reading: Reading, published: date | None, span: Span) -> bool:
    """Whether words for an earlier time really mean one: not if they name the article's year or a later one.

    {earlier-year} in a term matches earlier years only, but a gap in the term can contain any: "in 2027, unlike 2019".
    """
    years = [int(word) for word in reading.words[span[0] : span[1]] if len(word) == 4 and word.isdecimal()]
    return not (years and published and max(years) >= published.year)

"""Decides the outcome of the event, by the weights of the topic's satisfied [[outcomes]]."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Span
from pipeline.core.topics.patterns import Met
from pipeline.core.topics.rules import Pattern
from pipeline.records import OUTCOMES

PAST = "past"
_ELSEWHERE = 0.25  # share of what another country does
_NEWS = 0.25  # weight of an outcome that an earlier permission cannot outweigh
_GRANTED = ("authorised", "extended")

_Met = tuple[str, Pattern, Met]


class Decision(NamedTuple):
    """The outcome of an event. `outcome`: one of records.OUTCOMES. `acts`: the words that state it, heaviest pattern
    first. `weight`: how much in the text supports it."""

    outcome: str
    acts: tuple[Span, ...]
    weight: float = 0.0


def weigh_outcomes(
    met_patterns: Iterable[tuple[str, Pattern, Met]], reading: Reading, published: date | None,
    elsewhere: Collection[int] = (), ballots: Collection[Span] = (),
) -> Decision | None:  # fmt: skip
    """The outcome with the highest total weight; None if no total is positive. A pattern's first concept is the act.

    `elsewhere`: sentences in which another country acts than the host; they count little. `ballots`: words of the side
    against, with its number; they are no refusal if something was granted.
    """
    weights, news = defaultdict[str, float](float), defaultdict[str, float](float)
    acts = defaultdict[str, list[tuple[float, Span]]](list)
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
        weights[outcome] += pattern.weight * max(shares)
        if not earlier.issuperset(sentences):
            news[outcome] += pattern.weight * max(shares)
        if pattern.weight > 0:
            found = zip(shares, met, strict=True)
            acts[outcome] += [(pattern.weight * share, spans[0]) for share, (_, spans) in found]
    best = max(OUTCOMES, key=lambda outcome: weights[outcome])
    if best == PAST:  # only if nothing in the text is news
        now = max(OUTCOMES, key=lambda outcome: news[outcome])
        best = now if news[now] >= _NEWS else best
    if weights[best] <= 0 or not acts[best]:
        return None
    ranked = sorted(acts[best], key=lambda act: (-act[0], act[1]))
    return Decision(best, tuple(dict.fromkeys(span for _, span in ranked)), weights[best])


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

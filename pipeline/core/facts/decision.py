"""Decides the outcome of the event, by the weights of the topic's satisfied [[outcomes]]."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Span
from pipeline.core.topics.patterns import Met
from pipeline.core.topics.rules import OUTCOMES, Pattern


class Decision(NamedTuple):
    """The outcome of an event. `outcome`: one of rules.OUTCOMES. `acts`: the words that state it, heaviest pattern
    first."""

    outcome: str
    acts: tuple[Span, ...]


def weigh_outcomes(
    met_patterns: Iterable[tuple[str, Pattern, Met]], reading: Reading, published: date | None
) -> Decision | None:
    """The outcome with the highest total weight; None if no total is positive. A pattern's first concept is the act."""
    weights, acts = defaultdict[str, float](float), defaultdict[str, list[tuple[float, Span]]](list)
    for outcome, pattern, met in met_patterns:
        if outcome == "past" and not any(long_ago(reading, published, spans[-1]) for _, spans in met):
            continue
        weights[outcome] += pattern.weight
        if pattern.weight > 0:
            acts[outcome] += [(pattern.weight, spans[0]) for _, spans in met]
    best = max(OUTCOMES, key=lambda outcome: weights[outcome])
    if weights[best] <= 0 or not acts[best]:
        return None
    ranked = sorted(acts[best], key=lambda act: (-act[0], act[1]))
    return Decision(best, tuple(dict.fromkeys(span for _, span in ranked)))


def long_ago(reading: Reading, published: date | None, span: Span) -> bool:
    """Whether words for an earlier time really mean one: not if they name the article's year or a later one.

    {earlier-year} in a term matches earlier years only, but a gap in the term can contain any: "in 2027, unlike 2019".
    """
    years = [int(word) for word in reading.words[span[0] : span[1]] if len(word) == 4 and word.isdecimal()]
    return not (years and published and max(years) >= published.year)

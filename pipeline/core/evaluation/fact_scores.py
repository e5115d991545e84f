"""How far the facts that were found agree with the labels (docs/labels.md), field by field. Finds none itself.

Countries, dates, numbers, outcomes and `armed` must be equal. Words (a body, a weapon, a purpose) agree when they share
half of the stems of the shorter, at least: where a phrase begins and ends is a matter of taste.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from pipeline.core.evaluation.labels import LabelledArticle, LabelledFacts, Score
from pipeline.core.text.stems import stem
from pipeline.core.text.words import words
from pipeline.records import Facts

SHARED = 0.5  # of the stems of the shorter phrase
_SHORT = 3  # words of so many letters or fewer are articles and prepositions, mostly

Same = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class FactMistake:
    """`field` of an article: what was found and what is so; None stands for nothing."""

    article: LabelledArticle
    field: str
    found: Any
    so: Any


@dataclass(frozen=True, slots=True)
class FactScores:
    """`fields` in the order of the form. `wrong` counts what was filled wrongly, `missed` what was stated and not
    found; a value that is wrong counts in both."""

    articles: int
    all: Score
    fields: Mapping[str, Score]
    mistakes: tuple[FactMistake, ...]


def score_facts(told: Iterable[tuple[LabelledArticle, Sequence[Facts]]], topic: str) -> FactScores:
    """Scores of (article, facts found) for the facts of `topic`. An article that lacks the topic by its label should
    have none; one that has it and no facts labelled is left out. Where several events are labelled or found, the first
    of each is compared."""
    fields, mistakes, count = defaultdict[str, Score](Score), [], 0
    for article, found in told:
        so = article.facts[0] if article.facts and topic in article.topics else None
        one = next((facts for facts in found if facts.topic == topic), None)
        if so is None and (one is None or topic in article.topics):
            continue
        count += 1
        for field, same, said, label in _pairs(one, so, article.language):
            right = _matched(said, label, same)
            score = fields[field]
            score.right += right
            score.wrong += len(said) - right
            score.missed += len(label) - right
            if len(said) > right or len(label) > right:
                mistakes.append(FactMistake(article, field, said or None, label or None))
    whole = Score()
    for score in fields.values():
        whole.right, whole.wrong, whole.missed = (
            whole.right + score.right, whole.wrong + score.wrong, whole.missed + score.missed,
        )  # fmt: skip
    return FactScores(count, whole, {name: fields[name] for name in FIELDS if name in fields}, tuple(mistakes))


#: The leaves of the form, in order.
FIELDS = (
    "outcome", "host", "senders", "body", "instrument.kind", "instrument.number", "instrument.date", "vote.for",
    "vote.against", "vote.abstain", "period.start", "period.end", "armed", "weapons", "personnel.min", "personnel.max",
    "personnel.unit", "units", "places", "purpose",
)  # fmt: skip
_WORDS = frozenset(("body", "instrument.kind", "weapons", "personnel.unit", "units", "places", "purpose"))


def _pairs(
    found: Facts | None, so: LabelledFacts | None, language: str
) -> Iterable[tuple[str, Same, list[Any], list[Any]]]:
    """Each field with what was found and what is so, as lists of plain values."""
    one, other = (msgspec.to_builtins(facts) if facts else {} for facts in (found, so))
    for name in FIELDS:
        same: Same = partial(_alike, language) if name in _WORDS else _equal
        yield name, same, _values(one, name), _values(other, name)


def _values(facts: Mapping[str, Any], name: str) -> list[Any]:
    value: Any = facts
    for key in name.split("."):
        value = (value or {}).get(key)
    many = value if isinstance(value, list | tuple) else [value] if value is not None else []
    return [one["value"] if isinstance(one, dict) else one for one in many]


def _matched(said: Sequence[Any], so: Sequence[Any], same: Same) -> int:
    """How many of `said` agree with one of `so` that no other agrees with."""
    left, right = list(so), 0
    for value in said:
        at = next((n for n, label in enumerate(left) if same(value, label)), None)
        if at is not None:
            del left[at]
            right += 1
    return right


def _equal(one: Any, other: Any) -> bool:
    return str(one).casefold() == str(other).casefold()


def _alike(language: str, one: str, other: str) -> bool:
    a, b = _stems(one, language), _stems(other, language)
    return bool(a and b) and len(a & b) >= SHARED * min(len(a), len(b))


def _stems(phrase: str, language: str) -> set[str]:
    every = words(phrase)
    telling = [word for word in every if len(word) > _SHORT or not word.isalpha()] or every
    return {stem(word, language) for word in telling}

"""Scores the facts that were found against the labels (docs/labels.md), field by field.

Countries, dates, numbers, outcomes and `armed` must be equal. Phrases (a body, a weapon, a purpose) agree if they share
at least half of the stems of the shorter one, because the boundaries of a phrase are a matter of taste.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from pipeline.core.evaluation.labels import LabelledArticle, LabelledFacts
from pipeline.core.evaluation.topic_scores import Score
from pipeline.core.text.languages import base_code
from pipeline.core.text.stems import stem
from pipeline.core.text.words import words
from pipeline.records import Facts

SHARED = 0.5  # of the stems of the shorter phrase
_WORD, _ENDING = 5, 3  # letters of a stem, and of a case ending that may follow it
_SHORT = 3  # letters; words up to this length are mostly articles and prepositions

Same = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class FactMistake:
    """A field of an article with the values found and labelled, or None."""

    article: LabelledArticle
    field: str
    found: Any
    expected: Any


@dataclass(frozen=True, slots=True)
class FactScores:
    """Scores over all fields, and by field in the order of the form. A wrong value counts as `wrong` and `missed`."""

    articles: int
    all: Score
    fields: Mapping[str, Score]
    mistakes: tuple[FactMistake, ...]


def score_facts(results: Iterable[tuple[LabelledArticle, Sequence[Facts]]], topic: str) -> FactScores:
    """Scores of (article, facts found in it) for the facts of `topic`.

    An article whose label lacks the topic should have none; one that has the topic but no labelled facts is left out.
    Events are paired by how many values they share. One that has no partner is wrong, or missed, in all its fields.
    """
    fields, mistakes, count = defaultdict[str, Score](Score), [], 0
    for article, facts_found in results:
        labelled = _events(article) if topic in article.topics else ()
        found_here = [facts for facts in facts_found if facts.topic == topic]
        if not labelled and (not found_here or topic in article.topics):
            continue
        count += 1
        for facts, label in _paired(found_here, labelled, article.language):
            for field, same, found, expected in _pairs(facts, label, article.language):
                right = _count_matches(found, expected, same)
                score = fields[field]
                score.right += right
                score.wrong += len(found) - right
                score.missed += len(expected) - right
                if len(found) > right or len(expected) > right:
                    mistakes.append(FactMistake(article, field, found or None, expected or None))
    overall = Score(*(sum(getattr(score, name) for score in fields.values()) for name in ("right", "wrong", "missed")))
    return FactScores(count, overall, {name: fields[name] for name in FIELDS if name in fields}, tuple(mistakes))


def _events(article: LabelledArticle) -> Sequence[LabelledFacts]:
    """The labelled events, without earlier ones that are only background to another."""
    news = [facts for facts in article.facts if facts.outcome != "past"]
    return news or article.facts


def _paired(
    found: Sequence[Facts], labelled: Sequence[LabelledFacts], language: str
) -> Iterable[tuple[Facts | None, LabelledFacts | None]]:
    """Each event found with the labelled one it shares most values with; those without a partner with None."""

    def shared(pair: tuple[int, int]) -> int:
        fields = _pairs(found[pair[0]], labelled[pair[1]], language)
        return sum(_count_matches(values, expected, same) for _, same, values, expected in fields)

    every = [(one, other) for one in range(len(found)) for other in range(len(labelled))]
    free, left = set(range(len(found))), set(range(len(labelled)))
    for one, other in sorted(every, key=lambda pair: -shared(pair)):
        if one in free and other in left:
            free.remove(one)
            left.remove(other)
            yield found[one], labelled[other]
    yield from ((found[one], None) for one in sorted(free))
    yield from ((None, labelled[other]) for other in sorted(left))


#: The fields of the form, in order.
FIELDS = (
    "outcome", "host", "senders", "body", "instrument.kind", "instrument.number", "instrument.date", "vote.for",
    "vote.against", "vote.abstain", "period.start", "period.end", "armed", "weapons", "personnel.min", "personnel.max",
    "personnel.unit", "units", "places", "purpose",
)  # fmt: skip
_PHRASES = frozenset(("body", "instrument.kind", "weapons", "personnel.unit", "units", "places", "purpose"))


def _pairs(
    facts: Facts | None, labelled: LabelledFacts | None, language: str
) -> Iterable[tuple[str, Same, list[Any], list[Any]]]:
    """Each field, how its values are compared, the values found and those labelled."""
    found, expected = (msgspec.to_builtins(each) if each else {} for each in (facts, labelled))
    for name in FIELDS:
        same: Same = partial(alike, language) if name in _PHRASES else _equal
        yield name, same, _values(found, name), _values(expected, name)


def _values(facts: Mapping[str, Any], name: str) -> list[Any]:
    """The values at a dotted name, without the sentences they were found in."""
    value: Any = facts
    for key in name.split("."):
        value = (value or {}).get(key)
    values = value if isinstance(value, list | tuple) else [value] if value is not None else []
    return [item["value"] if isinstance(item, dict) else item for item in values]


def _count_matches(found: Sequence[Any], expected: Sequence[Any], same: Same) -> int:
    """How many of `found` agree with an expected value; each expected value counts once."""
    left, matches = list(expected), 0
    for value in found:
        at = next((n for n, label in enumerate(left) if same(value, label)), None)
        if at is not None:
            del left[at]
            matches += 1
    return matches


def _equal(one: Any, other: Any) -> bool:
    return str(one).casefold() == str(other).casefold()


def alike(language: str, one: str, other: str) -> bool:
    """Whether two phrases share enough of their stems to mean the same."""
    a, b = _stems(one, language), _stems(other, language)
    fewer, more = sorted((a, b), key=len)
    shared = sum(any(_same_word(stem, other) for other in more) for stem in fewer)
    return bool(fewer) and shared >= SHARED * len(fewer)


def _same_word(one: str, other: str) -> bool:
    """Whether two stems are of one word: stemmers leave some case endings, as in "tezkereyi" of "tezkere"."""
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= _WORD and long.startswith(short) and len(long) - len(short) <= _ENDING)


def _stems(phrase: str, language: str) -> set[str]:
    """The stems of the words that carry meaning, or of all words if none does."""
    every = words(phrase)
    meaningful = [word for word in every if len(word) > _SHORT or not word.isalpha()] or every
    return {stem(word, base_code(language) or language) for word in meaningful}

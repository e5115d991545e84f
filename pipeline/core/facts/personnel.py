"""How many they are."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from pipeline.core.facts.phrases import small_words
from pipeline.core.facts.quantities import Quantity, quantities
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.whenwords import calendar_of
from pipeline.core.facts.wording import gap
from pipeline.core.lexicon import Span
from pipeline.records import Personnel, Stated

_REACH = 5  # words from a number to those it counts: "60 combat-ready light infantry soldiers"
_NEAR = 4  # words around a number in which others may be named
_FEWEST = 2  # "a soldier" is no number
_MOST = 500_000
_JOINS = frozenset((" ", "-", "\u2011", "'", "\u2019", "\u00a0", " «", " “", ' "'))
_PAST = ("earlier", "background")


class _Count(NamedTuple):
    """`unit`: the words that say who is counted."""

    quantity: Quantity
    unit: Span
    sentence: int
    score: int


def find_personnel(scene: Scene) -> Personnel | None:
    """Their number, or the bounds of it, and what they are counted in. The best told; of two as good, the first."""
    best = max(_counts(scene), key=lambda count: count.score, default=None)
    if best is None or best.score < 0:
        return None
    low, high = best.quantity.low, best.quantity.high
    return Personnel(
        min=_bound(scene, low.value, best.quantity) if low else None,
        max=_bound(scene, high.value, best.quantity) if high else None,
        unit=scene.said(*best.unit),
    )


def _bound(scene: Scene, value: int, quantity: Quantity) -> Stated:
    return scene.stated(value, quantity.first, quantity.last)


def _counts(scene: Scene) -> list[_Count]:
    """What of the text counts soldiers, in order."""
    soldiers, people = (dict(sorted(scene.spans(role), reverse=True)) for role in ("persons", "people"))
    found = []
    for number, sentence in enumerate(scene.reading.sentences):
        for quantity in quantities(scene.reading, sentence.first, sentence.last, scene.language):
            if not _FEWEST <= quantity.number.value <= _MOST or quantity.number.year:
                continue
            unit = _unit(scene, quantity, sentence.last, soldiers, people)
            if unit is not None:
                military = any(at in soldiers for at in range(*unit))
                found.append(_Count(quantity, unit, number, _score(scene, quantity, unit, number, military)))
    return found


def _unit(scene: Scene, quantity: Quantity, last: int, *known: dict[int, int]) -> Span | None:
    """The words for those whom `quantity` counts: up to the noun that is next after it, without "of"."""
    reading, first = scene.reading, quantity.last
    stops, of = _stops(scene.language), calendar_of(scene.language).phrases["of"]
    for at in range(quantity.last, min(quantity.last + _REACH, last)):
        abbreviated = at == first and gap(reading, at) == ". "  # "3 tys. żołnierzy"
        if (gap(reading, at) not in _JOINS and not abbreviated) or reading.words[at].isdecimal():
            return None
        for spans in known:
            if at in spans:
                return first, spans[at]
        if at == first and (reading.words[at],) in of:
            first = at + 1
        elif reading.words[at] in stops:
            return None
    return None


@cache
def _stops(language: str | None) -> frozenset[str]:
    """Words that no soldiers are counted across: "two hours in", "37 meloloskan", "30 days"."""
    small = small_words(language)
    return small.into | small.ends | small.until | frozenset(word for unit in calendar_of(language).units for word in unit)


def _score(scene: Scene, quantity: Quantity, unit: Span, sentence: int, military: bool) -> int:
    """How much speaks for its being the number of those who come."""
    score = 2 * (sentence in scene.event) + 2 * military
    score += bool(scene.spans_in("force", sentence)) + bool(scene.spans_in("stay", sentence))
    score -= 4 * any(scene.spans_in(role, sentence) for role in _PAST)
    near = range(quantity.first - _NEAR, unit[1] + _NEAR)
    score -= 5 * any(span[0] in near for span in scene.spans_in("others-counted", sentence))
    return score

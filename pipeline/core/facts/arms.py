"""Finds whether the forces are armed, and with which weapons.

Every word for arms, for bearing or for lacking them is a candidate. Who brings them, and whether they are bought,
banned, feared or only asked about, is its evidence (vocabulary/evidence.toml).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.core.facts.candidates import Candidate, position, scale
from pipeline.core.facts.noun_phrases import (
    Timeline,
    between,
    bounds,
    capital,
    compounds,
    in_clause,
    longest_spans,
    numbered,
    small_words,
)
from pipeline.core.facts.scene import Scene
from pipeline.core.topics.hits import Span
from pipeline.records import Stated

_BARRED = 6  # words between "no" and a weapon, or a weapon and "is banned"
_NEAR = 8  # words from the forces to what they bring
_MODEL = 3  # words of "MAG 58"
_MOST = 200  # words for arms in one article
MOST_WEAPONS = 12
_ABOUT = ("bearing", "arms-deal", "arms-feared", "withdrawal", "sitting", "task")

_DENIED = {"barred", "taught"}  # "no arms" is no weapon that is forbidden


class Arms(NamedTuple):
    """Words that say whether the forces are armed: `armed` is yes or no. `weapon`: they name a weapon."""

    span: Span
    armed: str
    weapon: bool = False


def find_armed(scene: Scene) -> Stated | None:
    """Whether the forces are armed: "yes" or "no", or None if the article does not say."""
    best = scale("armed").best(arms_candidates(scene))
    return scene.stated(best.value.armed, *best.value.span) if best is not None else None


def find_weapons(scene: Scene) -> tuple[Stated, ...]:
    """The weapons that the forces bring, as named in the text."""
    found: dict[str, Stated] = {}
    candidates = arms_candidates(scene)
    best = scale("armed").best(candidates)
    if best is None or best.value.armed == "no":
        return ()
    for one in candidates:
        if one.value.weapon and one.score >= scale("armed").enough:
            weapon = scene.as_written(*_named(scene, one.value.span))
            found.setdefault(str(weapon.value).casefold(), weapon)
    return tuple(found.values())[:MOST_WEAPONS]


def arms_candidates(scene: Scene) -> list[Candidate[Arms]]:
    """The words for arms in the article, with their evidence, in the order of the text."""
    timeline, found = Timeline(scene), list[Candidate[Arms]]()
    for sentence in timeline.current():
        around = position(timeline, sentence)
        around |= {role for role in _ABOUT if scene.spans_in(role, sentence)}
        around |= {"lead"} if sentence < scene.reading.parts["lead"] else set()
        for one, by in list(_arms(scene, sentence))[: _MOST - len(found)]:
            beside = _beside(scene, sentence, one.span) - (_DENIED if one.armed == "no" else set())
            found.append(scale("armed").weigh(one, sentence, around | {by} | beside))
    return found


def _arms(scene: Scene, sentence: int) -> Iterator[tuple[Arms, str]]:
    """The words for arms in a sentence, and what they say."""
    without = longest_spans(scene.spans_in("without-arms", sentence))
    for span in without:
        yield Arms(span, "no"), "without"
    denied = {word for span in without for word in range(*span)}
    for span in longest_spans(scene.spans_in("bearing-arms", sentence)):
        if denied.isdisjoint(range(*span)):
            yield Arms(span, "yes"), "borne"
    endings = small_words(scene.language).weapon_compounds
    for span in longest_spans([*scene.spans_in("weapon", sentence), *compounds(scene, sentence, endings)]):
        if denied.isdisjoint(range(*span)):
            yield Arms(span, "yes", weapon=True), "weapon"
    for span in scene.spans_in("arms", sentence):
        if denied.isdisjoint(range(*span)):
            yield Arms(span, "yes"), "arms"


def _beside(scene: Scene, sentence: int, span: Span) -> set[str]:
    """The evidence from the words around: whose arms they are, whether they are forbidden, or taught."""
    found = set[str]()
    if any(in_clause(scene, barred, span, _BARRED) for barred in scene.spans_in("arms-barred", sentence)):
        found.add("barred")
    if any(task < span and in_clause(scene, task, span, _BARRED) for task in scene.spans_in("task", sentence)):
        found.add("taught")
    machines = scene.spans_in("machine", sentence)
    if any(machine[1] <= span[0] and in_clause(scene, machine, span, 1) for machine in machines):
        found.add("of-machines")
    if any(in_clause(scene, bearing, span, _BARRED) for bearing in scene.spans_in("bearing", sentence)):
        found.add("brought")
    if any(first - _NEAR <= span[0] and span[1] <= last + _NEAR for first, last in scene.spans_in("force", sentence)):
        found.add("near-forces")
    return found


def _count(scene: Scene, word: int) -> bool:
    """Whether a number counts something: the 57 of "57 milímetros", not the 58 of "MAG 58"."""
    return scene.reading.written[word].isdecimal() and not capital(scene, word - 1)


def _named(scene: Scene, span: Span) -> Span:
    """A weapon with its model and qualities: "fusiles M4", "leichte Waffen", "Leopard 2 tanks"."""
    first, last = span
    start, end = bounds(scene, first)
    qualities = small_words(scene.language).qualities
    while last < min(end, span[1] + _MODEL) and between(scene, last - 1) in (" ", "-"):
        model = capital(scene, last) or (numbered(scene, last) and not _count(scene, last))
        if not model and scene.reading.words[last] not in qualities:
            break
        last += 1
    while first > max(start, span[0] - 2) and between(scene, first - 1) in (" ", "-"):
        model = numbered(scene, first - 1) and not scene.reading.written[first - 1].isdecimal()
        if not model and scene.reading.words[first - 1] not in qualities:
            break
        first -= 1
    return first, last

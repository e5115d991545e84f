"""Finds whether the forces are armed, and with which weapons.

Weapons count if the text says that they are brought, carried or used, not if they are bought, banned or asked about.
Weapons of drones and ships do not count.
"""

from __future__ import annotations

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
_MODEL = 3  # words of "MAG 58"
MOST_WEAPONS = 12


def find_armed(scene: Scene) -> Stated | None:
    """Whether the forces are armed: "yes" or "no", or None if the article does not say."""
    timeline = Timeline(scene)
    brought = _brought(timeline, "weapon")
    if brought:
        return scene.stated("yes", *brought[0])
    for sentence in timeline.current():
        for span in timeline.scene.spans_in("without-arms", sentence):
            if not _of_machines(timeline, sentence, span):
                return scene.stated("no", *span)
        bearing = [
            s for s in timeline.scene.spans_in("bearing-arms", sentence) if not _of_machines(timeline, sentence, s)
        ]
        if bearing:
            return scene.stated("yes", *bearing[0])
    arms = _brought(timeline, "arms")
    return scene.stated("yes", *arms[0]) if arms else None


def find_weapons(scene: Scene) -> tuple[Stated, ...]:
    """The weapons that the forces bring, as named in the text."""
    found: dict[str, Stated] = {}
    for span in _brought(Timeline(scene), "weapon"):
        weapon = scene.as_written(*_named(scene, span))
        found.setdefault(str(weapon.value).casefold(), weapon)
    return tuple(found.values())[:MOST_WEAPONS]


def _brought(timeline: Timeline, role: str) -> list[Span]:
    """Arms in sentences about carrying arms; named weapons also in sentences on the forces or their stay."""
    scene, found = timeline.scene, list[Span]()
    roles = ("bearing", "force", "being-there") if role == "weapon" else ("bearing",)
    endings = small_words(scene.language).weapon_compounds if role == "weapon" else ()
    for sentence in timeline.current():
        title = scene.reading.sentences[sentence].field == "title"
        relevant = any(scene.spans_in(needed, sentence) for needed in roles)
        vetoed = any(scene.spans_in(veto, sentence) for veto in ("arms-deal", "arms-feared"))
        if title or vetoed or not relevant:
            continue
        named = [*timeline.scene.spans_in(role, sentence), *compounds(scene, sentence, endings)]
        named = [span for span in longest_spans(named) if not _barred(timeline, sentence, span)]
        if scene.spans_in("withdrawal", sentence) and not scene.spans_in("bearing", sentence):
            continue  # a convoy that was seen leaving
        if not timeline.scene.spans_in("bearing", sentence):
            named = [span for span in named if not _taught(timeline, sentence, span)]
        found += named
    return found


def _barred(timeline: Timeline, sentence: int, span: Span) -> bool:
    """Whether the weapon is forbidden or only asked about: "no rifles", "cannon are banned", "what weapons?"."""
    return any(
        in_clause(timeline.scene, barred, span, _BARRED) for barred in timeline.scene.spans_in("arms-barred", sentence)
    ) or any(first <= span[0] < last for first, last in timeline.scene.spans_in("without-arms", sentence))


def _taught(timeline: Timeline, sentence: int, span: Span) -> bool:
    """Whether the weapon is the object of a task: "to train tank crews", "the disposal of explosives"."""
    return any(
        task < span and in_clause(timeline.scene, task, span, _BARRED)
        for task in timeline.scene.spans_in("task", sentence)
    )


def _of_machines(timeline: Timeline, sentence: int, span: Span) -> bool:
    """Whether the words are about a machine, directly before them: "drones armed with missiles"."""
    return any(
        other[1] <= span[0] and in_clause(timeline.scene, other, span, 1)
        for other in timeline.scene.spans_in("machine", sentence)
    )


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

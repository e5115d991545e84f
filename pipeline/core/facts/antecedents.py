"""Resolves "the resolution", "la medida", "dieser Beschluss" and a pronoun to the act that they name.

Every mention of an act is read in the order of the text and joins an act named before, or is a new one. It joins the
most recent one of its kind (words for acts of any kind, "the measure", the most recent of all) if nothing says that it
is new: a number of its own, an indefinite word before it, a longer name. A sentence that names no act and says how one
was made continues the sentence before: "It was signed on Tuesday", "Se promulgó el martes".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from pipeline.core.facts.noun_phrases import bounds
from pipeline.core.facts.scene import Scene
from pipeline.core.text.languages import base_code, vocabulary
from pipeline.core.text.stems import stem
from pipeline.core.text.words import words
from pipeline.core.topics.hits import Span
from pipeline.records import Stated

_FAR = 8  # sentences between two mentions of one act
_BEFORE = 2  # words in which an indefinite word comes before a mention: "a new law"
_SHORT = 3  # letters; words up to this length are mostly articles and prepositions


class Named(NamedTuple):
    """Words for an act. `kind`: without its number. `end`: of the number, or of the kind."""

    kind: Span
    number: Stated | None
    end: int


@dataclass(slots=True)
class Act:
    """One act with its mentions, in order, and the sentences that continue one of them without naming it."""

    mentions: list[Named]
    continued: list[int] = field(default_factory=list)

    @property
    def number(self) -> Stated | None:
        """The first number that is given for it."""
        return next((one.number for one in self.mentions if one.number), None)


def acts_named(scene: Scene, named: Iterable[Named], again: Iterable[Named]) -> list[Act]:
    """The acts of the article. `named`: words for a kind of act; `again`: words that can mean an act of any kind, which
    count only after one was named."""
    by_kind = {one.kind: one for one in named}
    covered = {word for first, last in by_kind for word in range(first, last)}
    any_kind = {one.kind: one for one in again if one.kind[0] not in covered}
    acts = list[Act]()
    for _, one in sorted({**by_kind, **any_kind}.items()):
        act = _meant(scene, acts, one, of_any_kind=one.kind in any_kind)
        if act is not None:
            act.mentions.append(one)
        elif one.kind not in any_kind:
            acts.append(Act([one]))
    _continue(scene, acts)
    return acts


def _meant(scene: Scene, acts: Sequence[Act], one: Named, *, of_any_kind: bool) -> Act | None:
    """The act that a mention names again, if it does."""
    here = scene.reading.sentence_at(one.kind[0])
    near = [act for act in acts if here - scene.reading.sentence_at(act.mentions[-1].kind[0]) <= _FAR]
    if one.number is not None:
        known = [act for act in acts if act.number and act.number.value == one.number.value]
        near = known or [act for act in near if act.number is None]
    elif _is_new(scene, one):
        return None
    stems = _stems(scene, one.kind)
    fitting = (
        near if of_any_kind else [act for act in near if any(stems <= _stems(scene, m.kind) for m in act.mentions)]
    )
    return max(fitting, key=lambda act: act.mentions[-1].kind, default=None)


def _is_new(scene: Scene, one: Named) -> bool:
    """Whether an indefinite word introduces the mention."""
    first = max(bounds(scene, one.kind[0])[0], one.kind[0] - _BEFORE)
    return not _indefinite(scene.language).isdisjoint(scene.reading.words[first : one.kind[0]])


def _stems(scene: Scene, kind: Span) -> frozenset[str]:
    code = base_code(scene.language) or "en"
    meaning = [word for word in scene.reading.words[slice(*kind)] if len(word) > _SHORT or not word.isascii()]
    return frozenset(stem(word, code) for word in meaning or scene.reading.words[slice(*kind)])


@cache
def _indefinite(language: str | None) -> frozenset[str]:
    return frozenset(words(vocabulary("antecedents")["indefinite"].get(base_code(language) or "en", "")))


def _continue(scene: Scene, acts: Sequence[Act]) -> None:
    """Give each sentence that names no act, but says how something was made, to the act of the sentence before."""
    last = dict[int, Act]()
    for act in acts:
        last.update({scene.reading.sentence_at(one.kind[0]): act for one in act.mentions})
    for sentence, act in sorted(last.items()):
        following = sentence + 1
        if following in last or following >= len(scene.reading.sentences):
            continue
        in_text = scene.reading.sentences[following].field == "text"
        if in_text and scene.spans_in("instrument-made", following):
            act.continued.append(following)

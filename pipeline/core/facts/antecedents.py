"""Resolves "the resolution", "la medida", "dieser Beschluss" and a pronoun to the act that they name.

Every mention of an act is read in the order of the text. What it says about its act (references.py) speaks for or
against each act named before: the same noun, a noun for the same kind of act, "this", the month in which it was made;
"a", "previous", another number, month or country. The best act counts if it has enough; otherwise the mention names
a new one. The weights are in vocabulary/evidence.toml. A sentence that names no act and says how one was made continues
the sentence before: "It was signed on Tuesday", "Se promulgó el martes".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from pipeline.core.facts.candidates import scale
from pipeline.core.facts.references import Month, Named, Reference, read_reference
from pipeline.core.facts.scene import Scene
from pipeline.records import Stated

_FAR = 8  # sentences between two mentions of one act
_NEWS = timedelta(days=60)  # news is not older


@dataclass(slots=True)
class Act:
    """One act with its mentions, in order, what they say, and the sentences that continue one of them without naming
    it. `another`: it is not the act in the news, but an earlier one or another country's."""

    mentions: list[Named]
    references: list[Reference]
    another: bool
    continued: list[int] = field(default_factory=list)

    @property
    def number(self) -> Stated | None:
        """The first number that is given for it."""
        return next((one.number for one in self.mentions if one.number), None)


def acts_named(scene: Scene, named: Iterable[Named], again: Iterable[Named], host: str | None) -> list[Act]:
    """The acts of the article. `named`: words for a kind of act; `again`: words that can mean an act of any kind, which
    count only after one was named. `host`: whose acts are not another country's."""
    by_kind = {one.kind: one for one in named}
    covered = {word for first, last in by_kind for word in range(first, last)}
    any_kind = {one.kind: one for one in again if one.kind[0] not in covered}
    acts = list[Act]()
    for kind, one in sorted({**by_kind, **any_kind}.items()):
        reference = read_reference(scene, one, host)
        act = _meant(scene, acts, one, reference, of_any_kind=kind in any_kind)
        if act is not None:
            act.mentions.append(one)
            act.references.append(reference)
        elif kind in by_kind:
            another = reference.earlier or reference.abroad or _old(reference, scene.published)
            acts.append(Act([one], [reference], another))
    _continue(scene, acts)
    return acts


def _meant(scene: Scene, acts: Sequence[Act], one: Named, said: Reference, *, of_any_kind: bool) -> Act | None:
    """The act that a mention names again, if it does: of equals, the one named last."""
    here, weights = scene.reading.sentence_at(one.kind[0]), scale("antecedent")
    near = [act for act in acts if here - scene.reading.sentence_at(act.mentions[-1].kind[0]) <= _FAR]
    near.sort(key=lambda act: act.mentions[-1].kind, reverse=True)
    found = weights.best(
        weights.weigh(act, here, _evidence(act, one, said, scene.published) | ({"any-noun"} if of_any_kind else set()))
        for act in near
    )
    return found.value if found else None


def _evidence(act: Act, one: Named, said: Reference, published: date | None) -> set[str]:
    """What speaks for and against an act that was named before."""
    found = {name for name in ("definite", "demonstrative", "indefinite") if getattr(said, name)}
    if any(said.nouns <= before.nouns for before in act.references):
        found.add("same-noun")
    elif any(not said.classes.isdisjoint(before.classes) for before in act.references):
        found.add("same-kind")
    if act.another:
        found.add("not-in-news")
    elif said.earlier or said.abroad:
        found.add("not-the-one-in-news")
    if one.number is not None and act.number is not None:
        found.add("same-number" if one.number.value == act.number.value else "other-number")
    months = frozenset[Month]().union(*(before.months for before in act.references))
    if said.months and months:
        found.add("same-month" if any(_fit(a, b) for a in said.months for b in months) else "other-month")
    elif _old(said, published):
        found.add("old")
    return found


def _fit(one: Month, other: Month) -> bool:
    return one == other or (one[0] == other[0] and None in (one[1], other[1]))


def _old(said: Reference, published: date | None) -> bool:
    """Whether the act was made longer ago than news is. An agreement of months ago may be in the news."""
    if published is None or not said.months or said.agreement:
        return False
    latest = max((year, 12 if month is None else month) for year, month in said.months)
    before = published - _NEWS
    return latest < (before.year, before.month)


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

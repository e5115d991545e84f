"""Gathers what speaks for a country as host of the forces and as their sender: where and in which roles it is named.

A role is evidence together with the part of the article: "body-title", "force-lead". vocabulary/evidence.toml weighs
it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from pipeline.core.facts.country_roles import BODY, FORCE, NAMED, PLACE, RECIPIENT, REQUEST, SUBJECT, CountryRole
from pipeline.core.facts.decision import long_ago
from pipeline.core.facts.mandate import find_mandate
from pipeline.core.facts.scene import Scene
from pipeline.core.text.languages import grammar_of

OF_SENDERS = (FORCE, RECIPIENT, REQUEST)  # roles that only a sender has
_APART = 4  # words between the names in a list

Evidence = dict[str, set[str]]  # country -> names of evidence


def evidence_of_countries(scene: Scene, mentioned: Sequence[CountryRole]) -> Evidence:
    """The evidence of every country that the article names, in order; and of the outlet's, and of the language's if it
    is that of one country."""
    found: Evidence = defaultdict(set)
    earlier = _earlier(scene)
    for one in mentioned:
        part = "earlier" if one.sentence in earlier else _part(scene, one.sentence)
        found[one.country] |= {_named_so(one, part), *_around(scene, one, part)}
    for country in _most_named(mentioned):
        found[country].add("most-named")
    if mentioned:
        found[mentioned[0].country].add("first-named")
    for country in _listed_with_senders(mentioned):
        found[country].add("listed-with-force")
    first, sending, deciding = (
        {country for country, names in found.items() if any(map(which, names))}
        for which in (_sends_first, _sends, _decides)
    )
    for name, those, others in (
        ("another-sends-first", first, sending - first),
        ("another-sends", sending, found.keys() - sending),
        ("another-decides", deciding, found.keys() - deciding),
    ):
        for country in others if those else ():
            found[country].add(name)
    if find_mandate(scene) is not None:
        for names in found.values():
            names |= set() if "sends-in-act" in names else {"mandate-alone"}
    for name, implied in (("home", scene.home), ("of-language", grammar_of(scene.language).country)):
        if implied is not None:
            found[implied].add(name)
    return found


def _earlier(scene: Scene) -> set[int]:
    spans = (span for span in scene.spans("earlier") if long_ago(scene.reading, scene.published, span))
    return {scene.reading.sentence_at(first) for first, _ in spans}


def _part(scene: Scene, sentence: int) -> str:
    at = scene.reading.sentences[sentence]
    if at.field == "title":
        return "title"
    if at.first == scene.reading.split:
        return "opening"
    return "lead" if sentence < scene.reading.parts["lead"] or sentence in scene.event else "rest"


def _named_so(one: CountryRole, part: str) -> str:
    """The name of a mention's evidence. A city is another one than its country."""
    kind = one.kind or NAMED
    return f"city-{part}" if one.city and kind in (PLACE, NAMED) else f"{kind}-{part}"


def _around(scene: Scene, one: CountryRole, part: str) -> Iterable[str]:
    """The evidence of the sentence: an act, the forces, their stay; and an institution that only one state has."""
    if one.body:
        yield "one-state-body"
    if one.sentence in scene.acting and one.kind in (BODY, SUBJECT):
        yield "decides-first" if part in ("title", "opening") else "decides-later"
    elif one.sentence in scene.acting and one.kind in OF_SENDERS:
        yield "sends-in-act"
    if one.kind in (PLACE, NAMED) and scene.spans_in("force", one.sentence):
        yield "beside-forces"
    if one.kind in (PLACE, NAMED) and scene.spans_in("being-there", one.sentence):
        yield "beside-stay"


def _most_named(mentioned: Sequence[CountryRole]) -> list[str]:
    counts = Counter(one.country for one in mentioned)
    most = max(counts.values(), default=0)
    return [country for country, count in counts.items() if count == most] if most > 1 else []


def _listed_with_senders(mentioned: Sequence[CountryRole]) -> set[str]:
    """The countries in a list with one whose forces they are: "soldiers of Russia, Cuba and Laos"."""
    found = set[str]()
    for before, behind in pairwise(mentioned):
        near = before.sentence == behind.sentence and 0 <= behind.first - before.last <= _APART
        if near and (before.kind in OF_SENDERS or before.country in found):
            found |= {before.country, behind.country}
    return found


def _sends(name: str) -> bool:
    return name.startswith(OF_SENDERS)


def _sends_first(name: str) -> bool:
    return _sends(name) and name.endswith(("-title", "-opening"))


def _decides(name: str) -> bool:
    return name.startswith(BODY)

"""Cuts sentences into clauses that can be about different events: "admitted the marines and rejected a frigate".

events.py decides which clauses are events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.core.facts.country_roles import (
    BODIES,
    BODY,
    DATELINE,
    FORCE,
    PEOPLE,
    PLACE,
    RECIPIENT,
    REQUEST,
    SUBJECT,
    CountryRole,
)
from pipeline.core.facts.noun_phrases import ands_in, small_words
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.signs import breaks
from pipeline.core.topics.hits import Span

_OPENING = 3  # words before a country that opens a sentence: "In Togo, the parliament …"


class Clause(NamedTuple):
    """A clause, or a sentence with one act. `named`: every country in it. `certain`: a body of a host is named."""

    sentence: int
    first: int
    last: int
    outcomes: frozenset[str]
    hosts: frozenset[str]
    senders: frozenset[str]
    named: frozenset[str]
    certain: bool


def clauses_of(scene: Scene, mentioned: Sequence[CountryRole]) -> list[Clause]:
    """The clauses of all sentences, in order."""
    here = defaultdict[int, list[CountryRole]](list)
    for one in mentioned:
        here[one.sentence].append(one)
    return _continued(clause for n in range(len(scene.reading.sentences)) for clause in _clauses(scene, here[n], n))


def _continued(clauses: Iterable[Clause]) -> list[Clause]:
    """The clauses; one that has an act and names no country that decides is about the only one of the sentence before:
    "N'Djamena was first. It ended the agreement."."""
    found = list[Clause]()
    for clause in clauses:
        before = found[-1] if found else None
        follows = before is not None and before.sentence == clause.sentence - 1 and not before.outcomes
        if before is not None and follows and clause.outcomes and clause.named <= clause.senders:
            others = before.named - clause.senders
            if len(others) == 1:
                hosts = others - before.senders
                clause = clause._replace(hosts=hosts, named=clause.named | others)
        found.append(clause)
    return found


def _clauses(scene: Scene, here: Sequence[CountryRole], sentence: int) -> Iterator[Clause]:
    """The sentence, cut between acts that can be of different events. `here`: the countries in it."""
    at = scene.reading.sentences[sentence]
    acts, first = scene.acts_in(sentence), at.first
    cuts = sorted(set(_cuts(scene, sentence, sorted({span for span, _ in acts}))))
    for cut, following in pairwise([*cuts, at.last]):
        if _apart(
            _clause(scene, sentence, (first, cut), acts, here), _clause(scene, sentence, (cut, following), acts, here)
        ):
            yield _clause(scene, sentence, (first, cut), acts, here)
            first = cut
    yield _clause(scene, sentence, (first, at.last), acts, here)


def _clause(
    scene: Scene, sentence: int, words: Span, acts: Sequence[tuple[Span, str]], mentioned: Sequence[CountryRole]
) -> Clause:  # fmt: skip
    first, last = words
    here = [one for one in mentioned if first <= one.first < last]
    bodies = {one.country for one in here if one.kind == BODY}
    senders = {one.country for one in here if one.kind in (FORCE, REQUEST)}
    senders |= {one.country for one in here if one.kind == RECIPIENT} - bodies
    peoples = {one.country for one in here if one.kind == PEOPLE}
    hosts = {one.country for one in here if one.kind in (BODY, SUBJECT, DATELINE)} - senders
    opened = _opened(scene, sentence, here) - senders
    if opened and not bodies and not hosts and _names_body(scene, words, sentence):
        hosts, bodies = opened, opened
    return Clause(
        sentence, first, last,
        frozenset(outcome for span, outcome in acts if first <= span[0] < last),
        frozenset(hosts), frozenset(senders or peoples - hosts), frozenset(one.country for one in here),
        bool(bodies),
    )  # fmt: skip


def _opened(scene: Scene, sentence: int, here: Iterable[CountryRole]) -> set[str]:
    """The country in which a sentence sets its scene: "In Togo, the parliament …", "En Bolivia, el Senado …"."""
    at = scene.reading.sentences[sentence].first
    first = [one for one in here if one.kind == PLACE and one.first - at <= _OPENING * scene.reading.pace]
    return {one.country for one in first[:1]}


def _names_body(scene: Scene, words: Span, sentence: int) -> bool:
    first, last = words
    return any(first <= span[0] < last for role in BODIES for span in scene.spans_in(role, sentence))


def _cuts(scene: Scene, sentence: int, acts: Sequence[Span]) -> Iterator[int]:
    """The words that start a new clause between two acts: at the last "and" or comma before the second act, or in a
    language with the verb last the first after the first act."""
    ands, verbs_last = ands_in(scene, sentence), small_words(scene.language).verbs_last
    for (_, end), (start, _) in pairwise(acts):
        stops = [word for word in range(end, start + 1) if breaks(scene.reading.gap(word))]
        joints = [word for word in range(end, start) if word in ands]
        if verbs_last and (stops or joints):
            yield min(stops + joints)
        elif stops or joints:
            yield max(joints or stops)


def _apart(one: Clause, other: Clause) -> bool:
    """Whether two clauses of a sentence can be about different events."""
    if one.hosts and other.hosts:
        return one.hosts.isdisjoint(other.hosts)
    return bool(one.senders and other.senders) and one.outcomes.isdisjoint(other.outcomes)

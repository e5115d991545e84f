"""Separates the events that one article reports: "the Senate admitted Spanish marines and rejected a Dutch frigate".

Two acts are two events if different countries decide, or if one country decides differently on the forces of different
countries. Precision comes first: a repeated act, a reaction, or a precedent of an earlier year is no event of
its own. docs/facts.md defines it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.core.facts.candidates import scale
from pipeline.core.facts.clauses import Clause, clauses_of
from pipeline.core.facts.country_roles import BODIES, CountryRole
from pipeline.core.facts.instrument_dates import named_days
from pipeline.core.facts.noun_phrases import Timeline
from pipeline.core.facts.parties import Known
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.votes import vote_candidates
from pipeline.core.topics.hits import Span

_FINAL = frozenset(("authorised", "rejected", "extended", "revoked"))  # outcomes that can share a sentence
_MOST = 4  # events of one article

Words = tuple[Span, ...]


@dataclass(slots=True)
class _Event:
    """An event by the clause that reports it first."""

    seed: Clause
    hosts: set[str]
    senders: set[str]
    clauses: list[Clause] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Separate:
    """One of several events. `hidden`: the words about the others. `known`: of its countries. `shared`: the host of the
    first event decides in it. `without_act`: no listed word says what is decided in it."""

    hidden: Words
    known: Known
    shared: bool
    without_act: bool


def separate(scene: Scene, mentioned: Sequence[CountryRole], host: str | None) -> tuple[Separate, ...]:
    """The events of the article in the order of the text; empty if it has only one. `host`: of the whole article."""
    if len(scene.acts) < 2 or len({one.country for one in mentioned}) < 3:
        return ()  # two events have at least three parties
    timeline = Timeline(scene)
    voted = {one.sentence for one in scale("vote").accepted(vote_candidates(scene))}
    clauses = clauses_of(scene, mentioned)
    told = [one for one in clauses if _in_text(scene, one) and not timeline.background(one.sentence)]
    events = _events(timeline, [one for one in told if _reports(scene, one, voted)], host)
    if len(events) > 1:  # a roundup: others in it may be told in words that are not listed
        events = _events(timeline, [one for one in told if _reports(scene, one, voted) or _like(timeline, one)], host)
    if len(events) < 2:
        return ()
    _share_senders(events)
    others = _assign(scene, events, clauses)
    return tuple(
        Separate(
            _hidden(scene, events, clauses, event, others), _known(event, events), _shares_host(events[0], event),
            not event.seed.outcomes,
        )
        for event in events
    )  # fmt: skip


def _reports(scene: Scene, clause: Clause, voted: Collection[int]) -> bool:
    """Whether a clause can report an event: it has words for an act, or says at the same time, or with the result of a
    vote, what a body of one country does about the forces of another."""
    if clause.outcomes:
        return True
    beside = bool(clause.certain and clause.hosts and clause.senders)
    return beside and (clause.sentence in voted or bool(scene.spans_in("same-time", clause.sentence)))


def _like(timeline: Timeline, clause: Clause) -> bool:
    """Whether a clause is like those of a roundup: a body of one country, the forces of another, and a day."""
    return bool(clause.certain and clause.hosts and clause.senders and _dated(timeline, clause))


def _events(timeline: Timeline, clauses: Iterable[Clause], host: str | None) -> list[_Event]:
    """The events that the clauses report."""
    events: list[_Event] = []
    for clause in clauses:
        _add(timeline, events, clause, host)
    return events


def _add(timeline: Timeline, events: list[_Event], clause: Clause, host: str | None) -> None:
    """Add the clause to the events if it starts one."""
    if not (clause.senders or clause.hosts or host in clause.named) or not _about_forces(timeline.scene, clause):
        return
    if not events:
        hosts = {host} if host and (host in clause.hosts or not clause.hosts) else set(clause.hosts)
        events.append(_Event(clause, hosts, set(clause.senders)))
    elif len(events) < _MOST and all(_differs(timeline, event, clause) for event in events):
        events.append(_Event(clause, set(clause.hosts) or set(events[0].hosts), set(clause.senders)))
    else:
        for event in events:
            if not _differs(timeline, event, clause):
                event.senders |= clause.senders - event.hosts
                break


def _differs(timeline: Timeline, event: _Event, clause: Clause) -> bool:
    """Whether the clause reports another event."""
    near = clause.sentence == event.seed.sentence
    if clause.hosts and event.hosts and clause.hosts.isdisjoint(event.hosts | event.senders):
        certain = clause.certain or bool(clause.senders)
        return certain and event.hosts.isdisjoint(clause.named) and (near or _anchored(timeline, clause, clause.hosts))
    if not clause.senders or not event.senders or not clause.senders.isdisjoint(event.senders | event.hosts):
        return False
    if not clause.outcomes.isdisjoint(event.seed.outcomes) or (clause.hosts and clause.hosts.isdisjoint(event.hosts)):
        return False
    leads = clause.sentence < timeline.scene.reading.parts["lead"]
    return clause.outcomes <= _FINAL if near else leads or _anchored(timeline, clause, clause.senders)


def _anchored(timeline: Timeline, clause: Clause, countries: frozenset[str]) -> bool:
    """Whether it is news, not a precedent: it has a day or the same sitting, or the headline names its country."""
    scene = timeline.scene
    if scene.spans_in("same-time", clause.sentence):
        return True
    title = {mention.country for n in range(scene.reading.parts["headline"]) for mention in scene.mentions_in(n)}
    if not countries.isdisjoint(title):
        return True
    return _dated(timeline, clause)


def _dated(timeline: Timeline, clause: Clause) -> bool:
    """Whether its sentence has a day such as "on Tuesday"."""
    scene = timeline.scene
    at = scene.reading.sentences[clause.sentence]
    return scene.published is not None and any(named_days(timeline, at.first, at.last, scene.published))


def _about_forces(scene: Scene, clause: Clause) -> bool:
    roles = ("force", "stay", "service", "agreement")
    return any(
        clause.first <= span[0] < clause.last for role in roles for span in scene.spans_in(role, clause.sentence)
    )


def _in_text(scene: Scene, clause: Clause) -> bool:
    return scene.reading.sentences[clause.sentence].field == "text"


def _assign(scene: Scene, events: Sequence[_Event], clauses: Iterable[Clause]) -> set[Clause]:
    """Give each clause to the event whose countries it names, or else to that of the clause before it. Returns those
    about countries that no event has."""
    last, others = None, set[Clause]()
    known = set[str]().union(*(event.hosts | event.senders for event in events))
    for clause in clauses:
        named = [event for event in events if not clause.named.isdisjoint(_own(event, events))]
        seeded = next((event for event in events if event.seed == clause), None)
        if seeded or len(named) == 1:
            last = seeded or named[0]
        elif named or not clause.hosts <= known:
            last = None
        if not named and not clause.hosts <= known and _in_text(scene, clause):
            others.add(clause)
        if last is not None and (named or seeded or _in_text(scene, clause)):
            last.clauses.append(clause)
    return others


def _own(event: _Event, events: Sequence[_Event]) -> set[str]:
    """The countries that only this event has."""
    others = set[str]().union(*(other.hosts | other.senders for other in events if other is not event))
    return (event.hosts | event.senders) - others


def _share_senders(events: Sequence[_Event]) -> None:
    """Give an event whose sentences name no senders those that all others have: "Paris loses two bases"."""
    for event in events:
        named = [frozenset(other.senders) for other in events if other is not event]
        if not event.senders:
            event.senders |= frozenset.intersection(*named) - event.hosts


def _known(event: _Event, events: Sequence[_Event]) -> Known:
    """What is known of the countries of an event."""
    others = set[str]().union(*(other.hosts | other.senders for other in events if other is not event))
    host = next(iter(event.hosts)) if len(event.hosts) == 1 else None
    return Known(host, frozenset(others - event.hosts - event.senders), frozenset(event.senders))


def _shares_host(first: _Event, event: _Event) -> bool:
    return first is not event and (not event.hosts or not event.hosts.isdisjoint(first.hosts))


def _hidden(
    scene: Scene, events: Sequence[_Event], clauses: Sequence[Clause], event: _Event, others: Collection[Clause]
) -> Words:  # fmt: skip
    """The words about other events and countries (`others`). The body that decides both is not hidden."""
    taken = {clause for other in events if other is not event for clause in other.clauses} | set(others)
    shown = set(event.clauses)
    against = {
        clause
        for clause in clauses
        if clause not in shown and clause.outcomes and clause.outcomes.isdisjoint(event.seed.outcomes)
    }
    hidden = {word for clause in (taken | against) - shown for word in range(clause.first, clause.last)}
    if _shares_host(events[0], event) and not event.seed.certain:
        hidden -= _body_words(scene, events[0].seed)
    return _ranges(sorted(hidden))


def _body_words(scene: Scene, clause: Clause) -> set[int]:
    """The words for the body that decides in a clause, with its country."""
    bodies = scene.covered(*BODIES, sentence=clause.sentence)
    words = {word for word in bodies if clause.first <= word < clause.last}
    named = {w for mention in scene.mentions for w in range(mention.first, mention.last)}
    small = scene.covered("of", "the", sentence=clause.sentence)
    for word in sorted(words):
        for step in (-1, 1):
            at = word + step
            while clause.first <= at < clause.last and (at in named or at in small):
                words.add(at)
                at += step
    return words


def _ranges(words: Sequence[int]) -> Words:
    """Sorted word numbers as spans of consecutive ones."""
    starts = [word for n, word in enumerate(words) if n == 0 or words[n - 1] != word - 1]
    ends = [word + 1 for n, word in enumerate(words) if n == len(words) - 1 or words[n + 1] != word + 1]
    return tuple(zip(starts, ends, strict=True))

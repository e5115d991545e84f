"""Separates the events that one article reports: "the Senate admitted Spanish marines and rejected a Dutch frigate".

Two acts are two events if different countries decide, or if one country decides differently on the forces of different
countries. Precision comes first: a repeated act, a reaction, or a precedent of an earlier year is no event of
its own. docs/facts.md defines it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from pipeline.core.facts.country_roles import (
    BODIES,
    BODY,
    DATELINE,
    FORCE,
    PEOPLE,
    RECIPIENT,
    REQUEST,
    SUBJECT,
    CountryRole,
)
from pipeline.core.facts.instrument_dates import named_days
from pipeline.core.facts.noun_phrases import Timeline, ands_in, small_words
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.signs import breaks
from pipeline.core.topics.hits import Span

_FINAL = frozenset(("authorised", "rejected", "extended", "revoked"))  # outcomes that can share a sentence
_MOST = 4  # events of one article

Words = tuple[Span, ...]


class _Unit(NamedTuple):
    """A clause, or a sentence with one act. `named`: every country in it. `certain`: a body of a host is named."""

    sentence: int
    first: int
    last: int
    outcomes: frozenset[str]
    hosts: frozenset[str]
    senders: frozenset[str]
    named: frozenset[str]
    certain: bool


@dataclass(slots=True)
class _Event:
    """An event by the unit that reports it first."""

    seed: _Unit
    hosts: set[str]
    senders: set[str]
    units: list[_Unit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Separate:
    """One of several events. `hidden`: the words about the others. `hosts`: the countries that decide in it; the same
    as the first event's if `shared`. `without_act`: no listed word says what is decided in it."""

    hidden: Words
    shared: bool
    without_act: bool


def separate(scene: Scene, mentioned: Sequence[CountryRole], host: str | None) -> tuple[Separate, ...]:
    """The events of the article in the order of the text; empty if it has only one. `host`: of the whole article."""
    if len(scene.acts) < 2 or len({one.country for one in mentioned}) < 3:
        return ()  # two events have at least three parties
    timeline = Timeline(scene)
    here = defaultdict[int, list[CountryRole]](list)
    for one in mentioned:
        here[one.sentence].append(one)
    units = _continued(unit for n in range(len(scene.reading.sentences)) for unit in _units(scene, here[n], n))
    events: list[_Event] = []
    for unit in units:
        if _in_text(scene, unit) and _reports(scene, unit) and not timeline.background(unit.sentence):
            _add(timeline, events, unit, host)
    if len(events) < 2:
        return ()
    _assign(scene, events, units)
    return tuple(
        Separate(_hidden(scene, events, units, event), _shares_host(events[0], event), not event.seed.outcomes)
        for event in events
    )


def _continued(units: Iterable[_Unit]) -> list[_Unit]:
    """The units; one that has an act and names no country is about the only one of the sentence before: "N'Djamena was
    first. It ended the agreement."."""
    found = list[_Unit]()
    for unit in units:
        before = found[-1] if found else None
        follows = before is not None and before.sentence == unit.sentence - 1 and not before.outcomes
        if before is not None and follows and unit.outcomes and not unit.named and len(before.named) == 1:
            unit = unit._replace(hosts=before.named - before.senders, named=before.named)
        found.append(unit)
    return found


def _reports(scene: Scene, unit: _Unit) -> bool:
    """Whether a unit can report an event: it has words for an act, or says at the same time what a body of one country
    does about the forces of another."""
    beside = unit.certain and unit.hosts and unit.senders and scene.spans_in("same-time", unit.sentence)
    return bool(unit.outcomes or beside)


def _add(timeline: Timeline, events: list[_Event], unit: _Unit, host: str | None) -> None:
    """Add the unit to the events if it starts one."""
    if not (unit.senders or unit.hosts or host in unit.named) or not _about_forces(timeline.scene, unit):
        return
    if not events:
        if unit.outcomes:
            hosts = {host} if host and (host in unit.hosts or not unit.hosts) else set(unit.hosts)
            events.append(_Event(unit, hosts, set(unit.senders)))
    elif len(events) < _MOST and all(_differs(timeline, event, unit) for event in events):
        events.append(_Event(unit, set(unit.hosts) or set(events[0].hosts), set(unit.senders)))
    else:
        for event in events:
            if not _differs(timeline, event, unit):
                event.senders |= unit.senders - event.hosts
                break


def _differs(timeline: Timeline, event: _Event, unit: _Unit) -> bool:
    """Whether the unit reports another event."""
    near = unit.sentence == event.seed.sentence
    if unit.hosts and event.hosts and unit.hosts.isdisjoint(event.hosts | event.senders):
        certain = unit.certain or bool(unit.senders)
        return certain and event.hosts.isdisjoint(unit.named) and (near or _anchored(timeline, unit, unit.hosts))
    if not unit.senders or not event.senders or not unit.senders.isdisjoint(event.senders | event.hosts):
        return False
    if not unit.outcomes.isdisjoint(event.seed.outcomes) or (unit.hosts and unit.hosts.isdisjoint(event.hosts)):
        return False
    leads = unit.sentence < timeline.scene.reading.parts["lead"]
    return unit.outcomes <= _FINAL if near else leads or _anchored(timeline, unit, unit.senders)


def _anchored(timeline: Timeline, unit: _Unit, countries: frozenset[str]) -> bool:
    """Whether it is news, not a precedent: it has a day or the same sitting, or the headline names its country."""
    scene = timeline.scene
    if scene.spans_in("same-time", unit.sentence):
        return True
    title = {mention.country for n in range(scene.reading.parts["headline"]) for mention in scene.mentions_in(n)}
    if not countries.isdisjoint(title):
        return True
    at = scene.reading.sentences[unit.sentence]
    return scene.published is not None and any(named_days(timeline, at.first, at.last, scene.published))


def _about_forces(scene: Scene, unit: _Unit) -> bool:
    roles = ("force", "stay", "service", "agreement")
    return any(unit.first <= span[0] < unit.last for role in roles for span in scene.spans_in(role, unit.sentence))


def _in_text(scene: Scene, unit: _Unit) -> bool:
    return scene.reading.sentences[unit.sentence].field == "text"


def _units(scene: Scene, here: Sequence[CountryRole], sentence: int) -> Iterator[_Unit]:
    """The sentence, cut between acts that can be of different events. `here`: the countries in it."""
    at = scene.reading.sentences[sentence]
    acts, first = scene.acts_in(sentence), at.first
    cuts = sorted(set(_cuts(scene, sentence, sorted({span for span, _ in acts}))))
    for cut, following in pairwise([*cuts, at.last]):
        if _apart(_unit(sentence, (first, cut), acts, here), _unit(sentence, (cut, following), acts, here)):
            yield _unit(sentence, (first, cut), acts, here)
            first = cut
    yield _unit(sentence, (first, at.last), acts, here)


def _unit(
    sentence: int, words: Span, acts: Sequence[tuple[Span, str]], mentioned: Sequence[CountryRole]
) -> _Unit:  # fmt: skip
    first, last = words
    here = [one for one in mentioned if first <= one.first < last]
    bodies = {one.country for one in here if one.kind == BODY}
    senders = {one.country for one in here if one.kind in (FORCE, REQUEST)}
    senders |= {one.country for one in here if one.kind == RECIPIENT} - bodies
    peoples = {one.country for one in here if one.kind == PEOPLE}
    hosts = {one.country for one in here if one.kind in (BODY, SUBJECT, DATELINE)} - senders
    return _Unit(
        sentence, first, last,
        frozenset(outcome for span, outcome in acts if first <= span[0] < last),
        frozenset(hosts), frozenset(senders or peoples - hosts), frozenset(one.country for one in here),
        bool(bodies),
    )  # fmt: skip


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


def _apart(one: _Unit, other: _Unit) -> bool:
    """Whether two clauses of a sentence can be about different events."""
    if one.hosts and other.hosts:
        return one.hosts.isdisjoint(other.hosts)
    return bool(one.senders and other.senders) and one.outcomes.isdisjoint(other.outcomes)


def _assign(scene: Scene, events: Sequence[_Event], units: Iterable[_Unit]) -> None:
    """Give each unit to the event whose countries it names, or else to that of the unit before it."""
    last: _Event | None = None
    for unit in units:
        named = [event for event in events if not unit.named.isdisjoint(_own(event, events))]
        seeded = next((event for event in events if event.seed == unit), None)
        if seeded or len(named) == 1:
            last = seeded or named[0]
        elif named:
            last = None
        if last is not None and (named or seeded or _in_text(scene, unit)):
            last.units.append(unit)


def _own(event: _Event, events: Sequence[_Event]) -> set[str]:
    """The countries that only this event has."""
    others = set[str]().union(*(other.hosts | other.senders for other in events if other is not event))
    return (event.hosts | event.senders) - others


def _shares_host(first: _Event, event: _Event) -> bool:
    return first is not event and (not event.hosts or not event.hosts.isdisjoint(first.hosts))


def _hidden(scene: Scene, events: Sequence[_Event], units: Sequence[_Unit], event: _Event) -> Words:
    """The words about other events. The body that decides both is not hidden."""
    taken = {unit for other in events if other is not event for unit in other.units}
    shown = set(event.units)
    against = {
        unit for unit in units if unit not in shown and unit.outcomes and unit.outcomes.isdisjoint(event.seed.outcomes)
    }
    hidden = {word for unit in (taken | against) - shown for word in range(unit.first, unit.last)}
    if _shares_host(events[0], event) and not event.seed.certain:
        hidden -= _body_words(scene, events[0].seed)
    return _ranges(sorted(hidden))


def _body_words(scene: Scene, unit: _Unit) -> set[int]:
    """The words for the body that decides in a unit, with its country."""
    bodies = {w for role in BODIES for span in scene.spans_in(role, unit.sentence) for w in range(*span)}
    words = {word for word in bodies if unit.first <= word < unit.last}
    named = {w for mention in scene.mentions for w in range(mention.first, mention.last)}
    small = {w for role in ("of", "the") for span in scene.spans_in(role, unit.sentence) for w in range(*span)}
    for word in sorted(words):
        for step in (-1, 1):
            at = word + step
            while unit.first <= at < unit.last and (at in named or at in small):
                words.add(at)
                at += step
    return words


def _ranges(words: Sequence[int]) -> Words:
    """Sorted word numbers as spans of consecutive ones."""
    starts = [word for n, word in enumerate(words) if n == 0 or words[n - 1] != word - 1]
    ends = [word + 1 for n, word in enumerate(words) if n == len(words) - 1 or words[n + 1] != word + 1]
    return tuple(zip(starts, ends, strict=True))

"""Finds the number of soldiers.

Every number that may count the forces is a candidate; what it counts, and what its sentence is about, is its evidence
(vocabulary/evidence.toml).
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from itertools import islice, takewhile
from typing import NamedTuple

from pipeline.core.expressions.calendar import calendar_of
from pipeline.core.expressions.numbers import Number
from pipeline.core.expressions.quantities import Quantity, quantities
from pipeline.core.expressions.vague import vague_numbers
from pipeline.core.facts.candidates import Candidate, scale, setting, told
from pipeline.core.facts.noun_phrases import Timeline, small_words
from pipeline.core.facts.parties import Parties
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.signs import JOINS
from pipeline.core.places.mentions import Mention
from pipeline.core.topics.hits import Span
from pipeline.records import Personnel, Stated, Vote

_REACH = 4  # words from a number to what it counts: "60 light infantry soldiers"
_BEFORE = 8  # words from what is counted to its number: "the trainers, up to 85 in all"
_FEWEST = 2  # "a soldier" is not a count
_MOST = 500_000
_MOST_NUMBERS = 100  # a text with more is a table
_YEARS = range(1990, 2051)
_HANDFUL = 10  # so few are seldom those of a decision
_TOLD = ("earlier", "background", "stay")  # roles of words anywhere in the sentence


class Count(NamedTuple):
    """A number that may count the forces. `unit`: the words for what is counted, if any."""

    quantity: Quantity
    unit: Span | None


def find_personnel(scene: Scene, vote: Vote | None, parties: Parties) -> Personnel | None:
    """The number of soldiers, or its bounds, and its unit, by the best count; of equals, the first. Without a
    number the words for a vague one."""
    return _numbered(scene, vote, parties) or _vague(scene, parties)


def _vague(scene: Scene, parties: Parties) -> Personnel | None:
    """Soldiers that are counted in words such as "dozens", where the event is reported."""
    timeline, soldiers = Timeline(scene), dict(sorted(scene.spans("persons")))
    found: list[Candidate[Count]] = []
    for number in scene.event:
        sentence = scene.reading.sentences[number]
        for one in vague_numbers(scene.reading, sentence.first, sentence.last, scene.language):
            low, high = Number(one.low, one.first, one.last, False), Number(one.high, one.first, one.last, False)
            quantity = Quantity(low, high, high, one.first, one.last)
            count = Count(quantity, _unit(scene, quantity, number, soldiers))
            if count.unit and not _hosts_own(scene, count, number, parties):
                evidence = setting(timeline, number) | _evidence(scene, count, number) | {"soldiers"}
                found.append(scale("personnel").weigh(count, number, evidence))
    best = scale("personnel").best(found)
    return Personnel(vague=scene.as_written(best.value.quantity.first, best.value.quantity.last)) if best else None


def _numbered(scene: Scene, vote: Vote | None, parties: Parties) -> Personnel | None:
    counts = personnel_candidates(scene, vote, parties)
    others = [one for one in counts if "there-already" not in one.evidence]
    best = scale("personnel").best(others) or scale("personnel").best(counts)  # those there, without a better number
    if best is None:
        return None
    low, high = best.value.quantity.low, best.value.quantity.high
    first, last, more = best.value.quantity.first, best.value.quantity.last, 0
    following = _second_contingent(scene, best, counts)
    if following is not None:
        last, more = following.quantity.last, following.quantity.number.value
    return Personnel(
        min=scene.stated(low.value + more, first, last) if low else None,
        max=scene.stated(high.value + more, first, last) if high else None,
        unit=_stated_unit(scene, best.value.unit),
    )


def _hosts_own(scene: Scene, count: Count, sentence: int, parties: Parties) -> bool:
    """Whether the host's own soldiers are counted: "300 soldados chilenos" in Chile."""
    if not (parties.host and count.unit):
        return False
    host, first, last = str(parties.host.value), count.quantity.last, count.unit[1]
    end = min(last + 1, scene.reading.sentences[sentence].last)
    named = [m for m in scene.mentions if first <= m.first < end and (m.demonym or m.country) and not m.cities]
    return bool(named) and all(host in _of(mention) for mention in named)


def _of(mention: Mention) -> tuple[str, ...]:
    """The countries that a mention may name."""
    return (mention.country,) if mention.country else mention.demonym.countries if mention.demonym else ()


def _stated_unit(scene: Scene, unit: Span | None) -> Stated | None:
    return scene.as_written(*unit) if unit else None


def _second_contingent(scene: Scene, best: Candidate[Count], counts: list[Candidate[Count]]) -> Count | None:
    """The count of a second contingent, if each has its country: "1,900 soldiers from Canada and 600 from Spain"."""
    one = best.value
    exact = one.quantity.low is one.quantity.high
    behind = next((each for each in counts if each.value.quantity.first > one.quantity.first), None)
    if behind is None or not exact or behind.sentence != best.sentence:
        return None
    other = behind.value
    if other.quantity.low is not other.quantity.high:
        return None
    end = other.unit[1] if other.unit and other.unit[0] >= other.quantity.last else other.quantity.last
    own = _countries(scene, one.quantity.first, other.quantity.first)
    others = _countries(scene, other.quantity.first, end + _REACH)
    joined = any(span[1] in (other.quantity.first, other.quantity.first - 1) for span in scene.spans("as-well-as"))
    near = other.quantity.first - one.quantity.last <= _BEFORE
    return other if joined and near and own and others and own.isdisjoint(others) else None


def _countries(scene: Scene, first: int, last: int) -> set[str]:
    """Countries of the mentions that start within the words first to last (exclusive)."""
    at = bisect_left(scene.mentions, first, key=lambda mention: mention.first)
    named = takewhile(lambda mention: mention.first < last, islice(scene.mentions, at, None))
    return {mention.country for mention in named if mention.country}


def personnel_candidates(scene: Scene, vote: Vote | None, parties: Parties) -> list[Candidate[Count]]:
    """The numbers in the text that may count soldiers, with their evidence, in order; without the host's own."""
    timeline, voted = Timeline(scene), _voted(scene, vote)
    soldiers, people = dict(sorted(scene.spans("persons"))), dict(sorted(scene.spans("people")))
    found, last, told = list[Candidate[Count]](), -1, list[int]()
    for number, sentence in enumerate(scene.reading.sentences):
        if len(found) > _MOST_NUMBERS:
            break
        every = quantities(scene.reading, sentence.first, sentence.last, scene.language)
        around = setting(timeline, number) if every else set[str]()
        for quantity in every:
            one = quantity.number
            if not _FEWEST <= one.value <= _MOST or (one.year and one.value in _YEARS) or one.first in voted:
                continue
            unit = _unit(scene, quantity, number, soldiers, people)
            before = None if unit else _before(scene, quantity, sentence.first, sentence.last, soldiers)
            strong = _strength(scene, quantity, number)
            if not (unit or before or strong or (last == number and _continues(scene, quantity))):
                continue
            last, count, kinds = number, Count(quantity, unit or before), set[str]()
            if count.unit:
                kinds.add("soldiers" if any(at in soldiers for at in range(*count.unit)) else "people")
            kinds |= {"noun-before"} if before else {"no-noun"} if not unit else set()
            kinds |= {"strength"} if strong else set()
            kinds |= {"goes-on"} if strong and not unit and _goes_on(scene, number) else set()
            if not _hosts_own(scene, count, number, parties):
                evidence = around | kinds | _evidence(scene, count, number)
                evidence |= {"again"} if one.value in told else set() if told else {"first"}
                told.append(one.value)
                found.append(scale("personnel").weigh(count, number, evidence))
    return found


def _elector(scene: Scene, first: int, last: int, number: int) -> bool:
    """Whether those counted are members of a body rather than of an army."""
    among = any(span[0] == first for span in scene.spans_in("electors", number))
    army = next((span[0] for span in scene.spans_in("force", number) if last <= span[0] < last + _REACH), None)
    return among and (army is None or any(scene.reading.gap(at) not in JOINS for at in range(last, army + 1)))


def _voted(scene: Scene, vote: Vote | None) -> set[int]:
    """The words that are numbers of a vote."""
    leaves = [leaf for leaf in (vote.for_, vote.against, vote.abstain) if leaf] if vote else []
    places = {(leaf.field, leaf.start) for leaf in leaves}
    split = scene.reading.split
    return {
        n for n, (start, _) in enumerate(scene.reading.places) if ("title" if n < split else "text", start) in places
    }  # fmt: skip


def _unit(scene: Scene, quantity: Quantity, number: int, *known: dict[int, int]) -> Span | None:
    """The words for what `quantity` counts: those after it, up to a noun, without a leading "of"."""
    reading, first = scene.reading, quantity.last
    stops, of = _stops(scene.language), calendar_of(scene.language).phrases["of"]
    others = {span[0] for role in ("formation", "site", "machine") for span in scene.spans_in(role, number)}
    free = {span[0] for span in scene.spans_in("and", number)}
    left = reach = _REACH * reading.pace
    for at in range(quantity.last, min(quantity.last + 3 * reach, scene.reading.sentences[number].last)):
        left -= at not in free and not _countries(scene, at, at + 1)
        abbreviated = at == first and reading.gap(at) == ". "  # "3 tys. żołnierzy"
        if left < 0 or (reading.gap(at) not in JOINS and not abbreviated) or reading.words[at].isdecimal():
            return None
        for spans in known:
            if at in spans and not _elector(scene, at, spans[at], number):
                return first, spans[at]
        if at == first and (reading.words[at],) in of:
            first = at + 1
        elif reading.words[at] in stops or at in others:
            return None
    return None


def _before(scene: Scene, quantity: Quantity, first: int, last: int, soldiers: dict[int, int]) -> Span | None:
    """The noun before a number that has none after it: "the trainers, up to 85 in all"."""
    bounded = quantity.low is not quantity.high or quantity.last > quantity.number.last
    ends = quantity.last >= last or scene.reading.gap(quantity.last) not in JOINS
    of = quantity.last < last and scene.reading.words[quantity.last] in _stops(scene.language)
    if not bounded or not (ends or of):
        return None
    near = range(quantity.first - _BEFORE, quantity.first + 1)
    spans = ((at, soldiers[at]) for at in range(max(first, near.start - _REACH), near.stop) if at in soldiers)
    return max((span for span in spans if span[1] in near), default=None)


def _strength(scene: Scene, quantity: Quantity, number: int) -> bool:
    """Whether the number is the strength of a force: "a 30-strong army team", "troops numbering about 200", "a team of
    30"; of forces in the sentence before: "They number between 120 and 150."."""
    heads, forces = scene.spans_in("headcount", number), scene.spans_in("force", number)
    if any(first == quantity.last for first, _ in heads):
        return any(quantity.last < first <= quantity.last + _BEFORE for first, _ in forces)
    if not _closed(scene, quantity, number):
        return False
    of = (scene.reading.words[quantity.first - 1],) in calendar_of(scene.language).phrases["of"]
    counted = [*forces, *scene.spans_in("formation", number)]
    before = number > 0 and scene.spans_in("force", number - 1)
    said = any(last in (quantity.first - 1, quantity.first) for _, last in heads)  # "they number between 120 and 150"
    return (said and bool(forces or before)) or (of and any(last == quantity.first - 1 for _, last in counted))


def _goes_on(scene: Scene, number: int) -> bool:
    """Whether the sentence continues one on the event without naming the forces: "They number 45."."""
    first = scene.reading.sentences[number].first
    opens = any(span[0] == first for span in scene.spans_in("headcount", number))
    return number > 0 and number - 1 in scene.event and (opens or not scene.spans_in("force", number))


def _closed(scene: Scene, quantity: Quantity, number: int) -> bool:
    """Whether nothing that could be counted follows the number."""
    reading, after = scene.reading, quantity.last
    if after >= reading.sentences[number].last or reading.gap(after) not in JOINS:
        return True
    following = reading.words[after]
    return (
        following in _stops(scene.language) | small_words(scene.language).joining
        or (following,) in calendar_of(scene.language).phrases["of"]
    )


def _continues(scene: Scene, quantity: Quantity) -> bool:
    """Whether it can continue a number of soldiers in the same sentence: "… and 600 from Spain"."""
    return quantity.low is quantity.high and bool(_countries(scene, quantity.last, quantity.last + 3))


@cache
def _stops(language: str | None) -> frozenset[str]:
    """Words that show that a number does not count soldiers: "two hours in", "30 days"."""
    small = small_words(language)
    units = (word for unit in calendar_of(language).units for word in unit)
    return small.into | small.ends | small.until | frozenset(units)


def _evidence(scene: Scene, count: Count, sentence: int) -> set[str]:
    """The evidence from the words around a number, and from how exact it is."""
    quantity, unit = count
    found = told(scene, sentence, _TOLD)
    found.add("exact" if quantity.low is quantity.high else "bounded")
    near = range(quantity.first - 2, max(quantity.last, unit[1] if unit else 0) + 3)
    if any(span[0] in near for span in scene.spans_in("others-counted", sentence)):
        found.add("others-counted")
    if _there(scene, quantity, sentence):
        found.add("there-already")
    if quantity.number.value < _HANDFUL:
        found.add("handful")
    return found


def _there(scene: Scene, quantity: Quantity, sentence: int) -> bool:
    """Whether they are said to be in the country already."""
    near = range(quantity.first - _REACH, quantity.last + _REACH)
    return any(span[0] in near for span in scene.spans_in("already", sentence))

"""Finds the result of the vote: votes for, against, and abstentions.

The tally of every sentence is a candidate; how many sides it has, and what its sentence is about, is its evidence
(vocabulary/evidence.toml).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from pipeline.core.expressions.calendar import calendar_of
from pipeline.core.expressions.numbers import Number, numbers
from pipeline.core.facts.candidates import Candidate, scale, setting, told
from pipeline.core.facts.noun_phrases import Timeline, ands_in, small_words
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.signs import breaks
from pipeline.core.topics.hits import Span
from pipeline.records import Stated, Vote

_MOST = 3000  # members of the largest assemblies
_MOST_VOTES = 30  # sentences with a tally that are considered
_REACH = 8  # words between a number and its side
_SHORT_REACH = 3
_SPREAD = 5  # words between the numbers of two sides
_SIDES = ("for", "against", "abstain")
_GRANTED = {"authorised", "extended"}
_DASHES = ("-", "\u2013", "\u2014", "\u2011", " - ", " \u2013 ", ":")
_BESIDE = ("votes-cast", "electors")  # roles of words beside a number of votes
_RESULT = ":–—"  # between a side and its number: "in favour: 31"
_TOLD = ("votes-cast", "electors", "earlier", "by-votes")  # roles of words anywhere in the sentence
_MEMBERS = ("electors", "members")

Tally = dict[str, tuple[int, Span]]  # by side, the votes and the words that state them


class _Label(NamedTuple):
    """A word for a side. `short`: a short word with other frequent meanings ("za", "no")."""

    side: str
    span: Span
    short: bool


def find_vote(scene: Scene) -> Vote | None:
    """Votes for, against, and abstentions, from the sentence with the best tally, and the next one."""
    candidates = vote_candidates(scene)
    best = scale("vote").best(candidates)
    if best is None:
        return None
    if "act" not in best.evidence:  # a committee's, or that of an earlier reading
        own = [one for one in scale("vote").accepted(candidates) if "act" in one.evidence]
        best = scale("vote").best(one for one in own if len(one.value) >= len(best.value)) or best
    tallies, whole = {one.sentence: one.value for one in candidates}, dict(best.value)
    for number, tally in tallies.items():
        if _same(tally, whole):
            following = tallies.get(number + 1, {})
            whole = {**(following if tally.keys().isdisjoint(following) else {}), **tally, **whole}
    leaves = {side: _leaf(scene, whole.get(side)) for side in _SIDES}
    return Vote(for_=leaves["for"], against=leaves["against"], abstain=leaves["abstain"])


def vote_candidates(scene: Scene) -> list[Candidate[Tally]]:
    """The tallies of the sentences, with their evidence, in order."""
    timeline, found = Timeline(scene), list[Candidate[Tally]]()
    for number in range(len(scene.reading.sentences)):
        tally = _tally(scene, number) if len(found) < _MOST_VOTES else {}
        stray = tally.keys() == {"abstain"} and not _of_electors(scene, number, tally)
        if tally and not stray:
            evidence = setting(timeline, number) | _of_tally(scene, number, tally)
            found.append(scale("vote").weigh(tally, number, evidence))
    return found


def _of_tally(scene: Scene, number: int, tally: Tally) -> set[str]:
    """The evidence of a tally itself: its sides, the words around it, and whether the result is that of the event."""
    found = told(scene, number, _TOLD)
    found.add("only-abstain" if tally.keys() == {"abstain"} else f"sides-{len(tally)}")
    if _of_electors(scene, number, tally):
        found.add("of-electors")
    if scene.decision is not None and {"for", "against"} <= tally.keys():
        granted = scene.decision.outcome in _GRANTED
        if granted or scene.decision.outcome == "rejected":
            found.add("agrees" if (tally["for"][0] > tally["against"][0]) == granted else "disagrees")
    return found


def _same(one: Tally, other: Tally) -> bool:
    """Whether both tallies are of one vote: the numbers that both have agree."""
    shared = one.keys() & other.keys()
    return bool(shared) and all(one[side][0] == other[side][0] for side in shared)


def _leaf(scene: Scene, count: tuple[int, Span] | None) -> Stated | None:
    return scene.stated(count[0], *count[1]) if count else None


def _tally(scene: Scene, sentence: int) -> Tally:
    """The tally in one sentence."""
    at = scene.reading.sentences[sentence]
    every = [
        one for one in numbers(scene.reading, at.first, at.last, scene.language)
        if not one.ordinal and not one.year and one.value <= _MOST and not _counts_other(scene, one, sentence)
        and not _numbers_act(scene, one, sentence)
    ]  # fmt: skip
    if not every:
        return {}
    voting = bool(scene.spans_in("votes-cast", sentence))
    tally = _pair(scene, sentence, every, voting)
    sides = ("abstain",) if tally else _SIDES
    labels = [label for label in _labels(scene, sentence) if label.side in sides]
    used = {span for _, span in tally.values()}
    for side, count in _labelled(scene, sentence, [one for one in every if (one.first, one.last) not in used], labels):
        if side not in tally:
            tally[side] = count
    named = voting or bool(scene.spans_in("electors", sentence)) or sentence in scene.event
    if "abstain" not in tally and not (named if len(tally) > 1 else voting or _of_electors(scene, sentence, tally)):
        tally = {}
    if not tally:
        tally = _unanimous(scene, sentence, every)
    if (not tally and voting) or ("for" not in tally and "against" in tally):
        free = [one for one in every if (one.first, one.last) not in {span for _, span in tally.values()}]
        granted = scene.decision is not None and scene.decision.outcome in _GRANTED
        side = "for" if granted or "against" in tally or not _rejected(scene, sentence) else "against"
        tally = {**_alone(scene, sentence, free, side), **tally}
    return _none_against(scene, sentence, tally)


def _counts_other(scene: Scene, one: Number, sentence: int) -> bool:
    """Whether a number counts soldiers or days."""
    if one.last == scene.reading.sentences[sentence].last:
        return False
    days = (scene.reading.words[one.last],) in calendar_of(scene.language).units
    return days or any(span[0] == one.last for span in scene.spans_in("persons", sentence))


def _numbers_act(scene: Scene, one: Number, sentence: int) -> bool:
    """Whether a number is that of an act: "Resolution 31-12", "ley n.º 45"."""
    marks = small_words(scene.language).marks
    for role in ("instrument-kind", "instrument-numbered"):
        for _, last in scene.spans_in(role, sentence):
            between = scene.reading.words[last : one.first]
            if last <= one.first and one.digits and all(word in marks or word.isdecimal() for word in between):
                gaps = [scene.reading.gap(word) for word in range(last, one.first + 1)]
                if not any("," in gap or ":" in gap for gap in gaps):
                    return True
    return False


def _of_electors(scene: Scene, sentence: int, tally: Tally) -> bool:
    """Whether a number of the tally counts members of a chamber: "78 de los 91 diputados"."""
    firsts = {first for role in _MEMBERS for first, _ in scene.spans_in(role, sentence)}
    return any(0 <= first - last <= _REACH for _, (_, last) in tally.values() for first in firsts)


def _unanimous(scene: Scene, sentence: int, every: list[Number]) -> Tally:
    """The tally if all members voted for it, and are counted: "all 15 members backed it"."""
    whole = [last for _, last in scene.spans_in("unanimous", sentence)]
    firsts = {first for role in _MEMBERS for first, _ in scene.spans_in(role, sentence)}
    for one in every:
        counted = any(0 <= first - one.last <= 1 for first in firsts)
        if counted and any(0 <= one.first - last <= _SHORT_REACH for last in whole) and not _rejected(scene, sentence):
            return {"for": (one.value, (one.first, one.last))}
    return {}


def _none_against(scene: Scene, sentence: int, tally: Tally) -> Tally:
    """The tally, with 0 against if the sentence says so and has no number for it."""
    spans = scene.spans_in("none-against", sentence)
    return {**tally, "against": (0, spans[0])} if spans and "for" in tally and "against" not in tally else tally


def _rejected(scene: Scene, sentence: int) -> bool:
    """Whether the side against won."""
    at = scene.reading.sentences[sentence]
    results = {
        outcome for outcome, _, met in scene.outcomes for _, spans in met
        if any(at.first <= span[0] < at.last for span in spans)
    }  # fmt: skip
    if ("rejected" in results) != bool(results & _GRANTED):
        return "rejected" in results
    return scene.decision is not None and scene.decision.outcome == "rejected"


def _sides(scene: Scene, sentence: int, one: Number, other: Number) -> Tally:
    """Which of two numbers is for and which against, by the result."""
    more, less = (one, other) if one.value >= other.value else (other, one)
    yes, no = (less, more) if _rejected(scene, sentence) else (more, less)
    return {"for": (yes.value, (yes.first, yes.last)), "against": (no.value, (no.first, no.last))}


def _pair(scene: Scene, sentence: int, every: list[Number], voting: bool) -> Tally:
    """The tally of two numbers side by side: "71 votes to 34", "68-34", "mit 71 gegen 34 Stimmen"."""
    decided = voting or bool(scene.spans_in("authorise", sentence) or scene.spans_in("refuse", sentence))
    for one, other in pairwise(every):
        if decided and _opposed(scene, one, other, voting):
            return _sides(scene, sentence, one, other)
    return {}


def _opposed(scene: Scene, one: Number, other: Number, voting: bool) -> bool:
    """Whether only words such as "to" or "against" are between the two numbers."""
    reading = scene.reading
    if other.first == one.last:
        return reading.gap(other.first) in _DASHES and one.digits and other.digits
    if other.first - one.last > _SPREAD:
        return False
    between = set(range(one.last, other.first))
    sentence = reading.sentence_at(one.first)
    spans = [span for span in scene.spans_in("versus", sentence) if between.issuperset(range(*span))]
    votes = scene.covered(*_BESIDE, sentence=sentence)
    of = calendar_of(scene.language).phrases["of"]
    rest = {at for at in between - votes if (reading.words[at],) not in of}
    named = voting or bool(between & votes)
    return named and any(rest <= set(range(*span)) for span in spans)


def _labels(scene: Scene, sentence: int) -> list[_Label]:
    """The words for sides in order, the longest of overlapping ones."""
    words = scene.reading.words
    every = [
        _Label(side, span, span[1] - span[0] == 1 and len(words[span[0]]) < 4)
        for side in _SIDES
        for span in scene.spans_in(f"vote-{side}", sentence)
    ]
    taken: set[int] = set()
    kept = []
    for label in sorted(every, key=lambda label: label.span[0] - label.span[1]):
        if taken.isdisjoint(range(*label.span)):
            taken |= set(range(*label.span))
            kept.append(label)
    return sorted(kept, key=lambda label: label.span)


def _labelled(
    scene: Scene, sentence: int, every: list[Number], labels: list[_Label]
) -> Iterator[tuple[str, tuple[int, Span]]]:  # fmt: skip
    """The numbers beside words for a side: in each clause, the nearest one ("71 a favor, 34 en contra")."""
    counted = _without_totals(scene, sentence, every)
    for first, last in _clauses(scene, sentence, every):
        if any(first <= span[0] < last for span in scene.spans_in("not-cast", sentence)):
            continue
        here = [one for one in counted if first <= one.first < last]
        named = [label for label in labels if first <= label.span[0] < last]
        free = set(range(len(here)))
        ahead = bool(named) and bool(here) and named[0].span[0] < here[0].first  # "dafür stimmten 71"
        for label in named:
            near = [n for n in free if _near(here[n], label)]
            if near:
                n = min(near, key=lambda n: (_apart(here[n], label), (here[n].first < label.span[0]) == ahead))
                free.remove(n)
                yield label.side, (here[n].value, (here[n].first, here[n].last))


def _near(one: Number, label: _Label) -> bool:
    """Whether the number is near enough. "One" in words may be an article: it counts only directly before the label."""
    if one.value == 1 and not one.digits:
        return 0 <= label.span[0] - one.last < 2
    return _apart(one, label) <= (_SHORT_REACH if label.short else _REACH)


def _apart(one: Number, label: _Label) -> int:
    return max(label.span[0] - one.last, one.first - label.span[1])


def _without_totals(scene: Scene, sentence: int, every: list[Number]) -> list[Number]:
    """The numbers without totals, such as the 139 in "81 of the 139"."""
    totals = {last: first for first, last in scene.spans_in("out-of", sentence)}
    ends = {word for one in every for word in range(one.last, one.last + 3)}
    return [one for one in every if totals.get(one.first) not in ends]


def _clauses(scene: Scene, sentence: int, every: list[Number]) -> list[Span]:
    """The sentence split at commas and "and", but not inside a number."""
    reading, at = scene.reading, scene.reading.sentences[sentence]
    inside = {word for one in every for word in range(one.first + 1, one.last)}
    ands = ands_in(scene, sentence)
    cuts = [
        word for word in range(at.first + 1, at.last)
        if word not in inside and (breaks(reading.gap(word), besides=_RESULT) or word in ands)
    ]  # fmt: skip
    edges = [at.first, *cuts, at.last]
    return list(pairwise(edges))


def _alone(scene: Scene, sentence: int, every: list[Number], side: str) -> Tally:
    """The tally of one number, on the winning side: "by 71 votes", "244 голосами"."""
    if (sentence not in scene.event and sentence >= scene.reading.parts["lead"]) or scene.spans_in(
        "not-cast", sentence
    ):
        return {}
    by = scene.covered("by-votes", sentence=sentence)
    votes = {span[0] for role in _BESIDE for span in scene.spans_in(role, sentence)}
    of = calendar_of(scene.language).phrases["of"]
    for one in every:
        at = one.last + (tuple(scene.reading.words[one.last : one.last + 1]) in of)
        if at in votes and (one.first - 1 in by or at in by):
            return {side: (one.value, (one.first, one.last))}
    return {}

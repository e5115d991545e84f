"""Finds the legal act: a law, a decree, an agreement, with its number, date and gazette.

Every act that is named is a candidate, except one that is only the basis of another ("on the basis of the law"); a
number, the sentence and what is done with it are its evidence (vocabulary/evidence.toml).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.core.facts.act_numbers import are_letters, number_after, number_before
from pipeline.core.facts.antecedents import Act, acts_named
from pipeline.core.facts.candidates import Candidate, position, scale
from pipeline.core.facts.instrument_dates import Day, Made, day_candidates, find_day
from pipeline.core.facts.noun_phrases import (
    Timeline,
    bounds,
    capital,
    in_clause,
    longest_spans,
    name_end,
    numbered,
    small_words,
)
from pipeline.core.facts.references import Named
from pipeline.core.facts.scene import Scene
from pipeline.core.topics.hits import Span, overlaps
from pipeline.records import Instrument, Stated

_UNDOING = 2  # words between "revoked" and the revoked act
_GROUND = 8  # words from "on the basis of" to the act that is the basis
_TITLE = 20  # words between the edges of a title and the word for its kind

_ACTED = 6  # words between the act and what is decided
_MOST = 200  # acts that one article names

_UNMADE = frozenset(("rejected", "debated"))
_MADE = frozenset(("authorised", "extended", "revoked"))


class _Mention(NamedTuple):
    """An act as a sentence names it. `span`: the word for its kind. `sure`: it means an act without a number too."""

    named: Named
    sentence: int
    span: Span
    sure: bool


def find_instrument(scene: Scene, host: str | None) -> Instrument | None:
    """The act that admits the forces, or would. `host`: whose acts are not another country's."""
    timeline = Timeline(scene)
    published, chosen = _published(timeline), _chosen(timeline, host)
    if chosen is None:
        known = scene.spans("instrument-kind") or scene.spans("instrument-numbered")
        return Instrument(published=published) if published and known else None
    act, best = chosen
    day = find_day(scene, day_candidates(timeline, _made(timeline, act, best)))
    return Instrument(
        kind=scene.as_written(*best.kind), number=best.number or act.number, date=day, published=published
    )


def instrument_days(scene: Scene, host: str | None) -> list[Candidate[Day]]:
    """The days that may be that of the act, with their evidence."""
    timeline = Timeline(scene)
    chosen = _chosen(timeline, host)
    return day_candidates(timeline, _made(timeline, *chosen)) if chosen is not None else []


def instrument_candidates(scene: Scene, host: str | None) -> list[Candidate[Named]]:
    """The acts that the article names, with their evidence, without those that are only the basis of another."""
    timeline = Timeline(scene)
    mentions = _mentions(timeline)
    return _weighed(timeline, mentions, _acts(timeline, mentions, host))


def _chosen(timeline: Timeline, host: str | None) -> tuple[Act, Named] | None:
    """The most probable act, and its fullest mention."""
    mentions = _mentions(timeline)
    acts = _acts(timeline, mentions, host)
    candidates = _weighed(timeline, mentions, acts)
    found = scale("instrument").best(candidates)
    if found is None:
        return None
    act = next(act for act in acts if found.value in act.mentions)
    return act, _fullest(candidates, act, found)


def _made(timeline: Timeline, act: Act, best: Named) -> Made:
    """Where the making of an act can be told. `best`: its fullest mention."""
    scene = timeline.scene
    agreed, signed = (_is(scene, role, best.kind) for role in ("instrument-agreed", "agreement"))
    mentions = [best, *(one for one in act.mentions if one != best)]
    told = [n for n in _sentences(scene, act) if not timeline.background(n)]
    unmade = scene.decision is not None and scene.decision.outcome in _UNMADE
    done = _done_in(timeline, signed=signed)
    named = [(one.kind, one.end) for one in mentions]
    days = frozenset[Span]().union(*(one.days for one in act.references))
    return Made(named, days, told, done, agreement=signed, agreed=agreed, unmade=unmade)


def _acts(timeline: Timeline, mentions: Sequence[_Mention], host: str | None) -> list[Act]:
    """The acts that the mentions name, with later words for them."""
    scene = timeline.scene
    again = [span for n in timeline.current() for span in scene.spans_in("instrument-again", n)]
    numbers = [number_after(scene, span) or number_before(scene, span) for span in again]
    others = [Named(span, number, _end(scene, span, number)) for span, number in zip(again, numbers, strict=True)]
    return acts_named(scene, [one.named for one in mentions], others, host)


def _fullest(candidates: Sequence[Candidate[Named]], act: Act, best: Candidate[Named]) -> Named:
    """Of the candidates that name the act, the one that does it with a number, or with the most words; of equals, the
    best one, then the first."""
    same = [best.value, *(one.value for one in candidates if one.value in act.mentions)]
    return max(same, key=lambda one: (one.number is not None, one.kind[1] - one.kind[0]))


def _sentences(scene: Scene, act: Act) -> list[int]:
    """The sentences that name an act or continue one that does."""
    named = [scene.reading.sentence_at(one.kind[0]) for one in act.mentions]
    return sorted({*named, *act.continued})


def _is(scene: Scene, role: str, kind: Span) -> bool:
    return overlaps(kind, scene.spans_in(role, scene.reading.sentence_at(kind[0])))


def _done_in(timeline: Timeline, *, signed: bool) -> list[int]:
    """The sentences with the decision, as its words come; of an agreement, with its signature. What was only submitted,
    debated or refused is not made."""
    scene = timeline.scene
    decided = scene.decision is not None and scene.decision.outcome in _MADE
    spans = scene.spans("signed") if signed else scene.decision.acts if scene.decision and decided else ()
    votes = scene.spans("vote-for") if spans and not signed else ()  # "the vote was on Wednesday" may stand by itself
    found = dict.fromkeys(scene.reading.sentence_at(first) for first, _ in (*spans, *votes))
    lead = scene.reading.parts["lead"]
    return [n for n in found if n < lead and not timeline.background(n)]


def _mentions(timeline: Timeline) -> list[_Mention]:
    """The acts that the sentences name, without those that are only the basis of another."""
    scene, found = timeline.scene, list[_Mention]()
    for sentence in timeline.current():
        for span, sure in _kinds(scene, sentence)[: _MOST - len(found)]:
            kind = _whole_kind(scene, span)
            number = number_after(scene, kind) or number_before(scene, span)
            if number or sure:
                found.append(_Mention(Named(kind, number, _end(scene, kind, number)), sentence, span, sure))
    return found


def _weighed(timeline: Timeline, mentions: Sequence[_Mention], acts: Sequence[Act]) -> list[Candidate[Named]]:
    """The mentions with their evidence."""
    scene, found = timeline.scene, list[Candidate[Named]]()
    apart = [one for act in acts if act.another for one in act.mentions] if any(not a.another for a in acts) else []
    for named, sentence, span, sure in mentions:
        evidence = position(timeline, sentence) | _of_kind(timeline, sentence, span, named.kind)
        evidence |= {"lead"} if sentence < scene.reading.parts["lead"] else set()
        evidence |= {"act"} if sentence in scene.acting else set()
        evidence |= {"made"} if scene.spans_in("instrument-made", sentence) else set()
        evidence |= ({"number"} if named.number else set()) | (set() if sure else {"unsure"})
        evidence |= {"not-in-news"} if named in apart else set()
        found.append(scale("instrument").weigh(named, sentence, evidence))
    return found


def _kinds(scene: Scene, sentence: int) -> list[tuple[Span, bool]]:
    """The words for acts in a sentence, and whether they mean one without a number. What follows "on the basis of" is
    no act of its own; only the nearest one."""
    grounds = list(scene.spans_in("instrument-ground", sentence))
    kinds, found = scene.spans_in("instrument-kind", sentence), list[tuple[Span, bool]]()
    for span in longest_spans([*kinds, *scene.spans_in("instrument-numbered", sentence)]):
        ground = next((g for g in grounds if 0 <= span[0] - g[1] <= _GROUND or g[0] == span[0]), None)
        if ground is not None:
            grounds.remove(ground)
        else:
            found.append((span, span in kinds))
    return found


def _of_kind(timeline: Timeline, sentence: int, span: Span, kind: Span) -> set[str]:
    """The evidence of an act itself: how it is named, what is done with it, and what the event is."""
    scene, decision = timeline.scene, timeline.scene.decision
    found = set[str]()
    if kind[1] - kind[0] > 1:
        found.add("phrase")
    if _is(scene, "agreement", span):
        found.add("agreement")
    if _is(scene, "plea", span):
        found.add("plea")
    if _undone(timeline, sentence, span):
        found.add("undone-revoked" if decision is not None and decision.outcome == "revoked" else "undone")
    if decision is not None:
        found.add({"debated": "debated", "rejected": "refused", "revoked": "revoked"}.get(decision.outcome, "made-new"))
        found |= {"beside-act"} if any(in_clause(scene, act, span, _ACTED) for act in decision.acts) else set()
    return found


def _undone(timeline: Timeline, sentence: int, kind: Span) -> bool:
    """Whether the act is revoked ("tears up the agreement"), rather than revoking ("revoked by decree")."""
    scene, small = timeline.scene, small_words(timeline.scene.language)
    if kind[0] > bounds(scene, kind[0])[0] and scene.reading.words[kind[0] - 1] in small.by:
        return False
    return any(
        in_clause(scene, verb, kind, _UNDOING) and (verb < kind or small.verbs_last)
        for verb in scene.spans_in("revoke", sentence)
    )


def _end(scene: Scene, kind: Span, number: Stated | None) -> int:
    """The first word after the act and its number."""
    end, last = kind[1], bounds(scene, kind[0])[1]
    while number is not None and end < last and scene.reading.places[end][0] < number.end:
        end += 1
    return end


def _whole_kind(scene: Scene, span: Span) -> Span:
    """The kind with the body in its name, if written as a name: "Resolución de Gabinete", "Keputusan DPR"."""
    first, last = span
    if not capital(scene, first) or first == bounds(scene, first)[0]:
        return _title(scene, span)
    end = last
    while end < name_end(scene, first) and not numbered(scene, end):
        end += 1
    marks, written = small_words(scene.language).marks, scene.reading.written
    if end > last and end < bounds(scene, first)[1] and numbered(scene, end) and are_letters(written[end - 1]):
        end -= 1  # "Gesetzentwurf P-214"
    while end > last and (scene.reading.words[end - 1] in marks or not capital(scene, end - 1)):
        end -= 1
    return first, max(last, end)


def _title(scene: Scene, span: Span) -> Span:
    """The whole title that has the kind in it: 《普克普克条约》."""
    reading, (first, last) = scene.reading, bounds(scene, span[0])

    def closed(word: int) -> bool:
        text, end = reading.field_of(word), reading.places[word][1]
        return text[end : end + 1] == "》"

    for start in range(span[0], max(first, span[0] - _TITLE) - 1, -1):
        if start < span[0] and closed(start):
            break  # an earlier title
        if reading.field_of(start)[: reading.places[start][0]].endswith("《"):
            end = next((word + 1 for word in range(span[1] - 1, min(last, span[1] + _TITLE)) if closed(word)), span[1])
            return start, end
    return span


def _published(timeline: Timeline) -> Stated | None:
    """The official gazette that published the act."""
    scene = timeline.scene
    for sentence in timeline.current():
        for first, last in longest_spans(scene.spans_in("gazette", sentence)):
            end = last
            roles = ("instrument-kind", "instrument-numbered")
            kinds = {span[0] for role in roles for span in scene.spans_in(role, sentence)}
            while end < name_end(scene, last - 1) and not numbered(scene, end) and end not in kinds:
                end += 1
            while end > last and not capital(scene, end - 1):
                end -= 1
            return scene.as_written(first, end)
    return None

"""Finds the legal act: a law, a decree, an agreement, with its number, date and gazette.

Every act that is named is a candidate, except one that is only the basis of another ("on the basis of the law"); a
number, the sentence and what is done with it are its evidence (vocabulary/evidence.toml).
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from pipeline.core.facts.candidates import Candidate, position, scale
from pipeline.core.facts.instrument_dates import issued
from pipeline.core.facts.noun_phrases import (
    Timeline,
    between,
    bounds,
    capital,
    in_clause,
    longest_spans,
    name_end,
    numbered,
    small_words,
)
from pipeline.core.facts.scene import Scene
from pipeline.core.topics.hits import Span
from pipeline.records import Instrument, Stated

_NUMBER = r"(?:[A-Z]{2,4} (?=\d))?(?:[^\W_][\w.\-]*(?: [A-Z]{1,5})?/)*[^\W_](?:[\w.\-]*[^\W_])?"
_MOST_LETTERS = 4  # of "P" in "P-214"
_YEAR = re.compile(r"(19|20)\d\d")
_SIGNS = ("№", "#", "º", "°")
_NEAR = 5  # words from an act to its number
_AGAIN = 6  # sentences from an act to "the text, which has the number 112"
_UNDOING = 2  # words between "revoked" and the revoked act
_GROUND = 8  # words from "on the basis of" to the act that is the basis
_TITLE = 20  # words between the edges of a title and the word for its kind

_ACTED = 6  # words between the act and what is decided
_MOST = 200  # acts that one article names

_UNMADE = frozenset(("rejected", "debated"))
_MADE = frozenset(("authorised", "extended", "revoked"))


class _Act(NamedTuple):
    """A legal act in the text. `kind`: the words for it."""

    kind: Span
    number: Stated | None
    end: int  # end of the number, or of the kind


def find_instrument(scene: Scene) -> Instrument | None:
    """The act that admits the forces, or would."""
    timeline = Timeline(scene)
    found = scale("instrument").best(instrument_candidates(scene))
    published = _published(timeline)
    if found is None:
        known = scene.spans("instrument-kind") or scene.spans("instrument-numbered")
        return Instrument(published=published) if published and known else None
    best = found.value
    number = best.number or _number_elsewhere(timeline, best)
    agreed, signed = (_is(scene, role, best.kind) for role in ("instrument-agreed", "agreement"))
    own = scene.reading.sentence_at(best.kind[0])
    near = (own, *sorted((n for n in scene.event if n != own), key=lambda n: (n > own, abs(n - own))))
    unmade = scene.decision is not None and scene.decision.outcome in _UNMADE
    reported, done = () if agreed or unmade else near, _done_in(timeline, signed=signed)
    day = issued(timeline, best.kind, best.end, reported, done, agreement=signed)
    return Instrument(kind=scene.as_written(*best.kind), number=number, date=day, published=published)


def _is(scene: Scene, role: str, kind: Span) -> bool:
    spans = scene.spans_in(role, scene.reading.sentence_at(kind[0]))
    return any(span[0] < kind[1] and kind[0] < span[1] for span in spans)


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


def instrument_candidates(scene: Scene) -> list[Candidate[_Act]]:
    """The acts that the article names, with their evidence, without those that are only the basis of another."""
    timeline, found = Timeline(scene), list[Candidate[_Act]]()
    for sentence in timeline.current():
        around = position(timeline, sentence)
        around |= {"lead"} if sentence < scene.reading.parts["lead"] else set()
        around |= {"act"} if sentence in scene.acting else set()
        around |= {"made"} if scene.spans_in("instrument-made", sentence) else set()
        for span, sure in _kinds(scene, sentence)[: _MOST - len(found)]:
            kind = _whole_kind(scene, span)
            number = _number_after(scene, kind) or _number_before(scene, span)
            if number or sure:
                evidence = around | _of_kind(timeline, sentence, span, kind)
                evidence |= ({"number"} if number else set()) | (set() if sure else {"unsure"})
                one = _Act(kind, number, _end(scene, kind, number))
                found.append(scale("instrument").weigh(one, sentence, evidence))
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
        for verb in timeline.scene.spans_in("revoke", sentence)
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
    if end > last and end < bounds(scene, first)[1] and numbered(scene, end) and _are_letters(written[end - 1]):
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


def _number_after(scene: Scene, span: Span) -> Stated | None:
    """The number after an act, with a mark or directly: "No. 17-2027", "№ 412", "19 vom"."""
    last = bounds(scene, span[0])[1]
    for word in range(span[1], min(span[1] + _NEAR, last)):
        if not numbered(scene, word):
            continue
        if _marked(scene, word) or (word == span[1] and _unmarked(scene, word)):
            return _number_at(scene, word)
        if word == span[1] + 1 and _are_letters(scene.reading.written[word - 1]):
            return _number_at(scene, word - 1)  # "Gesetzentwurf P-214", "законопроєкт HE 31/2027"
        if any(sign.isalpha() for sign in scene.reading.written[word]) and "-" in between(scene, word):
            return None
    return _lettered(scene, span, last)


def _lettered(scene: Scene, span: Span, last: int) -> Stated | None:
    """A number that starts with letters, after a mark: "bernomor R-11/Pres/02/2027"."""
    marks = small_words(scene.language).marks
    for word in range(span[1] + 1, min(span[1] + _NEAR, last - 1)):
        if scene.reading.words[word - 1] in marks and not numbered(scene, word):
            number = _number_at(scene, word)
            if number is not None and any(sign.isdigit() for sign in str(number.value)):
                return number
    return None


def _marked(scene: Scene, word: int) -> bool:
    """Whether a mark of numbers is before `word`: "№", "no"."""
    before = between(scene, word - 1)
    return any(sign in before for sign in _SIGNS) or scene.reading.words[word - 1] in small_words(scene.language).marks


def _unmarked(scene: Scene, word: int) -> bool:
    """Whether a number without a mark cannot be a day or a count: "PDL 402/2026", "ley 31988"."""
    number = _number_at(scene, word)
    value = str(number.value) if number else ""
    if between(scene, word - 1) != " " or _YEAR.fullmatch(value):
        return False
    return any(sign in value for sign in "/-.") or (value.isdecimal() and len(value) > 3)


def _number_before(scene: Scene, span: Span) -> Stated | None:
    """The number before an act: "1521 sayılı karar"."""
    behind = small_words(scene.language).behind
    for word in range(max(bounds(scene, span[0])[0] + 1, span[0] - 3), span[0]):
        if scene.reading.words[word] in behind and numbered(scene, word - 1):
            first = word - 1
            while first > bounds(scene, word)[0] and between(scene, first - 1) in ("/", "-", "."):
                first -= 1
            return _number_at(scene, first)
    return None


def _number_at(scene: Scene, word: int) -> Stated | None:
    """The number that starts with `word`, as written, without its mark."""
    reading = scene.reading
    text = reading.field_of(word)
    match = _number_pattern(small_words(scene.language).before_year).match(text, reading.places[word][0])
    last = bounds(scene, word)[1]
    if match is None:
        return None
    end = word + 1
    while end < last and reading.places[end][1] <= match.end():
        end += 1
    return scene.as_written(word, end)


@cache
def _number_pattern(before_year: frozenset[str]) -> re.Pattern[str]:
    """A number, with the year after it if one of these words joins them: "19 of 2027"."""
    return re.compile(rf"{_NUMBER}(?: (?:{'|'.join(sorted(before_year))}) (?:19|20)\d\d\b)?")


def _are_letters(word: str) -> bool:
    """Whether it may be the letters of a number: a few capitals."""
    return len(word) <= _MOST_LETTERS and word.isalpha() and word.isupper()


def _number_elsewhere(timeline: Timeline, act: _Act) -> Stated | None:
    """A number given for "the text", "the document", or later in the sentence: "(druk nr 1874)"."""
    scene = timeline.scene
    own = scene.reading.sentence_at(act.kind[0])
    for sentence in range(own, min(own + _AGAIN, len(scene.reading.sentences))):
        for span in timeline.scene.spans_in("instrument-again", sentence):
            after = sentence > own or span[0] >= act.kind[1]
            number = _number_after(scene, span) if after and not timeline.background(sentence) else None
            if number is not None:
                return number
    return None


def _published(timeline: Timeline) -> Stated | None:
    """The official gazette that published the act."""
    scene = timeline.scene
    for sentence in timeline.current():
        for first, last in longest_spans(timeline.scene.spans_in("gazette", sentence)):
            end = last
            roles = ("instrument-kind", "instrument-numbered")
            kinds = {span[0] for role in roles for span in timeline.scene.spans_in(role, sentence)}
            while end < name_end(scene, last - 1) and not numbered(scene, end) and end not in kinds:
                end += 1
            while end > last and not capital(scene, end - 1):
                end -= 1
            return scene.as_written(first, end)
    return None

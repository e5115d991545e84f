"""Finds named formations: with a number ("7th Special Forces Group", "Panzerbrigade 45") or a proper name.

Missions count with their name beside a word for a mission ("opération Corymbe"), and ships with theirs ("HMS Tyne",
"fragata «Almirante Lynch»"). A company or a brigade without either does not count, nor does a service ("the Army"), nor
a formation of the host that the forces work with. Kind and sentence of each are its evidence
(vocabulary/evidence.toml).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from pipeline.core.facts.candidates import Candidate, scale, setting
from pipeline.core.facts.missions import named_missions, named_ships
from pipeline.core.facts.noun_phrases import (
    Timeline,
    between,
    bounds,
    capital,
    compounds,
    in_clause,
    longest_spans,
    name_end,
    small_words,
)
from pipeline.core.facts.scene import Scene
from pipeline.core.text.languages import calendar_words
from pipeline.core.topics.hits import Span
from pipeline.records import Stated

_ORDINAL = re.compile(r"\d{1,4}(?:\.|º|ª|°|[-'’/]?[^\W\d_]{1,4})")
_ROMAN = re.compile(r"[IVXLC]+")
_REACH = 4  # words between an ordinal and its formation: "128th Separate Mountain Assault Brigade"
_FORCES = 6  # words between the forces or their stay and a formation
_MOST = 100  # formations of one article
_BESIDE = 4  # words from "with" to the name
MOST_UNITS = 8


class _Near(NamedTuple):
    """Words that are no proper names of formations: `barred`, in names of countries and bodies; `sites`, after "base"
    and the like."""

    barred: frozenset[int]
    sites: frozenset[int]


def find_units(scene: Scene) -> tuple[Stated, ...]:
    """The formations, as named in the text: "SEAL Team", "Panzerbrigade 45"."""
    found, titles = dict[str, Stated](), dict[str, Stated]()
    for one in scale("units").accepted(unit_candidates(scene)):
        unit = scene.as_written(*one.value)
        (titles if unit.field == "title" else found).setdefault(str(unit.value).casefold(), unit)
    return tuple((found or titles).values())[:MOST_UNITS]


def unit_candidates(scene: Scene) -> list[Candidate[Span]]:
    """The formations that the article names, with their evidence, without those of the host; text before title."""
    timeline, found = Timeline(scene), list[Candidate[Span]]()
    barred = [*((m.first, m.last) for m in scene.mentions), *scene.spans("state-body")]
    near = _Near(
        frozenset(word for first, last in barred for word in range(first, last)),
        frozenset(last for _, last in scene.spans("site")),
    )
    times = Counter[str]()
    named = [(n, span, kind) for n in timeline.current() for span, kind in _named(timeline, n, near).items()]
    times.update(scene.reading.original(*span).casefold() for _, span, _ in named)
    for sentence, span, kind in named[:_MOST]:
        if scene.spans_in("unaffected", sentence) or _beside(timeline, sentence, span):
            continue
        evidence = setting(timeline, sentence) | {kind} | _of_name(scene, sentence, span)
        evidence |= {"repeated"} if times[scene.reading.original(*span).casefold()] > 1 else set()
        whole = span if kind == "ship" else _without_country(scene, span)
        found.append(scale("units").weigh(whole, sentence, evidence))
    return found


def _of_name(scene: Scene, sentence: int, span: Span) -> set[str]:
    """The evidence from the name and the words beside it."""
    found = set[str]()
    if span[1] - span[0] == 1:
        found.add("one-word")
    if any(in_clause(scene, force, span, _FORCES) for force in scene.spans_in("force", sentence)):
        found.add("near-forces")
    if any(in_clause(scene, stay, span, _FORCES) for stay in scene.spans_in("stay", sentence)):
        found.add("near-stay")
    return found


def _named(timeline: Timeline, sentence: int, near: _Near) -> dict[Span, str]:
    """The formations in a sentence that have a number or a name, each with its kind."""
    scene, kinds = timeline.scene, list[tuple[Span, str]]()
    kinds += [(span, "known") for span in timeline.scene.spans_in("known-formation", sentence)]
    kinds += [(span, "ship") for span in named_ships(scene, sentence)]
    if sentence in scene.event or scene.spans_in("force", sentence):
        kinds += [(span, "mission") for span in named_missions(scene, sentence)]
    own_name = set(timeline.scene.spans_in("formation", sentence))
    for span in {
        *timeline.scene.spans_in("formation-numbered", sentence),
        *compounds(scene, sentence, small_words(scene.language).compounds),
    }:
        number = _number_before(scene, span[0])
        if number is not None:
            kinds.append(((number, max(span[1], name_end(scene, span[1] - 1))), "numbered"))
        elif _number_behind(scene, span):
            kinds.append(((span[0], _number_behind(scene, span)), "numbered"))
        elif span in own_name and scene.reading.sentences[sentence].field == "text":
            kinds += [(name, "name") for name in _by_name(scene, span, near)]
    merged = longest_spans([span for span, _ in kinds])
    return {
        whole: next(kind for span, kind in kinds if whole[0] <= span[0] and span[1] <= whole[1]) for whole in merged
    }


def _number_before(scene: Scene, word: int) -> int | None:
    """Start of the ordinal before a formation ("3e", "66ª", "136.", "33-го", "146'ncı"), or None."""
    first = bounds(scene, word)[0]
    for at in range(word - 1, max(first, word - _REACH - 2) - 1, -1):
        joined = between(scene, at)
        if any(sign in joined for sign in ",;:()—–"):
            return None
        if scene.reading.written[at][:1].isdigit():
            text = scene.reading.field_of(at)
            start = scene.reading.places[at][0]
            ordinal = _ORDINAL.match(text, start)
            month = scene.reading.words[at + 1] in calendar_words(scene.language)
            return at if ordinal and not month and not scene.reading.written[at].endswith(("s", "x")) else None
        if _ROMAN.fullmatch(scene.reading.written[at]) and at >= word - 2:
            return at
    return None


def _number_behind(scene: Scene, span: Span) -> int:
    """End of "45" or "16 Vânători" after a formation, or 0."""
    last, end = bounds(scene, span[0])[1], span[1]
    ahead = end
    while ahead < min(end + 3, last) and between(scene, ahead - 1) in (" ", "-", " № ", " №"):
        if scene.reading.written[ahead].isdecimal() and len(scene.reading.written[ahead]) <= 4:
            named = capital(scene, span[0]) or ahead > end
            return name_end(scene, ahead) if named else 0
        if not capital(scene, ahead) and scene.reading.words[ahead] not in small_words(scene.language).marks:
            return 0
        ahead += 1
    return 0


def _by_name(scene: Scene, span: Span, near: _Near) -> list[Span]:
    """The formation with its proper name, if it has one next to it: "détachement Marfil", "batalion Royal Welsh",
    "Северного флота"."""
    order, (first, last) = small_words(scene.language).formations, bounds(scene, span[0])
    behind = span[1] < last and between(scene, span[1] - 1) == " " and _proper(scene, span[1], near)
    if order in ("before", "both") and not behind and capital(scene, span[0]) and span[0] > first:
        end = name_end(scene, span[0])  # "Destacamento de Ações Especiais"
        if end > span[1] and _proper(scene, end - 1, near):
            return [(span[0], end)]
    if order in ("before", "both") and behind:
        return [(span[0], name_end(scene, span[1]))]
    start = span[0]
    while start - 1 > first and between(scene, start - 1) == " " and _proper(scene, start - 1, near):
        start -= 1
    if start > first and (scene.reading.words[start - 1] in small_words(scene.language).into or start in near.sites):
        return []  # a place before it
    return [(start, span[1])] if order in ("behind", "both") and start < span[0] else []


def _without_country(scene: Scene, span: Span) -> Span:
    """The name without its country: "7th Special Forces Group" of "7th Special Forces Group de Estados Unidos"."""
    first, last = span
    for mention in scene.mentions:
        if (mention.country or mention.demonym) and first < mention.first < last:
            last = mention.first
    loose = small_words(scene.language).links | small_words(scene.language).joining
    while last > first + 1 and scene.reading.words[last - 1] in loose:
        last -= 1
    return first, last


def _proper(scene: Scene, word: int, near: _Near) -> bool:
    """Whether a word may be a proper name: capitalised, not all in capitals, not part of a country or body."""
    shouted = len(scene.reading.written[word]) > 1 and scene.reading.written[word].isupper()
    return capital(scene, word) and not shouted and word not in near.barred


def _beside(timeline: Timeline, sentence: int, span: Span) -> bool:
    """Whether the formation is the host's: the forces work with it, or live in its base."""
    scene, small = timeline.scene, small_words(timeline.scene.language)
    ahead = scene.reading.words[span[1] : min(span[1] + 2, bounds(scene, span[0])[1])]
    for other in timeline.scene.spans_in("alongside", sentence):
        if other[1] <= span[0] and in_clause(scene, other, span, _BESIDE - 1):
            return True
    return not small.host_bases.isdisjoint(ahead) or not small.host_marks.isdisjoint(ahead[:1])

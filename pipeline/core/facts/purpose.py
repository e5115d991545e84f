"""Finds the purpose of the forces: the phrase of the article that most probably states what they will do.

Every phrase with a task, and every phrase after words for an aim, is a candidate. What introduces it ("in order to",
"their mission is", "they will"), where it is and whose forces are beside it is its evidence (vocabulary/evidence.toml).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipeline.core.expressions.calendar import calendar_of
from pipeline.core.facts.candidates import Candidate, position, scale
from pipeline.core.facts.noun_phrases import (
    Timeline,
    between,
    bounds,
    capital,
    clause_end,
    clause_start,
    compounds,
    in_clause,
    longest_spans,
    numbered,
    opens_time,
    phrase_of,
    small_words,
)
from pipeline.core.facts.scene import Scene
from pipeline.core.text.languages import base_code, calendar_words, grammar_of
from pipeline.core.topics.hits import Span
from pipeline.records import Stated

_AHEAD = 8  # words from "the aim is" to the task
_VERB_LAST = 7  # maximum words of a task, if the verb comes last
_NEAR = 8  # words from the forces to what they do
_SOON = 4  # words from "in order to" to the task, or from the aim to "is"
_WHEN = 6  # words of a time between a verb and its object
_MOST = 200  # phrases of one article
_LONG = 4  # words


class _Phrase(NamedTuple):
    """A possible purpose, and what introduces it."""

    span: Span
    by: str


def find_purpose(scene: Scene) -> Stated | None:
    """The purpose, in the words of the text."""
    best = scale("purpose").best(purpose_candidates(scene))
    return scene.as_written(*best.value) if best is not None else None


def purpose_candidates(scene: Scene) -> list[Candidate[Span]]:
    """The phrases that may state the purpose, with their evidence, in the order of the text."""
    timeline, found = Timeline(scene), list[Candidate[Span]]()
    for sentence in range(len(scene.reading.sentences)):
        if len(found) >= _MOST:
            break
        around = position(timeline, sentence) | _around(scene, sentence)
        tasks = {first for first, _ in scene.spans_in("task", sentence)}
        acts = {first for (first, _), _ in scene.acts_in(sentence)} - tasks
        for span, introduced in _merged(_phrases(scene, sentence)):
            if span[1] - span[0] > 1 and span[1] - 1 in acts:
                span = span[0], span[1] - 1  # "die Übung erlaubt"
            evidence = around | introduced | _of_phrase(scene, sentence, span)
            if all(span[0] <= first < span[1] for first, _ in scene.spans_in("force", sentence)):
                evidence.discard("forces")  # only those in the phrase
            found.append(scale("purpose").weigh(span, sentence, evidence))
    return found


def _around(scene: Scene, sentence: int) -> set[str]:
    """The evidence of a sentence: whether it is in the lead, reports an act or a debate, or is a quotation."""
    found = {name for name, holds in (
        ("lead", sentence < scene.reading.parts["lead"]),
        ("act", sentence in scene.acting),
        ("debate", bool(scene.spans_in("sitting", sentence))),
    ) if holds}  # fmt: skip
    return found


def _of_phrase(scene: Scene, sentence: int, span: Span) -> set[str]:
    """The evidence of a phrase: its length, its forces, and what it has that a purpose has not."""
    first, last = span
    found = set[str]()
    forces = scene.spans_in("force", sentence)
    if any(first - _NEAR <= end <= first for _, end in forces):
        found.add("after-forces")
    if any(first <= start < last for start, _ in forces):
        found.add("forces-inside")
    if first <= bounds(scene, first)[0] + 1 and not small_words(scene.language).heads_last:
        found.add("opens")
    if last - first == 1 and not scene.reading.words[first].endswith(small_words(scene.language).task_compounds):
        found.add("one-word")
    elif last - first >= _LONG:
        found.add("long")
    inside = [start for start, _ in (span for span, _ in scene.acts_in(sentence)) if first <= start < last]
    if inside or any(first <= start < last for start, _ in scene.spans_in("state-body", sentence)):
        found.add("act-inside")
    if any(first <= start < last for start, _ in scene.spans_in("instrument-kind", sentence)):
        found.add("instrument-inside")
    if any(first <= start <= first + _SOON for start, _ in forces):
        found.add("forces-come")
    if _is_bare_place(scene, span):
        found.add("bare-place")
    plain = grammar_of(base_code(scene.language)).capital_nouns  # a capital letter shows no name
    if not plain and first > bounds(scene, first)[0] and capital(scene, first):
        found.add("named")
    return found


def _is_bare_place(scene: Scene, span: Span) -> bool:
    """Whether nothing but a place follows a verb: "operate in Jamaica"."""
    small, first = small_words(scene.language), span[0] + 1
    return first + 1 < span[1] and scene.reading.words[first] in small.into and any(
        capital(scene, word) for word in range(first + 1, min(first + 3, span[1]))
    )  # fmt: skip


def _merged(phrases: Iterable[_Phrase]) -> Iterator[tuple[Span, set[str]]]:
    """The phrases in order, overlapping ones as the first of them, with all that introduces them."""
    spans, by = list[Span](), defaultdict[int, set[str]](set)
    for phrase in phrases:
        at = next((n for n, one in enumerate(spans) if one[0] < phrase.span[1] and phrase.span[0] < one[1]), len(spans))
        if at == len(spans):
            spans.append(phrase.span)
        by[at].add(phrase.by)
    yield from sorted((span, by[n]) for n, span in enumerate(spans))


def _phrases(scene: Scene, sentence: int) -> Iterator[_Phrase]:
    """The phrases of one sentence, those with the surest introduction first."""
    endings = small_words(scene.language).task_compounds
    tasks = sorted({*scene.spans_in("task", sentence), *compounds(scene, sentence, endings)})
    loosely = sorted([*tasks, *scene.spans_in("task-about", sentence)])
    for span in scene.spans_in("aim", sentence):
        yield from _aimed(scene, sentence, span, loosely)
    for span in longest_spans(scene.spans_in("expressly-to", sentence)):
        if span[1] < bounds(scene, span[0])[1] and not opens_time(scene, span[1]):
            yield _Phrase((span[1], clause_end(scene, span[1])), "expressly")
    for span in scene.spans_in("task-told", sentence):
        phrase = _task_phrase(scene, span)
        if not _says_who_or_where(scene, sentence, span, phrase):
            yield _Phrase(phrase, "will")
    yield from _introduced(scene, sentence, loosely)
    for task in tasks:
        yield _Phrase(phrase_of(scene, task), "task")


def _says_who_or_where(scene: Scene, sentence: int, verb: Span, phrase: Span) -> bool:
    """Whether a verb has no task but only those who do it or a place: "60 soldiers take part", "work from Tema"."""
    small = small_words(scene.language)
    if small.verbs_last or verb[1] >= phrase[1]:
        return False
    ahead = verb[1] + (scene.reading.words[verb[1]] in small.into)
    if ahead < phrase[1] and capital(scene, ahead) and not capital(scene, verb[1] - 1) and ahead > verb[1]:
        return True
    who = any(verb[1] <= first <= verb[1] + _SOON for first, _ in scene.spans_in("persons", sentence))
    return who and not any(verb[1] <= first < phrase[1] for first, _ in scene.spans_in("task", sentence))


def _task_phrase(scene: Scene, verb: Span) -> Span:
    """A verb with its object, also if a time stands between them: "will provide for a year the training of"."""
    if small_words(scene.language).verbs_last:
        return clause_start(scene, verb[1], _VERB_LAST), verb[1]
    end = clause_end(scene, verb[1] - 1)
    if end == verb[1] and end < bounds(scene, verb[0])[1] and between(scene, end - 1) == " " and opens_time(scene, end):
        at = _past_time(scene, end)
        return verb[0], clause_end(scene, at) if at else end
    return verb[0], end


def _past_time(scene: Scene, word: int) -> int:
    """The word after a time; 0 if the sentence ends there."""
    small, last, at = small_words(scene.language), bounds(scene, word)[1], word
    units = {unit for names in calendar_of(scene.language).units for unit in names}
    timely = small.until | small.into | calendar_words(scene.language) | units
    while at < min(last, word + _WHEN):
        if scene.reading.words[at] not in timely and not numbered(scene, at) and at > word + 1:
            return at
        at += 1
    return 0


def _aimed(scene: Scene, sentence: int, aim: Span, tasks: list[Span]) -> Iterator[_Phrase]:
    """What follows a word for an aim: "Su misión será capacitar a la Fuerza Naval", "L'objectif : la protection"."""
    last = bounds(scene, aim[0])[1]
    starts = [task for task in tasks if aim[1] <= task[0] <= aim[1] + _AHEAD]
    if starts:
        first, end = phrase_of(scene, starts[0])
        yield _Phrase((max(first, aim[1]), end), "aim")
        return
    joined = [end for first, end in scene.spans_in("being", sentence) if aim[1] <= first <= aim[1] + _SOON]
    start = max(joined, default=aim[1] if aim[1] < last and ":" in between(scene, aim[1] - 1) else last)
    if start < last:
        yield _Phrase((start, clause_end(scene, start)), "aim-alone")


def _introduced(scene: Scene, sentence: int, tasks: list[Span]) -> Iterator[_Phrase]:
    """Tasks after "in order to", or before such a word in languages that put it there."""
    for marker in scene.spans_in("in-order-to", sentence):
        for task in tasks:
            soon = _AHEAD if small_words(scene.language).verbs_last else _SOON
            if marker[1] <= task[0] and in_clause(scene, marker, task, soon):
                first, last = phrase_of(scene, task)
                yield _Phrase((max(first, marker[1]), last), "in-order-to")
                break
    for marker in scene.spans_in("for-that", sentence):
        start = clause_start(scene, marker[0]) if marker[0] > bounds(scene, marker[0])[0] else marker[0]
        if any(start <= first < marker[0] for first, _ in tasks):
            yield _Phrase((start, marker[0]), "in-order-to")

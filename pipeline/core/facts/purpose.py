"""Finds the purpose of the forces: the phrase of the text that states most certainly what they will do.

Most certain are words for their mission or aim, then what they will do, then "in order to" with a task, and last a task
in a sentence about the event. Opinions on their real motives do not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.core.facts.noun_phrases import (
    Timeline,
    between,
    bounds,
    capital,
    clause_end,
    clause_start,
    in_clause,
    longest_spans,
    opens_time,
    phrase_of,
    small_words,
)
from pipeline.core.facts.scene import Scene
from pipeline.core.topics.hits import Span
from pipeline.records import Stated

_AHEAD = 8  # words from "the aim is" to the task
_VERB_LAST = 7  # maximum words of a task, if the verb comes last
_NEXT = 3  # sentences after one about the event that may state a purpose
_DOES = 3  # words from the forces to what they do
_ENOUGH = 1  # a task noun alone, in a sentence that does not show the event, is too weak
_SOON = 3  # words from "in order to" to the task, or from the aim to "is"


class _Phrase(NamedTuple):
    """A possible purpose. `weight`: how certain it is."""

    weight: float
    span: Span


def find_purpose(scene: Scene) -> Stated | None:
    """The purpose, in the words of the text."""
    timeline = Timeline(scene)
    found = [phrase for n in timeline.current() for phrase in _phrases(timeline, n)]
    best = max((one for one in found if one.weight >= _ENOUGH), key=lambda phrase: phrase.weight, default=None)
    return scene.as_written(*best.span) if best is not None else None


def _phrases(timeline: Timeline, sentence: int) -> Iterator[_Phrase]:
    """The phrases of one sentence, each with its weight."""
    about_event = 1.0 if sentence in timeline.scene.event else 0.0
    about = bool(timeline.scene.spans_in("force", sentence) or timeline.scene.spans_in("being-there", sentence))
    title = 0.8 if timeline.scene.reading.sentences[sentence].field == "title" else 0.0
    tasks = sorted(timeline.scene.spans_in("task", sentence))
    loosely = sorted([*tasks, *timeline.scene.spans_in("task-about", sentence)])
    for span in timeline.scene.spans_in("aim", sentence):
        yield from _aimed(timeline, sentence, span, loosely, 4 - title)
    if about:
        for span in longest_spans(timeline.scene.spans_in("expressly-to", sentence)):
            if span[1] < bounds(timeline.scene, span[0])[1] and not opens_time(timeline.scene, span[1]):
                yield _Phrase(3.2 + 0.5 * about_event - title, (span[1], clause_end(timeline.scene, span[1])))
        yield from _introduced(timeline, sentence, loosely, 2.5 + about_event - title)
    for span in () if title else timeline.scene.spans_in("task-told", sentence):
        phrase = _task_phrase(timeline.scene, span)
        if not _says_who_or_where(timeline.scene, sentence, span, phrase):
            yield _Phrase(3 + 0.5 * about_event, phrase)
    if tasks and about and not title and (about_event or _after_event(timeline.scene, sentence)):
        for task in tasks:
            first, last = phrase_of(timeline.scene, task)
            if last - first > 1 and _of_forces(timeline.scene, sentence, (first, last), task):
                yield _Phrase(0.5 + 0.5 * about_event, (first, last))
                break


def _says_who_or_where(scene: Scene, sentence: int, verb: Span, phrase: Span) -> bool:
    """Whether a verb has no task but only those who do it or a place: "60 soldiers take part", "work from Tema"."""
    if small_words(scene.language).verbs_last or verb[1] >= phrase[1]:
        return False
    if verb[1] + 1 < phrase[1] and capital(scene, verb[1] + 1) and not capital(scene, verb[1]):
        return True
    who = any(verb[1] <= first <= verb[1] + _SOON for first, _ in scene.spans_in("persons", sentence))
    return who and not any(verb[1] <= first < phrase[1] for first, _ in scene.spans_in("task", sentence))


def _of_forces(scene: Scene, sentence: int, phrase: Span, task: Span) -> bool:
    """Whether the task is that of forces named shortly before it or in it, not the subject that a sentence starts
    with: "The exercise will take place"."""
    at = bounds(scene, task[0])[0]
    if task[0] <= at + 1 and not small_words(scene.language).heads_last:
        return False
    forces = scene.spans_in("force", sentence)
    return any(task[0] - _DOES <= last <= task[0] or phrase[0] <= first < phrase[1] for first, last in forces)


def _task_phrase(scene: Scene, verb: Span) -> Span:
    if small_words(scene.language).verbs_last:
        return clause_start(scene, verb[1], _VERB_LAST), verb[1]
    return verb[0], clause_end(scene, verb[1] - 1)


def _after_event(scene: Scene, sentence: int) -> bool:
    return any(0 < sentence - event <= _NEXT for event in scene.event)


def _aimed(timeline: Timeline, sentence: int, aim: Span, tasks: list[Span], weight: float) -> Iterator[_Phrase]:
    """What follows a word for an aim: "Su misión será capacitar a la Fuerza Naval", "L'objectif : la protection"."""
    scene, last = timeline.scene, bounds(timeline.scene, aim[0])[1]
    starts = [task for task in tasks if aim[1] <= task[0] <= aim[1] + _AHEAD]
    if starts:
        first, end = phrase_of(scene, starts[0])
        yield _Phrase(weight, (max(first, aim[1]), end))
        return
    joined = [end for first, end in timeline.scene.spans_in("being", sentence) if aim[1] <= first <= aim[1] + _SOON]
    start = max(joined, default=aim[1] if aim[1] < last and ":" in between(scene, aim[1] - 1) else last)
    if start < last:
        yield _Phrase(weight - 0.5, (start, clause_end(scene, start)))


def _introduced(timeline: Timeline, sentence: int, tasks: list[Span], weight: float) -> Iterator[_Phrase]:
    """Tasks after "in order to", or before such a word in languages that put it there."""
    scene = timeline.scene
    for marker in timeline.scene.spans_in("in-order-to", sentence):
        for task in tasks:
            soon = _AHEAD if small_words(scene.language).verbs_last else _SOON
            if marker[1] <= task[0] and in_clause(scene, marker, task, soon):
                first, last = phrase_of(scene, task)
                yield _Phrase(weight, (max(first, marker[1]), last))
                break
    for marker in timeline.scene.spans_in("for-that", sentence):
        start = clause_start(scene, marker[0]) if marker[0] > bounds(scene, marker[0])[0] else marker[0]
        if any(start <= first < marker[0] for first, _ in tasks):
            yield _Phrase(weight, (start, marker[0]))

"""Finds names that may be places in scripts without capital letters, where only the words beside a name show it.

It is the words beside the word for a kind ("斯普利特机场", "مطار سبليت"), up to a small word or one with another role;
or a city of the gazetteer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.core.facts.noun_phrases import bounds, longest_spans, small_words
from pipeline.core.facts.scene import Scene
from pipeline.core.text.clitics import clitics_of, is_adjective, is_definite
from pipeline.core.topics.hits import Span

_LONGEST = 8  # characters of a name before its kind
_SHORTEST = 2
_BESIDE = ("", "·", "・")  # between the characters of a name
_ROLES = ("being-there", "force", "stay", "task", "state-body", "instrument-made", "authorise", "no-place", "chamber")
_OPENS = (" ", " «", ' "', " “")  # before a name, where spaces part words


class Found(NamedTuple):
    """The fields of a PlaceName."""

    whole: Span
    name: Span
    kind: bool
    placed: bool


def caseless_names(scene: Scene, sentence: int, peoples: set[int]) -> Iterator[Found]:
    """The names of a sentence, in order. `peoples`: words that name a country or people."""
    small = small_words(scene.language)
    kinds = longest_spans(scene.spans_in("site", sentence))
    before = small.kinds == "behind"
    found = [one for kind in kinds if (one := (_ahead if before else _after)(scene, sentence, kind, peoples))]
    taken = {word for one in found for word in range(*one.whole)}
    first = scene.reading.sentences[sentence].first
    for mention in scene.mentions_in(sentence):
        if mention.cities and mention.first not in taken:
            span = (mention.first, mention.last)
            placed = mention.first > first and scene.reading.words[mention.first - 1] in small.into
            found.append(Found(span, span, False, placed))
    yield from sorted(found)


def _ahead(scene: Scene, sentence: int, kind: Span, peoples: set[int]) -> Found | None:
    """The name before its kind, in a script without spaces."""
    reading, small, first = scene.reading, small_words(scene.language), bounds(scene, kind[0])[0]
    loose = small.into | small.joining | small.links | small.ends | small.until
    other = scene.covered(*_ROLES, sentence=sentence)
    start = kind[0]
    while start > max(first, kind[0] - _LONGEST) and reading.gap(start) in _BESIDE:
        word = start - 1
        if reading.words[word] in loose or word in peoples or word in other or not reading.words[word].isalpha():
            break
        start -= 1
    return Found((start, kind[1]), (start, kind[0]), True, False) if kind[0] - start >= _SHORTEST else None


def _after(scene: Scene, sentence: int, kind: Span, peoples: set[int]) -> Found | None:
    """The name after its kind, in a script with spaces; adjectives between them are skipped."""
    reading, small, last = scene.reading, small_words(scene.language), bounds(scene, kind[0])[1]
    loose = small.into | small.joining | small.ends | small.until
    foreign = scene.covered("foreign", sentence=sentence)
    clitics = clitics_of(scene.language or "")
    if clitics and is_definite(reading.words[kind[0]], clitics):
        return None  # "in the base"

    def adjective(word: int) -> bool:  # "الجوية", "الدولي" after a kind are not its name
        return clitics is not None and is_adjective(reading.words[word], clitics)

    at = kind[1]
    while at < last and reading.gap(at) == " " and (at in peoples or adjective(at)):
        at += 1
    if at >= last or reading.gap(at) not in _OPENS or reading.words[at] in loose or at in foreign or at in peoples:
        return None
    other = {span[0] for role in _ROLES for span in scene.spans_in(role, sentence)}
    if not reading.words[at].isalpha() or at in other:
        return None
    end = at + 1
    while end < last and reading.gap(end) == " " and {*reading.words[end - 1 : end + 1]} & small.links:
        end += 1
    return Found((kind[0], end), (at, end), True, False)

"""Finds the names of ships and missions: "HMS Tyne", "fragata «Almirante Lynch»", "opération Corymbe"."""

from __future__ import annotations

from pipeline.core.facts.noun_phrases import between, bounds, capital, small_words
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.signs import CLOSES, OPENS
from pipeline.core.text.languages import base_code, grammar_of
from pipeline.core.topics.hits import Span

_JOINS = (" ", "-")  # before the first word of a name, only a space
_LONGEST = 4  # words of a name
_SHORTEST = 3  # letters of an acronym


def named_ships(scene: Scene, sentence: int) -> list[Span]:
    """The ships of a sentence, with the word or abbreviation before the name."""
    found, prefixes, barred = list[Span](), scene.spans_in("ship-prefix", sentence), _barred(scene, sentence)
    for first, last in prefixes:
        end = _quoted_end(scene, last) or _name_end(scene, last)
        if end > last:
            found.append((first, end))
    for first, last in scene.spans_in("ship", sentence):
        plain = grammar_of(base_code(scene.language)).capital_nouns  # a capital letter shows no name
        end = _quoted_end(scene, last) or (0 if plain or last in barred else _name_end(scene, last))
        if end > last and not any(at == last for at, _ in prefixes):
            found.append((first, end))
    return found


def named_missions(scene: Scene, sentence: int) -> list[Span]:
    """The missions of a sentence: a proper name or an acronym beside a word for a mission."""
    found, barred = list[Span](), _barred(scene, sentence)
    plain = grammar_of(base_code(scene.language)).capital_nouns
    for first, last in scene.spans_in("operation", sentence):
        end = _quoted_end(scene, last)
        if not end and last < bounds(scene, first)[1] and last not in barred and between(scene, last - 1) == " ":
            end = _name_end(scene, last) if not plain or _acronym(scene, last) else 0
        if end > last:
            found.append((first, end))
        elif first - 1 not in barred and _acronym_before(scene, first):
            found.append((first - 1, first))
    return found


def _barred(scene: Scene, sentence: int) -> set[int]:
    """The words that name a country, a people, a body or its forces, and neither a ship nor a mission."""
    barred = {word for mention in scene.mentions for word in range(mention.first, mention.last)}
    for role in ("state-body", "mandate-body", "no-place", "force", "task"):
        barred.update(word for first, last in scene.spans_in(role, sentence) for word in range(first, last))
    return barred


def _acronym(scene: Scene, word: int) -> bool:
    written = scene.reading.written[word]
    return len(written) >= _SHORTEST and written.isalpha() and written.isupper()


def _acronym_before(scene: Scene, word: int) -> bool:
    """Whether an acronym stands directly before `word`, in its sentence."""
    return word > bounds(scene, word)[0] and _acronym(scene, word - 1) and between(scene, word - 1) in _JOINS


def _quoted_end(scene: Scene, word: int) -> int:
    """End of a name in quotation marks that starts at `word`, or 0."""
    last = bounds(scene, word - 1)[1]
    if word >= last or between(scene, word - 1).strip() not in tuple(OPENS) or not capital(scene, word):
        return 0
    for end in range(word + 1, min(word + _LONGEST, last) + 1):
        closing = between(scene, end - 1)
        if closing[:1] and closing[0] in CLOSES:
            return end
        if closing.strip():
            return 0
    return 0


def _name_end(scene: Scene, word: int) -> int:
    """End of the capitalised words from `word`, or `word` itself."""
    last, end = bounds(scene, word - 1)[1], word
    small = small_words(scene.language)
    while end < min(last, word + _LONGEST) and between(scene, end - 1) in _JOINS[: 1 + (end > word)]:
        if not capital(scene, end) or scene.reading.words[end] in small.into | small.joining:
            break
        end += 1
    return end

"""Reads the number of a legal act: after it ("No. 17-2027", "№ 412") or before it ("1521 sayılı karar")."""

from __future__ import annotations

import re
from functools import cache

from pipeline.core.facts.noun_phrases import between, bounds, numbered, small_words
from pipeline.core.facts.scene import Scene
from pipeline.core.topics.hits import Span
from pipeline.records import Stated

_NUMBER = r"(?:[A-Z]{2,4} (?=\d))?(?:[^\W_][\w.\-]*(?: [A-Z]{1,5})?/)*[^\W_](?:[\w.\-]*[^\W_])?"
_MOST_LETTERS = 4  # of "P" in "P-214"
_YEAR = re.compile(r"(19|20)\d\d")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_SIGNS = ("№", "#", "º", "°")
_NEAR = 5  # words from an act to its number


def number_after(scene: Scene, span: Span) -> Stated | None:
    """The number after an act, with a mark or directly: "No. 17-2027", "№ 412", "19 vom"."""
    last = bounds(scene, span[0])[1]
    for word in range(span[1], min(span[1] + _NEAR, last)):
        if not numbered(scene, word):
            continue
        if _marked(scene, word) or (word == span[1] and _unmarked(scene, word)):
            return number_at(scene, word)
        if word == span[1] + 1 and are_letters(scene.reading.written[word - 1]):
            return number_at(scene, word - 1)  # "Gesetzentwurf P-214", "законопроєкт HE 31/2027"
        if any(sign.isalpha() for sign in scene.reading.written[word]) and "-" in between(scene, word):
            return None
    return _lettered(scene, span, last)


def _lettered(scene: Scene, span: Span, last: int) -> Stated | None:
    """A number that starts with letters, after a mark: "bernomor R-11/Pres/02/2027"."""
    marks = small_words(scene.language).marks
    for word in range(span[1] + 1, min(span[1] + _NEAR, last - 1)):
        if scene.reading.words[word - 1] in marks and not numbered(scene, word):
            number = number_at(scene, word)
            if number is not None and any(sign.isdigit() for sign in str(number.value)):
                return number
    return None


def _marked(scene: Scene, word: int) -> bool:
    """Whether a mark of numbers is before `word`: "№", "no"."""
    before = between(scene, word - 1)
    return any(sign in before for sign in _SIGNS) or scene.reading.words[word - 1] in small_words(scene.language).marks


def _unmarked(scene: Scene, word: int) -> bool:
    """Whether a number without a mark cannot be a day or a count: "PDL 402/2026", "ley 31988"."""
    number = number_at(scene, word)
    value = str(number.value) if number else ""
    if between(scene, word - 1) != " " or _YEAR.fullmatch(value):
        return False
    return any(sign in value for sign in "/-.") or (value.isdecimal() and len(value) > 3)


def number_before(scene: Scene, span: Span) -> Stated | None:
    """The number before an act: "1521 sayılı karar"."""
    behind = small_words(scene.language).behind
    for word in range(max(bounds(scene, span[0])[0] + 1, span[0] - 3), span[0]):
        if scene.reading.words[word] in behind and numbered(scene, word - 1):
            first = word - 1
            while first > bounds(scene, word)[0] and between(scene, first - 1) in ("/", "-", "."):
                first -= 1
            return number_at(scene, first)
    return None


def number_at(scene: Scene, word: int) -> Stated | None:
    """The number that starts with `word`, as written, without its mark."""
    reading = scene.reading
    text = reading.field_of(word)
    match = _number_pattern(small_words(scene.language).before_year).match(text, reading.places[word][0])
    last = bounds(scene, word)[1]
    if match is None:
        return None
    han = _HAN.search(match[0], 1)  # nothing divides a number from it: "2719号决议"
    stop = match.start() + han.start() if han else match.end()
    end = word + 1
    while end < last and reading.places[end][1] <= stop:
        end += 1
    return scene.as_written(word, end)


@cache
def _number_pattern(before_year: frozenset[str]) -> re.Pattern[str]:
    """A number, with the year after it if one of these words joins them: "19 of 2027"."""
    return re.compile(rf"{_NUMBER}(?: (?:{'|'.join(sorted(before_year))}) (?:19|20)\d\d\b)?")


def are_letters(word: str) -> bool:
    """Whether it may be the letters of a number: a few capitals."""
    return len(word) <= _MOST_LETTERS and word.isalpha() and word.isupper()

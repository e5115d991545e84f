"""An article's title and text cut into words and sentences, once, for all that looks into it. Decides nothing."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from pipeline.core.sentences import sentences
from pipeline.core.words import folded, spans
from pipeline.core.words import written as written_in

#: Words of the text, after the title, that count as its lead: the first two or three paragraphs of an agency report.
LEAD = 80


@dataclass(frozen=True, slots=True)
class Sentence:
    """`field`[start:end]; its words are `Reading.words[first:last]`."""

    field: str
    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Words of the title, then of the text, as `written` and folded; `places[i]` is where word `i` stands in its
    field."""

    title: str
    text: str
    written: list[str]
    words: list[str]
    places: list[tuple[int, int]]
    split: int  # how many of the words are the title's
    sentences: tuple[Sentence, ...]
    starts: tuple[int, ...]  # first word of each sentence

    def sentence_at(self, word: int) -> int:
        """Number of the sentence that word number `word` is in."""
        return bisect_right(self.starts, word) - 1

    def original(self, first: int, last: int) -> str:
        """The words `first` to `last` (not included) of one field as they were written."""
        text = self.title if first < self.split else self.text
        return text[self.places[first][0] : self.places[last - 1][1]]


def read(title: str, text: str) -> Reading:
    """Cut `title` and `text` (both NFC) into words and sentences."""
    in_title, in_text = spans(title), spans(text)
    places, split = in_title + in_text, len(in_title)
    written = written_in(title) + written_in(text)
    found = _sentences("title", title, places, 0, split) + _sentences("text", text, places, split, len(places))
    return Reading(title, text, written, folded(written), places, split, tuple(found), tuple(s.first for s in found))


def _sentences(field: str, text: str, places: list[tuple[int, int]], first: int, last: int) -> list[Sentence]:
    """Sentences with at least one word."""
    found = []
    word = first
    for start, end in sentences(text):
        begin = word
        while word < last and places[word][0] < end:
            word += 1
        if word > begin:
            found.append(Sentence(field, start, end, begin, word))
    return found

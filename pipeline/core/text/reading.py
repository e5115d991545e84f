"""Splits the title and text of an article into words and sentences, once for all that use them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pipeline.core.text.folding import folds
from pipeline.core.text.han import simplified
from pipeline.core.text.languages import base_code, grammar_of
from pipeline.core.text.prose import opening, prose_of
from pipeline.core.text.sentences import LONGEST_SENTENCE, sentences
from pipeline.core.text.words import LONGEST_WORD, expression, folded, spans, whole, without_long

#: Words of the text that count as its lead: the first two or three paragraphs of an agency report.
LEAD = 80
QUOTED = 400  # characters of a sentence that evidence and facts quote


class Sentence(NamedTuple):
    """`field`[start:end]; its words are `Reading.words[first:last]`."""

    field: str
    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True)
class Reading:
    """Words of the title, then of the text, as `written` (Chinese in simplified characters) and folded (`words`).
    `places[i]` is the position of word `i` in its field. What not every caller needs is computed on first use."""

    title: str
    text: str
    written: list[str]
    split: int  # number of words in the title
    sentences: tuple[Sentence, ...]
    within: list[int]  # index of the sentence of each word
    pace: int = 1  # words that take as much room as one of most languages: 2 where each character is one

    @cached_property
    def words(self) -> list[str]:
        return folded(self.written)

    @cached_property
    def places(self) -> list[tuple[int, int]]:
        return spans(self.title) + spans(self.text)

    @cached_property
    def opening(self) -> str:
        """The opening of the article (prose.py), which stories encode, too."""
        return opening(self.title, prose_of(self.text))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The first word of each sentence."""
        return tuple(sentence.first for sentence in self.sentences)

    @cached_property
    def parts(self) -> dict[str, int]:
        """For each value of a pattern's `where`, the number of sentences from the start of the article that belong to
        it."""
        title, lead = self.split, min(self.split + LEAD * self.pace, len(self.written))
        return {
            "headline": self.within[title - 1] + 1 if title else 0,
            "lead": self.within[lead - 1] + 1 if lead else 0,
            "anywhere": len(self.sentences),
        }

    @property
    def lead(self) -> int:
        """The number of words in sentences that start in the title or the lead."""
        sentences = self.parts["lead"]
        return self.sentences[sentences - 1].last if sentences else 0

    def sentence_at(self, word: int) -> int:
        """Index of the sentence that contains word number `word`."""
        return self.within[word]

    def field_of(self, word: int) -> str:
        """The title or the text, whichever contains word number `word`."""
        return self.title if word < self.split else self.text

    def quote(self, sentence: Sentence) -> str:
        """The first QUOTED characters of the sentence."""
        return self.field_of(sentence.first)[sentence.start : min(sentence.end, sentence.start + QUOTED)]

    def place(self, first: int, last: int) -> tuple[int, int]:
        """Start and end, in their field, of the words `first` to `last` (exclusive) of one sentence.

        Faster than `places` for a few words of an article: only that sentence is split again."""
        number = self.within[first]
        sentence, spans = self.sentences[number], self._spans.get(number)
        if spans is None:
            spans = self._spans[number] = self._spans_of(sentence)
        return spans[first - sentence.first][0], spans[last - 1 - sentence.first][1]

    @cached_property
    def _spans(self) -> dict[int, list[tuple[int, int]]]:
        return {}

    def _spans_of(self, sentence: Sentence) -> list[tuple[int, int]]:
        text = self.field_of(sentence.first)
        begin, end = whole(text, sentence.start), whole(text, sentence.end)
        return [(begin + start, begin + stop) for start, stop in spans(text[begin:end])]

    def is_capitalised_title(self, sentence: int, share: float) -> bool:
        """Whether more than `share` of the longer words of a title are capitalised, so that capitals do not mark
        names."""
        at = self.sentences[sentence]
        if at.field != "title":
            return False
        longer = [word for word in self.written[at.first : at.last] if len(word) > 3]
        return sum(word[0].isupper() for word in longer) > share * len(longer)

    def gap(self, word: int) -> str:
        """The text between a word and the one before it; a blank line before the first word of a field; behind the last
        word of the article, the rest of its field."""
        if word in (0, self.split):
            return "\n\n"
        if word == len(self.written):
            return self.field_of(word - 1)[self.place(word - 1, word)[1] :]
        return self.field_of(word)[self.place(word - 1, word)[1] : self.place(word, word + 1)[0]]

    def original(self, first: int, last: int) -> str:
        """The words `first` to `last` (exclusive) of one field, as written."""
        return self.field_of(first)[self.place(first, first + 1)[0] : self.place(last - 1, last)[1]]

    def folded(self, first: int, last: int) -> list[str]:
        """`words[first:last]`, faster if few of them are needed."""
        return folded(self.written[first:last])

    def word(self, number: int) -> str:
        """`words[number]`, faster if few of them are needed."""
        return folds[self.written[number]]


def read(title: str, text: str, language: str | None = None) -> Reading:
    """Split `title` and `text` (both NFC, in `language`) into words and sentences."""
    code = base_code(language)
    written: list[str] = []
    found: list[Sentence] = []
    _cut("title", title, code, written, found)
    split = len(written)
    _cut("text", text, code, written, found)
    within: list[int] = []
    for number, sentence in enumerate(found):
        within += [number] * (sentence.last - sentence.first)
    return Reading(title, text, written, split, tuple(found), within, grammar_of(code).pace)


def _cut(field: str, text: str, language: str | None, written: list[str], found: list[Sentence]) -> None:
    """Add the words of `text`, and its sentences with at least one word. A word belongs to the sentence it starts
    in."""
    find, first, done = expression(text).findall, len(written), 0
    compared = simplified(text) if grammar_of(language).traditional else text
    for start, end in sentences(text):
        begin, stop = start if start > done else done, end
        if end - start == LONGEST_SENTENCE and end > done:  # perhaps cut in the middle of a word
            stop = done = whole(text, end)
        words = find(compared, begin, stop)
        if words:
            written += without_long(words) if stop - begin > LONGEST_WORD else words
            last = len(written)
            found.append(Sentence(field, start, end, first, last))
            first = last

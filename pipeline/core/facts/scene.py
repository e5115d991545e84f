"""One article that has a topic, made ready for those who look for its facts. Finds no fact itself."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.core.places.mentions import Mention
from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Span
from pipeline.core.topics.patterns import Met
from pipeline.core.topics.rules import Pattern
from pipeline.records import Place, Stated


@dataclass(frozen=True, slots=True)
class Scene:
    """`roles`: what the topic's [facts] name, with the words where each was found. `event`: numbers of the sentences
    that tell the event, those that the topic was known by, headline first. `outcomes`: the patterns that are met,
    each with the outcome it speaks for."""

    reading: Reading
    language: str | None
    published: date | None  # what "next Monday" counts from
    home: str | None  # country of the outlet
    roles: Mapping[str, Sequence[Span]]
    mentions: Sequence[Mention]
    places: Sequence[Place]
    event: tuple[int, ...]
    outcomes: Sequence[tuple[str, Pattern, Met]]
    score: float = 1.0  # the sum of the weights of the topic's patterns that are met

    def stated(self, value: str | int, first: int, last: int, *, implied: bool = False) -> Stated:
        """`value`, stated by the words first to last (not included) of one sentence."""
        start, end = self.reading.place(first, last)
        sentence = self.reading.sentences[self.reading.sentence_at(first)]
        quoted = self.reading.quote(sentence)
        return Stated(value=value, start=start, end=end, implied=implied, field=sentence.field, sentence=quoted)

    def said(self, first: int, last: int) -> Stated:
        """The words first to last (not included) themselves, as they were written."""
        return self.stated(self.reading.original(first, last), first, last)

    def spans(self, role: str) -> Sequence[Span]:
        """Where the concept in `role` was found; empty when the topic names none."""
        return self.roles.get(role, ())

    def spans_in(self, role: str, sentence: int) -> list[Span]:
        """Those that begin in one sentence. Spans are in order of place."""
        at, spans = self.reading.sentences[sentence], self.spans(role)
        return list(spans[bisect_left(spans, (at.first,)) : bisect_left(spans, (at.last,))])

"""Chooses the sentences that show why a document matches: few, and if possible one for each word that is required."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.core.query.snippets import snippet
from pipeline.core.text.sentences import sentences
from pipeline.records import Article, Quote, Span

QUOTES = 4  # sentences of one alert
LONGEST = 400  # characters of one; a longer one is cut around its matched words

Occurrence = tuple[Span, ...]  # matched words that belong together, such as the two of a NEAR


class Place(NamedTuple):
    """A sentence: `field`[start:end]."""

    field: str
    start: int
    end: int


def quotes(article: Article, shown: Sequence[Sequence[Occurrence]], spans: Iterable[Span]) -> tuple[Quote, ...]:
    """The sentences, in order, with all of `spans` marked. `shown`: for each part of the query that was found, where.

    Without a matched word in the text, its first sentence, unmarked: what the article is about.
    """
    texts = {"title": article.title.value, "text": article.text}
    every = list(spans)
    found = [[_sentences(one, texts) for one in part] for part in shown if part]
    chosen = _chosen(found)
    if not any(place.field == "text" for place in chosen):
        # The title is shown anyway: what it says is quoted from the text as well.
        in_text = [[one for one in part if all(place.field == "text" for place in one)] for part in found]
        more = _chosen([part for part in in_text if part]) or _first(texts["text"])
        chosen = [*chosen, *more][:QUOTES] if len(chosen) < QUOTES else [*chosen[: QUOTES - 1], *more[:1]]
    chosen.sort(key=lambda place: (place.field != "title", place.start))
    return tuple(_quote(texts[place.field], place, every) for place in chosen)


def _sentences(occurrence: Occurrence, texts: dict[str, str]) -> tuple[Place, ...]:
    """The sentences that the words of an occurrence are in."""
    return tuple(dict.fromkeys(_around(span, texts[span.field]) for span in occurrence))


def _around(span: Span, text: str) -> Place:
    """The sentences of its paragraph that `span` touches; together, if it goes over an end."""
    begin, end = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end)
    paragraph = text[begin : len(text) if end < 0 else end]
    touched = [
        (begin + first, begin + last)
        for first, last in sentences(paragraph)
        if begin + first < span.end and begin + last > span.start
    ]
    first, last = (touched[0][0], touched[-1][1]) if touched else (span.start, span.end)
    return Place(span.field, first, last)


def _chosen(parts: list[list[tuple[Place, ...]]]) -> list[Place]:
    """Places that show an occurrence of each part, while there is room: first those that show most."""
    worth = Counter(place for part in parts for place in {place for one in part for place in one})
    often = Counter(place for part in parts for one in part for place in one)
    chosen: list[Place] = []
    for part in sorted(parts, key=len):  # what occurs once first: it leaves no choice
        best = min(
            part,
            key=lambda one: (
                sum(place not in chosen for place in one),
                -max(worth[place] for place in one),
                -max(often[place] for place in one),
                all(place.field == "title" for place in one),
            ),
        )
        new = [place for place in best if place not in chosen]
        chosen += new[: QUOTES - len(chosen)]
    return chosen


def _first(text: str) -> list[Place]:
    """The first sentence of the text."""
    end = text.find("\n", 1)
    return [Place("text", *span) for span in sentences(text[: end if end > 0 else 4 * LONGEST])[:1]]


def _quote(text: str, place: Place, spans: Iterable[Span]) -> Quote:
    length = place.end - place.start
    inside = [
        Span(
            field=span.field, start=max(0, span.start - place.start), end=min(length, span.end - place.start),
            text=span.text,
        )
        for span in spans
        if span.field == place.field and span.start < place.end and span.end > place.start
    ]  # fmt: skip
    return Quote(field=place.field, text=snippet(text[place.start : place.end], inside, LONGEST))

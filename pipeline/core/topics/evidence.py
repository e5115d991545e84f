"""Makes the evidence that is stored with a topic: words for it, and the sentences that they stand in."""

from __future__ import annotations

from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Span
from pipeline.core.topics.patterns import Met
from pipeline.core.topics.rules import concept_name
from pipeline.records import Evidence

MOST_EVIDENCE = 12  # per topic
OPENING = "opening"  # in place of a concept, for a topic that the vector of the opening proposes


def evidence_of(reading: Reading, met: Met) -> tuple[Evidence, ...]:
    """The words that satisfied patterns or fill slots, each once, with their sentences."""
    seen: dict[tuple[str, Span], None] = {}
    for concepts, spans in met:
        for item in zip(concepts, spans, strict=True):
            seen.setdefault(item)
    evidence = []
    for concept, (first, last) in list(seen)[:MOST_EVIDENCE]:
        sentence = reading.sentences[reading.sentence_at(first)]
        start, end = reading.place(first, last)
        text = reading.field_of(first)[start:end]
        evidence.append(
            Evidence(
                concept=concept_name(concept),
                text=text,
                field=sentence.field,
                start=start,
                end=end,
                sentence=reading.quote(sentence),
            )
        )
    return tuple(evidence)


def evidence_of_opening(reading: Reading) -> Evidence:
    """The first sentence, or the title, as evidence of what the opening proposes."""
    sentence = reading.sentences[0]
    quoted = reading.quote(sentence)
    return Evidence(
        concept=OPENING,
        text=quoted,
        field=sentence.field,
        start=sentence.start,
        end=sentence.start + len(quoted),
        sentence=quoted,
    )

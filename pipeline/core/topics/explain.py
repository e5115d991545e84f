"""Explains why an article has a topic or not: for each slot and pattern, the words found and the concepts missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.core.text.languages import base_code
from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Hits, Span
from pipeline.core.topics.judge import TopicMatch, match_topic, verified
from pipeline.core.topics.patterns import Met, sentences_needed
from pipeline.core.topics.rules import ANY, Concept, Gap, Pattern, Piece, Ref, Rules, Slot, concept_name
from pipeline.core.topics.rules import Part as TermPart
from pipeline.core.topics.slots import fillers_of
from pipeline.core.topics.verifier import Seen, Verdict
from pipeline.core.wording import Text

#: What decided, in words.
SEEN: dict[Seen, Text] = {
    "opening": Text("signs and the vector of the opening, which leave no doubt"),
    "meaning": Text("signs and the meaning of the opening"),
    "alone": Text("the meaning of the opening alone: the topic has no terms in the language"),
}
SAMPLES = 3  # terms shown of a missing concept
_SOURCES = {"countries": Text("a country"), "demonyms": Text("a nationality")}


@dataclass(frozen=True, slots=True)
class Part:
    """One concept of a pattern: the words found and their sentence, or, if it is missing, sample terms."""

    concept: str
    words: str | None = None
    field: str | None = None
    sentence: str | None = None
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of trying a pattern. `vetoes`: words of the concepts in `unless` that were found. `reason`: another
    reason why it is not satisfied although no concept is missing, or ""."""

    pattern: str
    weight: float
    holds: bool
    parts: tuple[Part, ...]
    vetoes: tuple[Part, ...] = ()
    reason: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The concepts that were not found."""
        return tuple(part.concept for part in self.parts if part.words is None)


@dataclass(frozen=True, slots=True)
class SlotTrial:
    """One slot and the words that fill it in title and lead; if it stays empty, what would fill it."""

    slot: str
    required: bool
    parts: tuple[Part, ...]

    @property
    def filled(self) -> bool:
        return all(part.words is not None for part in self.parts)


@dataclass(frozen=True, slots=True)
class Explained:
    """All slots and patterns of a topic, tried on one article, in the order of the rule. `verdict`: what the verifier
    says; None if it was not asked. `proposed`: the probability by the vector of the opening, if that is why."""

    trials: tuple[Trial, ...]
    slots: tuple[SlotTrial, ...] = ()
    verdict: Verdict | None = None
    proposed: float | None = None

    @property
    def empty(self) -> tuple[str, ...]:
        """The required slots that stay empty, so that the verifier is not asked."""
        return tuple(slot.slot for slot in self.slots if slot.required and not slot.filled)

    @property
    def best(self) -> Trial | None:
        """The satisfied pattern with the highest weight."""
        holding = (trial for trial in self.trials if trial.holds and trial.weight > 0)
        return max(holding, key=lambda trial: trial.weight, default=None)

    @property
    def nearest(self) -> Trial | None:
        """The pattern with a positive weight that is nearest to being satisfied."""
        failing = (trial for trial in self.trials if not trial.holds and trial.weight > 0)
        return max(failing, key=lambda trial: (*_nearness(trial), trial.weight), default=None)

    @property
    def against(self) -> tuple[Trial, ...]:
        """The satisfied patterns with a negative weight."""
        return tuple(trial for trial in self.trials if trial.holds and trial.weight < 0)


def _nearness(trial: Trial) -> tuple[int, int]:
    """Key for sorting: fewer obstacles are nearer, then more concepts."""
    return -len(trial.missing) - bool(trial.vetoes or trial.reason), len(trial.parts)


def explain(match: TopicMatch, rules: Rules, reading: Reading, language: str | None, hits: Hits) -> Explained:
    """Every slot and pattern of the matching topic, tried on the article, and the verdict of its verifier. `hits`:
    where its concepts occur."""
    explainer = _Explainer(rules, reading, language, hits)
    met = {id(pattern): places for pattern, places in match.satisfied}
    match = match if match.verdict else verified(match_topic(match.rule, reading, hits), reading, language, hits)
    return Explained(
        trials=tuple(explainer.trial(pattern, met.get(id(pattern), [])) for pattern in match.rule.patterns),
        slots=tuple(explainer.slot(slot) for slot in match.rule.slots),
        verdict=match.verdict,
        proposed=match.proposed,
    )


class _Explainer:
    def __init__(self, rules: Rules, reading: Reading, language: str | None, hits: Hits) -> None:
        self.rules, self.reading, self.hits = rules, reading, hits
        self.code = base_code(language)

    def slot(self, slot: Slot) -> SlotTrial:
        """What fills one slot: the first words."""
        found = fillers_of(slot, self.reading, self.hits)
        if found:
            concept, span = next(iter(found.values()))[0]
            return SlotTrial(slot.name, slot.required, (self.found(concept, span),))
        parts = (Part(concept_name(one), samples=self.samples(self.rules.concepts[one])) for one in slot.fillers[0])
        return SlotTrial(slot.name, slot.required, tuple(parts))

    def trial(self, pattern: Pattern, met: Met) -> Trial:
        """The result of one pattern. `met`: where it is satisfied; empty if it is not."""
        if met:
            concepts, spans = met[0]
            parts = tuple(self.found(concept, span) for concept, span in zip(concepts, spans, strict=True))
            return Trial(pattern.name, pattern.weight, True, parts)
        sentences = self.nearest(pattern)
        parts = tuple(self.part(concept, sentences) for concept in pattern.all)
        if any(part.words is None for part in parts):
            return Trial(pattern.name, pattern.weight, False, parts)
        vetoes = tuple(self.vetoes(pattern, sentences))
        reason = "" if vetoes else self.reason(pattern)
        return Trial(pattern.name, pattern.weight, False, parts, vetoes, reason)

    def nearest(self, pattern: Pattern) -> Sequence[int]:
        """The sentences in which to search for the concepts: the one with most of them, or all of the pattern's
        part."""
        sentences = range(self.reading.parts[pattern.where])
        if pattern.within == "document":
            return sentences
        has = {n: sum(bool(self.hits.spans(concept, n)) for concept in pattern.all) for n in sentences}
        best = max(sentences, key=lambda n: has[n], default=None)
        return [] if best is None or not has[best] else [best]

    def part(self, concept: str, sentences: Sequence[int]) -> Part:
        for number in sentences:
            for span in self.hits.spans(concept, number)[:1]:
                return self.found(concept, span)
        return Part(concept_name(concept), samples=self.samples(self.rules.concepts[concept]))

    def found(self, concept: str, span: Span) -> Part:
        sentence = self.reading.sentences[self.reading.sentence_at(span[0])]
        words = self.reading.original(*span)
        return Part(concept_name(concept), words, sentence.field, self.reading.quote(sentence))

    def vetoes(self, pattern: Pattern, sentences: Sequence[int]) -> Iterator[Part]:
        everywhere = range(len(self.reading.sentences))
        near = everywhere if pattern.within == "document" else sentences
        for concepts, where in ((pattern.unless, near), (pattern.unless_anywhere, everywhere)):
            for concept in concepts:
                part = self.part(concept, where)
                if part.words is not None:
                    yield part

    def reason(self, pattern: Pattern) -> str:
        needed = sentences_needed(pattern, self.reading)
        if needed > 1:
            return Text("fewer than {} sentences have all of these", needed)
        if isinstance(pattern.within, int):
            if pattern.ordered:
                return Text("not within {} words, in this order", pattern.within)
            return Text("not within {} words", pattern.within)
        return Text("not in this order") if pattern.ordered else Text("the same words cannot count twice")

    def samples(self, concept: Concept) -> tuple[str, ...]:
        """Terms that would have been found, plain ones first."""
        if concept.source in _SOURCES:
            return (_SOURCES[concept.source],)
        groups = [self.code, ANY] if self.code else [*concept.terms]
        terms = [term for group in groups if group for term in concept.terms.get(group, ())]
        terms.sort(key=lambda term: any(not isinstance(part, tuple) for part in term))
        return tuple(self.spelt(term) for term in terms[:SAMPLES])

    def spelt(self, term: Sequence[TermPart]) -> str:
        return " ".join(self.spelt_part(part) for part in term)

    def spelt_part(self, part: TermPart) -> str:
        if isinstance(part, Gap):
            return "…"
        if isinstance(part, Ref):
            return f"<{concept_name(part.concept)}>"
        return " ".join(map(_spelt_piece, part))


def _spelt_piece(piece: Piece) -> str:
    """A word of a term as it may be written; an ellipsis stands for any ending."""
    if piece.kind == "cased":
        return piece.written
    if piece.kind == "capital":
        return piece.word.capitalize()
    if piece.kind == "inner":
        return f"…{piece.word}…"
    return f"{piece.word}…" if piece.kind in ("prefix", "stem") else piece.word

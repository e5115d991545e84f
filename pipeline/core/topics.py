"""Judges an article by the topic rules: which topics, how surely, and by which words. Reads no files, learns nothing.

A pattern asks how concepts meet; a topic's score is the sum of the weights of its satisfied patterns, kept in 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.core.faults import Fault, Faults
from pipeline.core.lexicon import Hits, Lexicon, Span, compile_lexicon
from pipeline.core.reading import LEAD, Reading, read
from pipeline.core.rulefiles import read_rules
from pipeline.core.rules import Example, Pattern, Rules, TopicRule
from pipeline.records import Evidence, Topic

MOST_EVIDENCE = 12  # per topic
QUOTED = 400  # characters of a sentence in evidence
_TRIED = 6  # hits of one concept tried in one sentence: bounds the search through a hostile text


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in force. Compiles the terms of a language when its first article comes."""

    rules: Rules
    files: Mapping[str, Mapping[str, Any]]  # what it was made of, for another process
    _lexicons: dict[str | None, Lexicon] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        return self.rules.hash

    def lexicon(self, language: str | None) -> Lexicon:
        code = language.replace("_", "-").split("-")[0].lower() if language else None
        if code not in self._lexicons:
            self._lexicons[code] = compile_lexicon(self.rules, code)
        return self._lexicons[code]


@dataclass(frozen=True, slots=True)
class Tried:
    """How near one pattern came. `missing`: concepts its best sentence lacked, or what else kept it from counting."""

    pattern: str
    weight: float
    met: bool
    missing: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Explained:
    """Why an article has a topic or not."""

    topic: Topic
    threshold: float
    tried: tuple[Tried, ...]

    @property
    def matches(self) -> bool:
        return reaches(self.topic.score, self.threshold)


def parse_rules(files: Mapping[str, Mapping[str, Any]], *, run_examples: bool = True) -> RuleSet:
    """Parsed TOML by file name as a rule set that keeps its own examples. Raises Faults with every fault.

    `run_examples` False is for a process that is handed rules another one has checked.
    """
    ruleset = RuleSet(read_rules(files), files)
    faults = check_examples(ruleset) if run_examples else []
    if faults:
        raise Faults(tuple(faults))
    return ruleset


def evaluate(ruleset: RuleSet, title: str, text: str, language: str | None) -> tuple[Topic, ...]:
    """Topics of an article, surest first. `title` and `text` in NFC; `language` None looks for terms of all."""
    return judge(ruleset, read(title, text), language)


def judge(ruleset: RuleSet, reading: Reading, language: str | None) -> tuple[Topic, ...]:
    """Topics of an article already cut into words."""
    found = _Found(reading, ruleset.lexicon(language).hits(reading))
    topics = [topic for rule in ruleset.rules.topics if (topic := _topic(rule, ruleset.rules, found))]
    return tuple(sorted(topics, key=lambda topic: (-topic.score, topic.id)))


def satisfied(
    ruleset: RuleSet, patterns: Sequence[Pattern], reading: Reading, language: str | None
) -> list[tuple[Pattern, Met]]:
    """Those of `patterns` that the article satisfies, each with its concepts and their words by sentence."""
    found = _Found(reading, ruleset.lexicon(language).hits(reading))
    places = [(p, _meet(p, found) if found.hits.keys() >= set(p.all) else []) for p in patterns]
    return [(pattern, met) for pattern, met in places if met]


def explain(ruleset: RuleSet, title: str, text: str, language: str | None) -> tuple[Explained, ...]:
    """Every topic with its score and what each of its patterns found or missed, near misses too."""
    reading = read(title, text)
    found = _Found(reading, ruleset.lexicon(language).hits(reading))
    return tuple(_explain(rule, ruleset.rules, found) for rule in ruleset.rules.topics)


def reaches(score: float, threshold: float) -> bool:
    return score >= threshold - 1e-9  # 0.3 + 0.3 is to reach 0.6


def check_examples(ruleset: RuleSet) -> list[Fault]:
    """A fault for each example that its topic judges wrongly, with the score and what was missing."""
    faults = []
    for rule in ruleset.rules.topics:
        for example in rule.examples:
            fault = _wrong(ruleset, rule, example)
            if fault:
                faults.append(fault)
    return faults


def _wrong(ruleset: RuleSet, rule: TopicRule, example: Example) -> Fault | None:
    reading = read(example.title, example.text)
    found = _Found(reading, ruleset.lexicon(example.language).hits(reading))
    result = _explain(rule, ruleset.rules, found)
    if result.matches == example.matches:
        return None
    start = (example.title or example.text)[:60]
    score = f"scores {result.topic.score:g}, threshold {rule.threshold:g}: {start!r}"
    if example.matches:
        tried = "; ".join(f"{t.pattern}: {', '.join(t.missing)} missing" for t in result.tried if t.missing)
        return Fault(rule.file, example.key, f"does not match, {score}", tried or "no pattern with weight is near")
    words = ", ".join(f"{e.concept} {e.text!r}" for e in result.topic.evidence)
    return Fault(rule.file, example.key, f"matches, {score}", f"because of {words}: make a concept or pattern stricter")


Met = list[tuple[tuple[str, ...], tuple[Span, ...]]]  # concepts and their words, one entry per sentence


class _Found:
    """Hits of one article, by concept and sentence."""

    def __init__(self, reading: Reading, hits: Hits) -> None:
        self.reading, self.hits = reading, hits
        self._by_sentence: dict[str, dict[int, list[Span]]] = {}

    def in_sentences(self, concept: str) -> dict[int, list[Span]]:
        found = self._by_sentence.get(concept)
        if found is None:
            found = self._by_sentence[concept] = {}
            for span in self.hits.get(concept, ()):
                found.setdefault(self.reading.sentence_at(span[0]), []).append(span)
        return found

    def within(self, where: str, sentence: int) -> bool:
        first, split = self.reading.sentences[sentence].first, self.reading.split
        return where == "anywhere" or first < split or (where == "lead" and first < split + LEAD)


def _topic(rule: TopicRule, rules: Rules, found: _Found) -> Topic | None:
    score, met = 0.0, []
    for pattern in rule.patterns:
        if found.hits.keys() >= set(pattern.all) and (places := _meet(pattern, found)):
            score += pattern.weight
            met += places if pattern.weight > 0 else []
    if not reaches(score, rule.threshold):
        return None
    return Topic(id=rule.id, score=_score(score), evidence=_evidence(rules, found.reading, met))


def _score(total: float) -> float:
    return round(min(1.0, max(0.0, total)), 4)


def _meet(pattern: Pattern, found: _Found) -> Met:
    """Where the pattern is satisfied; empty when it is not."""
    if any(concept in found.hits for concept in pattern.unless_anywhere):
        return []
    if pattern.within == "document":
        return _meet_in_document(pattern, found)
    by_sentence = [found.in_sentences(concept) for concept in pattern.all]
    met: Met = []
    for sentence in sorted(set.intersection(*(set(spans) for spans in by_sentence))):
        if not found.within(pattern.where, sentence):
            continue
        if any(sentence in found.in_sentences(concept) for concept in pattern.unless):
            continue
        chosen = _choose([spans[sentence] for spans in by_sentence], pattern)
        if chosen:
            met.append((pattern.all, chosen))
    return met if len(met) >= _needed(pattern, found.reading) else []


def _needed(pattern: Pattern, reading: Reading) -> int:
    """In how many sentences the pattern must be satisfied."""
    return max(pattern.times, -(-len(reading.sentences) // pattern.every) if pattern.every else 1)


def _meet_in_document(pattern: Pattern, found: _Found) -> Met:
    if any(concept in found.hits for concept in pattern.unless):
        return []
    options = []
    for concept in pattern.all:
        spans = found.in_sentences(concept)
        options.append([s for n in sorted(spans) if found.within(pattern.where, n) for s in spans[n]])
    chosen = _choose(options, pattern)
    return [(pattern.all, chosen)] if chosen else []


def _choose(options: Sequence[Sequence[Span]], pattern: Pattern) -> tuple[Span, ...]:
    """One hit of each concept such that none serves twice, the order holds, and all lie within the distance."""
    width = pattern.within if isinstance(pattern.within, int) else None

    def extend(chosen: tuple[Span, ...]) -> tuple[Span, ...]:
        if len(chosen) == len(options):
            return chosen
        for span in options[len(chosen)][:_TRIED]:
            if any(_clash(span, other) for other in chosen):
                continue
            if pattern.ordered and chosen and span[0] < chosen[-1][1]:
                continue
            taken = (*chosen, span)
            if width is not None and max(s[1] for s in taken) - min(s[0] for s in taken) > width:
                continue
            done = extend(taken)
            if done:
                return done
        return ()

    return extend(())


def _clash(one: Span, other: Span) -> bool:
    """They share words. One wholly inside the other does not count: "weist den Botschafter aus" has a gap for it."""
    (a, b), (c, d) = sorted((one, other))
    return a == c or b == d or c < b < d


def _evidence(rules: Rules, reading: Reading, met: Met) -> tuple[Evidence, ...]:
    seen: dict[tuple[str, Span], None] = {}
    for concepts, spans in met:
        for item in zip(concepts, spans, strict=True):
            seen.setdefault(item)
    evidence = []
    for concept, (first, last) in list(seen)[:MOST_EVIDENCE]:
        sentence = reading.sentences[reading.sentence_at(first)]
        whole = reading.title if sentence.field == "title" else reading.text
        start, end = reading.place(first, last)
        evidence.append(
            Evidence(
                concept=rules.concepts[concept].name,
                text=whole[start:end],
                field=sentence.field,
                start=start,
                end=end,
                sentence=whole[sentence.start : min(sentence.end, sentence.start + QUOTED)],
            )
        )
    return tuple(evidence)


def _explain(rule: TopicRule, rules: Rules, found: _Found) -> Explained:
    score, met, tried = 0.0, [], []
    for pattern in rule.patterns:
        places = _meet(pattern, found) if found.hits.keys() >= set(pattern.all) else []
        score += pattern.weight if places else 0
        met += places if pattern.weight > 0 else []
        missing, sentence = ((), "") if places else _nearest(pattern, rules, found)
        tried.append(Tried(pattern.name, pattern.weight, bool(places), missing, sentence))
    topic = Topic(id=rule.id, score=_score(score), evidence=_evidence(rules, found.reading, met))
    return Explained(topic, rule.threshold, tuple(tried))


def _nearest(pattern: Pattern, rules: Rules, found: _Found) -> tuple[tuple[str, ...], str]:
    """The sentence with most of the pattern's concepts, and what it lacks."""
    sentences = {n for concept in pattern.all for n in found.in_sentences(concept) if found.within(pattern.where, n)}
    if not sentences:
        return tuple(rules.concepts[concept].name for concept in pattern.all), ""

    def lacks(sentence: int) -> list[str]:
        return [rules.concepts[c].name for c in pattern.all if sentence not in found.in_sentences(c)]

    best = min(sorted(sentences), key=lambda n: len(lacks(n)))
    at = found.reading.sentences[best]
    whole = found.reading.title if at.field == "title" else found.reading.text
    vetoes = [f"not {rules.concepts[c].name}" for c in pattern.unless if best in found.in_sentences(c)]
    vetoes += [f"not {rules.concepts[c].name}" for c in pattern.unless_anywhere if c in found.hits]
    needed = _needed(pattern, found.reading)
    missing = lacks(best) or vetoes or [f"{needed} sentences" if needed > 1 else "order or distance"]
    return tuple(missing), whole[at.start : at.end][:QUOTED]

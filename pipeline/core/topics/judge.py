"""Judges an article by the topic rules: which topics, how surely, and by which words. Reads no files, learns nothing.

A pattern asks how concepts meet; a topic's score is the sum of the weights of its satisfied patterns, kept in 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.core.text.reading import Reading, read
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.hits import Hits, Span
from pipeline.core.topics.lexicon import Lexicon, compile_lexicon
from pipeline.core.topics.patterns import Met, PatternIndex, may_meet, meet, sentences_needed
from pipeline.core.topics.read_rules import read_rules
from pipeline.core.topics.rules import Pattern, Rules, TopicRule
from pipeline.records import Evidence, Topic

MOST_EVIDENCE = 12  # per topic


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in force. Compiles the terms of a language when its first article comes."""

    rules: Rules
    files: Mapping[str, Mapping[str, Any]]  # what it was made of, for another process
    patterns: PatternIndex = field(init=False)
    _lexicons: dict[str | None, Lexicon] = field(default_factory=dict)
    _judging: dict[str | None, Lexicon] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "patterns", PatternIndex(self.rules.topics))

    @property
    def hash(self) -> str:
        return self.rules.hash

    def lexicon(self, language: str | None) -> Lexicon:
        """Of all concepts."""
        code = _code(language)
        if code not in self._lexicons:
            self._lexicons[code] = compile_lexicon(self.rules, code)
        return self._lexicons[code]

    def judging(self, language: str | None) -> Lexicon:
        """Of the concepts that a topic asks for, and only in the part of an article that it asks about."""
        code = _code(language)
        if code not in self._judging:
            self._judging[code] = self.lexicon(code).only(self.patterns.concepts, self.patterns.beyond)
        return self._judging[code]


def _code(language: str | None) -> str | None:
    return language.replace("_", "-").split("-")[0].lower() if language else None


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


def parse_rules(files: Iterable[TomlFile]) -> RuleSet:
    """Parsed rule files as a rule set; its examples are not run. Raises Faults with every fault."""
    files = tuple(files)
    return RuleSet(read_rules(files), {file.name: file.data for file in files})


def evaluate(ruleset: RuleSet, title: str, text: str, language: str | None) -> tuple[Topic, ...]:
    """Topics of an article, surest first. `title` and `text` in NFC; `language` None looks for terms of all."""
    return judge(ruleset, read(title, text), language)


def judge(ruleset: RuleSet, reading: Reading, language: str | None) -> tuple[Topic, ...]:
    """Topics of an article already cut into words."""
    hits = ruleset.judging(language).hits(reading)
    possible = ruleset.patterns.possible(hits)
    topics = [topic for rule, patterns in possible if (topic := _topic(rule, patterns, ruleset.rules, reading, hits))]
    return tuple(sorted(topics, key=lambda topic: (-topic.score, topic.id)))


def satisfied(patterns: Sequence[Pattern], reading: Reading, hits: Hits) -> list[tuple[Pattern, Met]]:
    """Those of `patterns` that the article satisfies, each with its concepts and their words by sentence."""
    places = [(pattern, meet(pattern, reading, hits)) for pattern in patterns]
    return [(pattern, met) for pattern, met in places if met]


def explain(ruleset: RuleSet, title: str, text: str, language: str | None) -> tuple[Explained, ...]:
    """Every topic with its score and what each of its patterns found or missed, near misses too."""
    reading = read(title, text)
    hits = ruleset.judging(language).hits(reading)
    return tuple(_explain(rule, ruleset.rules, reading, hits) for rule in ruleset.rules.topics)


def reaches(score: float, threshold: float) -> bool:
    return score >= threshold - 1e-9  # 0.3 + 0.3 is to reach 0.6


def _topic(rule: TopicRule, patterns: Sequence[Pattern], rules: Rules, reading: Reading, hits: Hits) -> Topic | None:
    """`patterns`: those of the topic that may be satisfied."""
    met = _for(rule, patterns, reading, hits)
    if not met:
        return None
    score, places = 0.0, Met()
    for number, pattern in enumerate(patterns):
        found = met.get(number, ()) if pattern.weight > 0 else meet(pattern, reading, hits)
        score += pattern.weight if found else 0
        places += found if pattern.weight > 0 else ()
    if not reaches(score, rule.threshold):
        return None
    return Topic(id=rule.id, score=_score(score), evidence=_evidence(rules, reading, places))


def _for(rule: TopicRule, patterns: Sequence[Pattern], reading: Reading, hits: Hits) -> dict[int, Met]:
    """What speaks for the topic, by number of the pattern; empty as soon as that cannot reach the threshold."""
    likely = [(number, pattern) for number, pattern in enumerate(patterns) if pattern.weight > 0]
    best = sum(pattern.weight for _, pattern in likely)
    left, met = [], dict[int, Met]()
    for number, pattern in likely:
        if not reaches(best, rule.threshold):
            return {}
        if may_meet(pattern, reading, hits):
            left.append((number, pattern))
        else:
            best -= pattern.weight
    for number, pattern in left:
        if not reaches(best, rule.threshold):
            return {}
        met[number] = meet(pattern, reading, hits)
        best -= 0 if met[number] else pattern.weight
    return met if reaches(best, rule.threshold) else {}


def _score(total: float) -> float:
    return round(min(1.0, max(0.0, total)), 4)


def _evidence(rules: Rules, reading: Reading, met: Met) -> tuple[Evidence, ...]:
    seen: dict[tuple[str, Span], None] = {}
    for concepts, spans in met:
        for item in zip(concepts, spans, strict=True):
            seen.setdefault(item)
    evidence = []
    for concept, (first, last) in list(seen)[:MOST_EVIDENCE]:
        sentence = reading.sentences[reading.sentence_at(first)]
        start, end = reading.place(first, last)
        evidence.append(
            Evidence(
                concept=rules.concepts[concept].name,
                text=reading.field_of(first)[start:end],
                field=sentence.field,
                start=start,
                end=end,
                sentence=reading.quote(sentence),
            )
        )
    return tuple(evidence)


def _explain(rule: TopicRule, rules: Rules, reading: Reading, hits: Hits) -> Explained:
    score, met, tried = 0.0, [], []
    for pattern in rule.patterns:
        places = meet(pattern, reading, hits)
        score += pattern.weight if places else 0
        met += places if pattern.weight > 0 else []
        missing, sentence = ((), "") if places else _nearest(pattern, rules, reading, hits)
        tried.append(Tried(pattern.name, pattern.weight, bool(places), missing, sentence))
    topic = Topic(id=rule.id, score=_score(score), evidence=_evidence(rules, reading, met))
    return Explained(topic, rule.threshold, tuple(tried))


def _nearest(pattern: Pattern, rules: Rules, reading: Reading, hits: Hits) -> tuple[tuple[str, ...], str]:
    """The sentence with most of the pattern's concepts, and what it lacks."""
    spoken = {n for concept in pattern.all for n in hits.where(concept) if hits.spans(concept, n)}
    sentences = [n for n in sorted(spoken) if n < reading.parts[pattern.where]]
    if not sentences:
        return tuple(rules.concepts[concept].name for concept in pattern.all), ""

    def lacks(sentence: int) -> list[str]:
        return [rules.concepts[c].name for c in pattern.all if not hits.spans(c, sentence)]

    best = min(sentences, key=lambda n: len(lacks(n)))
    vetoes = [f"not {rules.concepts[c].name}" for c in pattern.unless if hits.spans(c, best)]
    vetoes += [f"not {rules.concepts[c].name}" for c in pattern.unless_anywhere if c in hits]
    needed = sentences_needed(pattern, reading)
    missing = lacks(best) or vetoes or [f"{needed} sentences" if needed > 1 else "order or distance"]
    return tuple(missing), reading.quote(reading.sentences[best])

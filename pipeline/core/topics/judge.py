"""Which topics an article has, with what score, and the words that are the evidence.

A pattern says how concepts must meet; a topic's score is the sum of the weights of its satisfied patterns, kept in 0
to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from pipeline.core.text.languages import base_code
from pipeline.core.text.reading import Reading, read
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.compile import compile_lexicon
from pipeline.core.topics.compiled import StoredRules, encode_rules
from pipeline.core.topics.hits import Hits, Span
from pipeline.core.topics.lexicon import Lexicon
from pipeline.core.topics.patterns import Met, PatternIndex, may_meet, meet
from pipeline.core.topics.read_rules import read_rules
from pipeline.core.topics.rules import Pattern, Rules, TopicRule, concept_name
from pipeline.records import Evidence, Topic

MOST_EVIDENCE = 12  # per topic


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force. Prepares the terms of a language when its first article comes: from `stored`, if they were
    compiled before."""

    rules: Rules
    stored: StoredRules | None = None
    patterns: PatternIndex = field(init=False)
    _lexicons: dict[str | None, tuple[Lexicon, Lexicon]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "patterns", PatternIndex(self.rules.topics))

    @property
    def hash(self) -> str:
        return self.rules.hash

    def encoded(self) -> bytes:
        """The compiled rules, from which `stored_rules` makes them again, here or in another process."""
        return self.stored.data if self.stored else encode_rules(self.rules)

    def rule(self, topic: str) -> TopicRule:
        """The rule of the topic with this id. Raises KeyError."""
        for rule in self.rules.topics:
            if rule.id == topic:
                return rule
        raise KeyError(topic)

    def topic_lexicon(self, language: str | None) -> Lexicon:
        """The concepts that a topic's patterns ask for, each only in the part of an article that they ask about."""
        return self._compiled(language)[0]

    def fact_lexicon(self, language: str | None) -> Lexicon:
        """Everything that `topic_lexicon` does not look for: what only the facts need."""
        return self._compiled(language)[1]

    def _compiled(self, language: str | None) -> tuple[Lexicon, Lexicon]:
        code = base_code(language)
        if code not in self._lexicons:
            lexicon = (self.stored and self.stored.lexicon(code)) or compile_lexicon(self.rules, code)
            self._lexicons[code] = lexicon.split(self.patterns.concepts, self.patterns.beyond)
        return self._lexicons[code]


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """What an article has of one topic. `satisfied`: its patterns that are met, in the order of the rule, each with the
    words that meet. `total`: the sum of their weights, not limited to 0 to 1."""

    rule: TopicRule
    satisfied: tuple[tuple[Pattern, Met], ...]
    total: float

    @property
    def score(self) -> float:
        """0 to 1."""
        return round(min(1.0, max(0.0, self.total)), 4)

    @property
    def matches(self) -> bool:
        return reaches(self.total, self.rule.threshold)


def parse_rules(files: Iterable[TomlFile]) -> RuleSet:
    """Parsed rule files as a rule set; its examples are not run. Raises Faults with every fault."""
    return RuleSet(read_rules(files))


def stored_rules(load: Callable[[], bytes], topics: bytes | None = None) -> RuleSet:
    """The rule set of which `load` gives the encoded form. With `topics`, from `encode_topics`, it is loaded only when
    an article is judged. Raises DamagedRules, now or then."""
    stored = StoredRules(load)
    return RuleSet(stored.rules(topics), stored)


def find_topics(
    ruleset: RuleSet, title: str, text: str, language: str | None, published: date | None = None
) -> tuple[Topic, ...]:
    """Topics of an article by its patterns alone, highest score first. `title` and `text` in NFC; `language` None looks
    for the terms of all languages."""
    reading = read(title, text)
    matches = judge(ruleset, reading, ruleset.topic_lexicon(language).hits(reading, published))
    return tuple(topic_of(match, ruleset.rules, reading) for match in matches)


def judge(ruleset: RuleSet, reading: Reading, hits: Hits) -> list[TopicMatch]:
    """The topics that reach their threshold, highest score first."""
    found = (_reaching(rule, patterns, reading, hits) for rule, patterns in ruleset.patterns.possible(hits))
    return sorted((match for match in found if match), key=lambda match: (-match.score, match.rule.id))


def match_topic(rule: TopicRule, reading: Reading, hits: Hits) -> TopicMatch:
    """What the article has of one topic, below its threshold too."""
    return _matched(rule, [(pattern, meet(pattern, reading, hits)) for pattern in rule.patterns])


def reaches(score: float, threshold: float) -> bool:
    return score >= threshold - 1e-9  # 0.3 + 0.3 is to reach 0.6


def topic_of(match: TopicMatch, rules: Rules, reading: Reading) -> Topic:
    """The topic as it is stored: with its score, and as evidence the words of the patterns that speak for it."""
    places = [place for pattern, met in match.satisfied if pattern.weight > 0 for place in met]
    return Topic(id=match.rule.id, score=match.score, evidence=_evidence(rules, reading, places))


def _matched(rule: TopicRule, tried: Sequence[tuple[Pattern, Met]]) -> TopicMatch:
    satisfied = tuple((pattern, met) for pattern, met in tried if met)
    return TopicMatch(rule, satisfied, sum((pattern.weight for pattern, _ in satisfied), 0.0))


def _reaching(rule: TopicRule, patterns: Sequence[Pattern], reading: Reading, hits: Hits) -> TopicMatch | None:
    """`patterns`: those of the topic that may be satisfied, in order."""
    supporting = _supporting(rule, patterns, reading, hits)
    if not supporting:
        return None
    tried = [
        (pattern, supporting.get(number, []) if pattern.weight > 0 else meet(pattern, reading, hits))
        for number, pattern in enumerate(patterns)
    ]
    match = _matched(rule, tried)
    return match if match.matches else None


def _supporting(rule: TopicRule, patterns: Sequence[Pattern], reading: Reading, hits: Hits) -> dict[int, Met]:
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
                concept=concept_name(concept),
                text=reading.field_of(first)[start:end],
                field=sentence.field,
                start=start,
                end=end,
                sentence=reading.quote(sentence),
            )
        )
    return tuple(evidence)

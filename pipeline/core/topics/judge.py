"""Decides which topics an article has, with their scores, and the words that are the evidence.

The score of a topic is the sum of the weights of its satisfied patterns, limited to 0 to 1. If that misses the
threshold but the article fills the slots of the topic, its verifier decides; it may also veto what the patterns accept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from pipeline.core.text.languages import base_code
from pipeline.core.text.reading import Reading, read
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.compile import compile_lexicon
from pipeline.core.topics.compiled import StoredRules, encode_rules
from pipeline.core.topics.evidence import evidence_of, evidence_of_opening
from pipeline.core.topics.features import Inputs, inputs_of
from pipeline.core.topics.first_look import FirstLook
from pipeline.core.topics.hits import Hits
from pipeline.core.topics.lexicon import Lexicon
from pipeline.core.topics.patterns import Met, PatternIndex, may_meet, meet, reaches
from pipeline.core.topics.proposer import Proposer
from pipeline.core.topics.read_rules import read_rules
from pipeline.core.topics.rules import Pattern, Rules, TopicRule
from pipeline.core.topics.slots import Filling, SlotIndex, best_words, fill, fill_some
from pipeline.core.topics.verifier import Verdict, verify
from pipeline.records import Acceptance, Topic


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules, ready for judging articles. The lexicons of a language are made when its first article is judged: from
    `stored`, if compiled before."""

    rules: Rules
    stored: StoredRules | None = None
    patterns: PatternIndex = field(init=False)
    slots: SlotIndex = field(init=False)
    proposer: Proposer = field(init=False)
    first_look: FirstLook = field(init=False)
    numbers: Mapping[str, int] = field(init=False)  # places of the topics in the rules, by id
    _lexicons: dict[str | None, tuple[Lexicon, Lexicon]] = field(default_factory=dict)
    _untagged: dict[str | None, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "patterns", PatternIndex(self.rules.topics))
        object.__setattr__(self, "slots", SlotIndex(self.rules.topics))
        object.__setattr__(self, "proposer", Proposer(self.rules.topics))
        object.__setattr__(self, "first_look", FirstLook(self.rules.topics))
        object.__setattr__(self, "numbers", {rule.id: number for number, rule in enumerate(self.rules.topics)})

    @property
    def hash(self) -> str:
        return self.rules.hash

    def encoded(self) -> bytes:
        """The compiled rules as bytes, which `stored_rules` reads, here or in another process."""
        return self.stored.data if self.stored else encode_rules(self.rules)

    def rule(self, topic: str) -> TopicRule:
        """The rule of the topic with this id. Raises KeyError."""
        return self.rules.topics[self.numbers[topic]]

    def untagged(self, language: str | None) -> tuple[str, ...]:
        """Ids of the topics that have no terms in a language, so that no words of it can show them."""
        code = base_code(language)
        if code not in self._untagged:
            missing = (rule.id for rule in self.rules.topics if code and code not in rule.languages)
            self._untagged[code] = tuple(missing)
        return self._untagged[code]

    def topic_lexicon(self, language: str | None) -> Lexicon:
        """The lexicon of the concepts that decide about topics, each only for the part of an article where it
        matters."""
        return self._compiled(language)[0]

    def fact_lexicon(self, language: str | None) -> Lexicon:
        """The lexicon of the other concepts, which only the facts use."""
        return self._compiled(language)[1]

    def _compiled(self, language: str | None) -> tuple[Lexicon, Lexicon]:
        code = base_code(language)
        if code not in self._lexicons:
            lexicon = (self.stored and self.stored.lexicon(code)) or compile_lexicon(self.rules, code)
            self._lexicons[code] = lexicon.split(self.patterns.concepts | self.slots.concepts, self.patterns.beyond)
        return self._lexicons[code]


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """How well an article matches one topic. `satisfied`: the satisfied patterns, in the order of the rule, each with
    its words. `total`: the sum of their weights, not limited to 0 to 1. `filling`: what fills the topic's slots, if all
    are filled; `verdict`: what the verifier says then. Both are None if the patterns were enough and the verifier has
    no veto. `proposed`: the probability by the vector of the opening, if that proposes the topic although a required
    slot is empty. `deducted`: what facts add to the total, 0 or less."""

    rule: TopicRule
    satisfied: tuple[tuple[Pattern, Met], ...]
    total: float
    filling: Filling | None = None
    verdict: Verdict | None = None
    proposed: float | None = None
    deducted: float = 0.0

    @property
    def score(self) -> float:
        """The total, limited to 0 to 1; if only the verifier accepts the topic, its probability."""
        if self.verdict is not None and self.accepted_by == "verifier":
            return self.verdict.probability
        return round(min(1.0, max(0.0, self.total)), 4)

    @property
    def reaches(self) -> bool:
        """Whether the patterns reach the threshold, also after what facts deduct."""
        return reaches(self.total + self.deducted, self.rule.threshold)

    @property
    def outweighed(self) -> bool:
        """Whether only what facts deduct keeps the patterns from the threshold, and the verifier does not accept."""
        return self.deducted < 0 and not self.matches and reaches(self.total, self.rule.threshold)

    @property
    def accepted_by(self) -> Acceptance | None:
        """What makes the article one on the topic: the patterns, unless the verifier vetoes them, or the verifier."""
        verifier, verdict = self.rule.verifier, self.verdict
        vetoed = verifier and verdict and verdict.probability < verifier.veto
        if self.reaches and not vetoed:
            return "patterns"
        return "verifier" if verdict and reaches(verdict.probability, self.needed) else None

    @property
    def needed(self) -> float:
        """The probability from which the verifier accepts."""
        verifier, verdict = self.rule.verifier, self.verdict
        if verifier is None or verdict is None:
            return 1.0
        return verifier.alone if verdict.seen == "alone" else verifier.threshold

    @property
    def sure(self) -> bool:
        """Whether the verifier is so sure of the topic that facts do not remove it."""
        verifier, verdict = self.rule.verifier, self.verdict
        return verifier is not None and verdict is not None and 0 < verifier.sure <= verdict.probability

    @property
    def refused(self) -> bool:
        """Whether the verifier refuses the article."""
        return self.verdict is not None and not self.matches

    @property
    def threshold(self) -> float:
        """What the score is compared with: the verifier's threshold if it accepts the topic, or the patterns'."""
        return self.needed if self.accepted_by == "verifier" else self.rule.threshold

    @property
    def matches(self) -> bool:
        return self.accepted_by is not None

    @property
    def places(self) -> Met:
        """The words for the topic: of the patterns with a positive weight and, if these do not reach the threshold, one
        filler of each slot."""
        met = [place for pattern, places in self.satisfied if pattern.weight > 0 for place in places]
        if self.filling is None or self.accepted_by == "patterns":
            return met
        words = best_words(self.filling)
        return [*met, (tuple(concept for _, concept, _ in words), tuple(span for _, _, span in words))]


def parse_rules(files: Iterable[TomlFile]) -> RuleSet:
    """The rule set in the files; examples are not run. Raises Faults with every fault."""
    return RuleSet(read_rules(files))


def untrained_rules(files: Iterable[TomlFile]) -> RuleSet:
    """The rule set whose verifiers have no weights yet, for training them: no article can be judged with it. Raises
    Faults with every fault."""
    return RuleSet(read_rules(files, trained=False))


def stored_rules(load: Callable[[], bytes], topics: bytes | None = None) -> RuleSet:
    """The rule set from its encoded form, which `load` returns. With `topics`, from `encode_topics`, it is loaded only
    when an article is judged. Raises DamagedRules, now or then."""
    stored = StoredRules(load)
    return RuleSet(stored.rules(topics), stored)


def find_topics(
    ruleset: RuleSet, title: str, text: str, language: str | None, published: date | None = None
) -> tuple[Topic, ...]:
    """Topics of an article without regard to its facts, highest score first. `title` and `text` in NFC; `language`
    None looks for the terms of all languages."""
    reading = read(title, text, language)
    matches = judge(ruleset, reading, language, ruleset.topic_lexicon(language).hits(reading, published))
    return tuple(topic_of(match, reading) for match in matches)


def judge(ruleset: RuleSet, reading: Reading, language: str | None, hits: Hits) -> list[TopicMatch]:
    """The topics that their patterns or their verifier accept, highest score first."""
    found: dict[str, TopicMatch] = {}
    most = ruleset.patterns.most(hits)
    for rule, patterns in ruleset.patterns.possible(hits, most):
        match = _reaching(rule, patterns, reading, hits)
        if match and rule.verifier and rule.verifier.veto:
            match = verified(replace(match, filling=fill(rule.slots, reading, hits)), reading, language, hits)
        if match:
            found[rule.id] = match
    proposed = ruleset.proposer.proposed(reading, language)
    topics, numbers = ruleset.rules.topics, ruleset.numbers
    candidates = dict.fromkeys((*ruleset.slots.filled(reading, hits), *(numbers[topic] for topic in proposed)))
    left = [number for number in candidates if topics[number].id not in found]
    for number in ruleset.first_look.likely(left, most, reading, language, hits):
        match = match_topic(topics[number], reading, hits, proposed.get(topics[number].id))
        found[match.rule.id] = verified(match, reading, language, hits)
    matches = [match for match in found.values() if match.matches]
    return sorted(matches, key=lambda match: (-match.score, match.rule.id))


def match_topic(rule: TopicRule, reading: Reading, hits: Hits, proposed: float | None = None) -> TopicMatch:
    """How the article matches one topic, even if it is not accepted; the verifier is not asked. `proposed`: the
    probability by the vector of its opening, if that proposes the topic."""
    match = _matched(rule, [(pattern, meet(pattern, reading, hits)) for pattern in rule.patterns])
    filling = fill(rule.slots, reading, hits)
    if filling is None and proposed is not None:
        return replace(match, filling=fill_some(rule.slots, reading, hits), proposed=proposed)
    return replace(match, filling=filling)


def verified(match: TopicMatch, reading: Reading, language: str | None, hits: Hits) -> TopicMatch:
    """The match with the verdict of the verifier, if the topic has one and the article is a candidate."""
    verifier = match.rule.verifier
    inputs = candidate_inputs(match, reading, hits) if verifier else None
    if verifier is None or inputs is None:
        return match
    terms = match.rule.has_terms(base_code(language))
    return replace(match, verdict=verify(verifier, inputs, language, terms=terms)) if terms or verifier.alone else match


def candidate_inputs(match: TopicMatch, reading: Reading, hits: Hits) -> Inputs | None:
    """What the verifier sees of the article; None if it is no candidate: neither are the slots filled nor does its
    opening propose the topic nor do the patterns reach the threshold."""
    return inputs(match, reading, hits) if match.filling is not None or match.reaches else None


def inputs(match: TopicMatch, reading: Reading, hits: Hits) -> Inputs:
    """What a verifier sees of an article, be it a candidate or not."""
    filling = match.filling if match.filling is not None else fill_some(match.rule.slots, reading, hits)
    weights = [pattern.weight for pattern, _ in match.satisfied]
    support, against = (sum(weight for weight in weights if weight * sign > 0) for sign in (1, -1))
    return inputs_of(match.rule, reading, hits, filling, support, against)


def topic_of(match: TopicMatch, reading: Reading) -> Topic:
    """The topic as stored: its score, what accepted it, and as evidence the words for it."""
    accepted_by = match.accepted_by or "patterns"
    evidence = evidence_of(reading, match.places)
    if match.proposed is not None and accepted_by == "verifier" and reading.sentences:
        evidence = (evidence_of_opening(reading), *evidence)
    return Topic(id=match.rule.id, score=match.score, by=accepted_by, evidence=evidence)


def _matched(rule: TopicRule, tried: Sequence[tuple[Pattern, Met]]) -> TopicMatch:
    satisfied = tuple((pattern, met) for pattern, met in tried if met)
    return TopicMatch(rule, satisfied, sum((pattern.weight for pattern, _ in satisfied), 0.0))


def _reaching(rule: TopicRule, patterns: Sequence[Pattern], reading: Reading, hits: Hits) -> TopicMatch | None:
    """The match; None if it misses the threshold. `patterns`: those that may be satisfied, in order."""
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
    """The satisfied patterns with a positive weight, by number; empty as soon as the threshold is out of reach."""
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

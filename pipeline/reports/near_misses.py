"""Articles that nearly have a topic: proposed and refused by its verifier, or whose patterns miss the threshold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.core.tagging.judged import judge_record
from pipeline.core.topics.judge import RuleSet
from pipeline.records import Document

NEAR = 0.4  # of the threshold, from which an article is a near miss
SHOWN = 30


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An article without the topic. `score` is compared with `threshold`; `by`: what came nearest; `denied`: why facts
    remove the topic although it would be accepted."""

    document: Document
    score: float
    threshold: float
    by: str  # verifier or patterns
    denied: str = ""

    @property
    def nearness(self) -> float:
        return self.score / self.threshold if self.threshold else 0.0


def near_misses(documents: Iterable[Document], rules: RuleSet, topic: str) -> list[NearMiss]:
    """Those of the documents that nearly have the topic by the rules in force, the nearest first. Takes some hundredths
    of a second for each: use it in a thread. Raises KeyError for an unknown topic."""
    rules.rule(topic)
    found = [miss for document in documents if (miss := _miss(document, rules, topic))]
    found.sort(key=lambda miss: (not miss.denied, -miss.nearness, -miss.document.relation.seq))
    return found[:SHOWN]


def _miss(document: Document, rules: RuleSet, topic: str) -> NearMiss | None:
    judged = judge_record(document.article, rules).topic(topic)
    match = judged.match
    if judged.holds:
        return None
    if match.refused and match.verdict and match.rule.verifier:
        miss = NearMiss(document, match.verdict.probability, match.rule.verifier.threshold, "verifier")
    else:
        miss = NearMiss(document, match.score, match.rule.threshold, "patterns", judged.denied_by or "")
    return miss if miss.denied or miss.nearness >= NEAR else None

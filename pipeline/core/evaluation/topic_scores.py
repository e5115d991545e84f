"""Scores the topics that were found against the labels: precision, recall, and mistakes.

Precision is the share of the found topics that are right, recall the share of the labelled topics that were found.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from pipeline.core.evaluation.labels import LabelledArticle


@dataclass(slots=True)
class Score:
    """Counts of `right` (found and labelled), `wrong` (found only) and `missed` (labelled only)."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, found: Collection[str], expected: Collection[str]) -> None:
        """Add the result for one article."""
        self.right += len(set(found) & set(expected))
        self.wrong += len(set(found) - set(expected))
        self.missed += len(set(expected) - set(found))

    @property
    def precision(self) -> float | None:
        """0 to 1; None if nothing was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """0 to 1; None if nothing is labelled."""
        return self.right / (self.right + self.missed) if self.right + self.missed else None


@dataclass(frozen=True, slots=True)
class Mistake:
    """An article with the topics that were found wrongly, and those that were missed."""

    article: LabelledArticle
    wrong: tuple[str, ...]
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicScores:
    """Scores over all articles, by topic, by language, and by (topic, language)."""

    articles: int
    all: Score
    topics: Mapping[str, Score]
    languages: Mapping[str, Score]
    cells: Mapping[tuple[str, str], Score]
    mistakes: tuple[Mistake, ...] = field(repr=False)


def score_topics(results: Iterable[tuple[LabelledArticle, Sequence[str]]]) -> TopicScores:
    """Scores of (article, ids of the topics found in it)."""
    overall, count = Score(), 0
    topics, languages = defaultdict[str, Score](Score), defaultdict[str, Score](Score)
    cells = defaultdict[tuple[str, str], Score](Score)
    mistakes = []
    for article, found in results:
        count += 1
        overall.add(found, article.topics)
        languages[article.language].add(found, article.topics)
        for topic in {*found, *article.topics}:
            pair = [topic] if topic in found else [], [topic] if topic in article.topics else []
            topics[topic].add(*pair)
            cells[topic, article.language].add(*pair)
        wrong, missed = set(found) - set(article.topics), set(article.topics) - set(found)
        if wrong or missed:
            mistakes.append(Mistake(article, tuple(sorted(wrong)), tuple(sorted(missed))))
    return TopicScores(count, overall, dict(topics), dict(languages), dict(cells), tuple(mistakes))


def count_labelled_facts(articles: Iterable[LabelledArticle]) -> Counter[str]:
    """How many events state each field of the facts, over all articles."""
    counts: Counter[str] = Counter()
    for article in articles:
        for facts in article.facts:
            counts.update(name for name, value in msgspec.structs.asdict(facts).items() if value)
    return counts

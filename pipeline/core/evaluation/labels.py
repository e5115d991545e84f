"""Labelled articles: their form (docs/labels.md), and how far what the rules say agrees with the labels.

Judges nothing itself.
Measures are the usual ones: precision is the share of what was said that is right, recall the share of what is right
that was said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import msgspec

from pipeline.core.faults import Fault, Faults

OUTCOMES = Literal["authorised", "proposed", "debated", "rejected", "extended", "revoked", "past"]


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Instrument(_Table, frozen=True):
    kind: str | None = None
    number: str | None = None
    date: date | None = None


class Vote(_Table, frozen=True, rename={"for_": "for"}):
    for_: int | None = None
    against: int | None = None
    abstain: int | None = None


class Period(_Table, frozen=True):
    start: date | None = None
    end: date | None = None


class Personnel(_Table, frozen=True):
    min: int | None = None
    max: int | None = None
    unit: str | None = None


class LabelledFacts(_Table, frozen=True):
    """One event as the article states it; what is not stated is None or empty. Countries as ISO 3166-1 alpha-2."""

    outcome: OUTCOMES
    host: str | None = None
    senders: tuple[str, ...] = ()
    body: str | None = None
    instrument: Instrument | None = None
    vote: Vote | None = None
    period: Period | None = None
    armed: Literal["yes", "no"] | None = None
    weapons: tuple[str, ...] = ()
    personnel: Personnel | None = None
    units: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    purpose: str | None = None


class LabelledArticle(_Table, frozen=True):
    id: str
    language: str
    published: date
    title: str
    text: str
    topics: tuple[str, ...]
    note: str = ""
    facts: tuple[LabelledFacts, ...] = ()


class _File(_Table, frozen=True):
    article: tuple[LabelledArticle, ...]


def parse_labels(files: Mapping[str, Mapping[str, Any]], topics: Collection[str]) -> tuple[LabelledArticle, ...]:
    """The articles of parsed TOML files, by file name. `topics`: the ids there are. Raises Faults with every fault."""
    found: list[LabelledArticle] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    for name, table in files.items():
        try:
            articles = msgspec.convert(table, _File, builtin_types=(date,)).article
        except msgspec.ValidationError as error:
            faults.append(Fault(name, "", str(error), "docs/labels.md has the form"))
            continue
        for article in articles:
            if article.id in seen:
                faults.append(Fault(name, article.id, "this id is taken", "ids are unique in a set"))
            seen.add(article.id)
            faults += [
                Fault(name, article.id, f"no topic {topic!r}") for topic in article.topics if topic not in topics
            ]
            faults += _unquoted(name, article)
            found.append(article)
    if faults:
        raise Faults(tuple(faults))
    return tuple(found)


def _unquoted(name: str, article: LabelledArticle) -> list[Fault]:
    """Facts that are to be words of the article and are not."""
    whole = f"{article.title}\n{article.text}"
    quoted = [
        (f"facts[{n}].{key}", words)
        for n, facts in enumerate(article.facts, 1)
        for key, words in (
            ("body", facts.body), ("purpose", facts.purpose),
            *(("weapons", one) for one in facts.weapons), *(("units", one) for one in facts.units),
            *(("places", one) for one in facts.places),
        )
        if words
    ]  # fmt: skip
    return [
        Fault(name, f"{article.id}.{key}", f"{words!r} does not stand in the article")
        for key, words in quoted
        if words not in whole
    ]


@dataclass(slots=True)
class Score:
    """`right`: said and so; `wrong`: said and not so; `missed`: so and not said."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, said: Collection[str], so: Collection[str]) -> None:
        self.right += len(set(said) & set(so))
        self.wrong += len(set(said) - set(so))
        self.missed += len(set(so) - set(said))

    @property
    def precision(self) -> float | None:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        return self.right / (self.right + self.missed) if self.right + self.missed else None


@dataclass(frozen=True, slots=True)
class Mistake:
    article: LabelledArticle
    wrong: tuple[str, ...]
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicScores:
    """How the topics that were said agree with the labels: in all, by topic, by language, by topic and language."""

    articles: int
    all: Score
    topics: Mapping[str, Score]
    languages: Mapping[str, Score]
    cells: Mapping[tuple[str, str], Score]
    mistakes: tuple[Mistake, ...] = field(repr=False)


def score_topics(said: Iterable[tuple[LabelledArticle, Sequence[str]]]) -> TopicScores:
    """Scores of (article, topics said of it)."""
    whole, count = Score(), 0
    topics, languages = defaultdict[str, Score](Score), defaultdict[str, Score](Score)
    cells = defaultdict[tuple[str, str], Score](Score)
    mistakes = []
    for article, found in said:
        count += 1
        whole.add(found, article.topics)
        languages[article.language].add(found, article.topics)
        for topic in {*found, *article.topics}:
            one = [topic] if topic in found else [], [topic] if topic in article.topics else []
            topics[topic].add(*one)
            cells[topic, article.language].add(*one)
        wrong, missed = set(found) - set(article.topics), set(article.topics) - set(found)
        if wrong or missed:
            mistakes.append(Mistake(article, tuple(sorted(wrong)), tuple(sorted(missed))))
    return TopicScores(count, whole, dict(topics), dict(languages), dict(cells), tuple(mistakes))


def stated(articles: Iterable[LabelledArticle]) -> Counter[str]:
    """How often each field of the facts is stated, over all articles."""
    counts: Counter[str] = Counter()
    for article in articles:
        for facts in article.facts:
            counts.update(name for name, value in msgspec.structs.asdict(facts).items() if value)
    return counts

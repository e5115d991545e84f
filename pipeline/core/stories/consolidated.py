"""Brings together what the articles of a story say: each fact with its values, who says it, when and in which words.

The facts are those of the topics, and the numbers of people killed, hurt and so on that an article's opening counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from pipeline.core.expressions.vague import bounds
from pipeline.core.stories import disagreements
from pipeline.core.stories.tolls import tolls
from pipeline.core.text.folding import fold
from pipeline.records import Document, Facts, Instrument, Period, Personnel, Said, Stated, StoryFact, Vote

SENTENCE = 300  # characters of a sentence that are kept
SAID = 12  # articles that are kept for one fact; of each value the first ones
EACH = 4  # articles that are kept for one value
FACTS = 40  # facts that are kept
LONG = 60  # characters of a value in a line


def with_facts(facts: Sequence[StoryFact], document: Document, at: datetime) -> tuple[StoryFact, ...]:
    """The facts of a story with those of a document, in place of those that its article had before. `at`: as of when
    the document says them."""
    article = document.article
    kept = without(facts, {article.id})
    found = defaultdict[tuple[str, str], list[Said]](list)
    for fact in kept:
        found[fact.topic, fact.field] += fact.said
    original = document.relation.duplicate_of
    for topic, name, value, sentence, implied, low, high in _stated(document):
        own = Said(
            article=article.id, source=article.source, language=article.language, at=at, value=value,
            low=low, high=high, sentence=_cut(sentence), implied=implied,
        )  # fmt: skip
        others = found[topic, name]
        if all((one.article, one.value) != (own.article, own.value) for one in others):
            others.append(_copied(own, others, original))
    return _ordered(found)


def without(facts: Iterable[StoryFact], articles: Iterable[str]) -> tuple[StoryFact, ...]:
    """The facts without what these articles say."""
    gone = set(articles)
    left = ((fact, tuple(one for one in fact.said if one.article not in gone)) for fact in facts)
    return tuple(StoryFact(topic=fact.topic, field=fact.field, said=said) for fact, said in left if said)


def joined(facts: Iterable[StoryFact]) -> tuple[StoryFact, ...]:
    """The facts of several stories as those of one, or some of one on their own; judged again."""
    found = defaultdict[tuple[str, str], list[Said]](list)
    for fact in facts:
        found[fact.topic, fact.field] += [one for one in fact.said if one not in found[fact.topic, fact.field]]
    return _ordered(found)


def differences(facts: Iterable[StoryFact]) -> tuple[str, ...]:
    """A line for each fact on which the reports differ: "vote: 73-25 | 75-25"."""
    return tuple(
        f"{fact.field}: {' | '.join(dict.fromkeys(str(said.value)[:LONG] for said in fact.said))}"
        for fact in facts
        if fact.differs
    )


def _ordered(found: Mapping[tuple[str, str], Sequence[Said]]) -> tuple[StoryFact, ...]:
    made = []
    for (topic, name), said in found.items():
        kept = _bounded(said)
        if kept:
            differs = disagreements.differs(name, kept)
            made.append(StoryFact(topic=topic, field=name, said=kept, differs=differs))
    return arranged(made)


def arranged(facts: Iterable[StoryFact]) -> tuple[StoryFact, ...]:
    """The facts in the order in which they are shown, those that differ first; as many as are kept."""
    order = sorted(facts, key=lambda one: (not one.differs, one.topic, _RANK.get(one.field, len(_RANK)), one.field))
    return tuple(order[:FACTS])


def _bounded(said: Sequence[Said]) -> tuple[Said, ...]:
    """The most common value first; of each the first articles that say it."""
    counts = Counter(one.value for one in said)
    ordered = sorted(said, key=lambda one: (-counts[one.value], str(one.value), one.at, one.article))
    seen = Counter[str | int]()
    kept = []
    for one in ordered:
        seen[one.value] += 1
        if seen[one.value] <= EACH:
            kept.append(one)
    return tuple(kept[:SAID])


def _copied(own: Said, others: Sequence[Said], original: str | None) -> Said:
    """With the article that it has the fact from: the one that it copies, or one with the same sentence before."""
    words = fold(own.sentence)
    for one in sorted(others, key=lambda one: (one.at, one.article)):
        same = len(words) > 40 and fold(one.sentence) == words
        if one.value == own.value and (one.article == original or (same and one.source != own.source)):
            return replace(own, copied_from=one.copied_from or one.article)
    return own


# -- what one document states -----------------------------------------------------------------------------------------

#: Facts in the order in which they are shown.
_RANK = {
    name: n for n, name in enumerate((
        "outcome", "host", "senders", "body", "vote", "instrument.kind", "instrument.number", "instrument.date",
        "instrument.published", "period.start", "period.end", "personnel", "armed", "mandate", "purpose",
        "killed", "injured", "missing", "arrested", "displaced",
    ))
}  # fmt: skip


class _Fact(NamedTuple):
    """A fact as one document states it. `low` and `high`: the bounds of a number that is not exact."""

    topic: str
    field: str
    value: str | int
    sentence: str
    implied: bool = False
    low: int | None = None
    high: int | None = None


def _stated(document: Document) -> Iterator[_Fact]:
    article = document.article
    for facts in document.tags.facts:
        for name, stated in _plain(facts):
            if stated is not None:
                yield _Fact(facts.topic, name, stated.value, stated.sentence, stated.implied)
        if facts.senders:
            named = " ".join(sorted(str(one.value) for one in facts.senders))
            yield _Fact(facts.topic, "senders", named, facts.senders[0].sentence)
        if facts.vote and (counts := _vote(facts.vote)):
            yield _Fact(facts.topic, "vote", *counts)
        if facts.personnel and (number := _number(facts.topic, facts.personnel, article.language)):
            yield number
    for toll in tolls(article.title.value, article.text, article.language):
        ends = (None, None) if toll.exact else (toll.low, toll.high)
        yield _Fact("", toll.field, toll.value, toll.sentence, False, *ends)


def _plain(facts: Facts) -> Iterator[tuple[str, Stated | None]]:
    act, period = facts.instrument or Instrument(), facts.period or Period()
    yield from (
        ("outcome", facts.outcome), ("host", facts.host), ("body", facts.body), ("mandate", facts.mandate),
        ("armed", facts.armed), ("purpose", facts.purpose), ("instrument.kind", act.kind),
        ("instrument.number", act.number), ("instrument.date", act.date), ("instrument.published", act.published),
        ("period.start", period.start), ("period.end", period.end),
    )  # fmt: skip


def _number(topic: str, personnel: Personnel, language: str | None) -> _Fact | None:
    """How many people: a number, with its bounds unless it is exact; or a vague one."""
    low, high, vague = personnel.min, personnel.max, personnel.vague
    if stated := high or low:
        ends = [int(bound.value) if bound else None for bound in (low, high)]
        exact = ends[0] == ends[1]
        return _Fact(
            topic, "personnel", stated.value, stated.sentence, stated.implied, *((None, None) if exact else ends)
        )
    between = bounds(str(vague.value), language) if vague else None
    return _Fact(topic, "personnel", vague.value, vague.sentence, False, *between) if vague and between else None


def _vote(vote: Vote) -> tuple[str, str] | None:
    """A vote as one value, as people write it: 73-25, or 73-25-2 with the abstentions."""
    if vote.for_ is None or vote.against is None:
        return None
    counts: list[Stated] = [vote.for_, vote.against, *((vote.abstain,) if vote.abstain else ())]
    return "-".join(str(count.value) for count in counts), vote.for_.sentence


def _cut(sentence: str) -> str:
    line = " ".join(sentence.split())
    return line if len(line) <= SENTENCE else line[: SENTENCE - 1].rstrip() + "…"

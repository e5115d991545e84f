"""Stories as cards: what a list shows of each, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.core.alerts.rules import SEVERITIES
from pipeline.core.stories.growth import Growth, growth
from pipeline.core.stories.importance import Importance, importance
from pipeline.records import Story, StoryFact
from pipeline.reports.matched import Match

HOUR = timedelta(hours=1)
COLUMNS = 24  # of the chart of growth
FACTS = 4  # shown on a card
VALUES = 3  # of one fact
OUTLETS = 5


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact with its values, the most common first. `more`: values that are not shown."""

    field: str
    values: tuple[str, ...]
    differs: bool
    more: int = 0


@dataclass(frozen=True, slots=True)
class Curve:
    """Reports without copies over time: a number for each stretch of `hours`, up to `end`."""

    counts: tuple[int, ...]
    hours: int
    end: datetime

    @property
    def begins(self) -> list[datetime]:
        """When each stretch begins."""
        return [self.end - back * self.hours * HOUR for back in range(len(self.counts), 0, -1)]


@dataclass(frozen=True, slots=True)
class Card:
    """A story in a list. `outlets`: the first few that reported it themselves; `rules`: what matched it, each with its
    severity."""

    story: Story
    grows: Growth
    importance: Importance
    curve: Curve
    outlets: tuple[str, ...]
    facts: tuple[FactLine, ...]
    rules: tuple[tuple[Match, str], ...] = ()

    @property
    def differs(self) -> tuple[str, ...]:
        """The facts on which the reports differ."""
        return tuple(dict.fromkeys(fact.field for fact in self.story.facts if fact.differs))

    @property
    def severity(self) -> str:
        """The highest severity of a rule that matched; "" without one."""
        return max((severity for _, severity in self.rules), key=SEVERITIES.index, default="")


def card_of(
    story: Story, now: datetime, matched: Sequence[Match] = (), severities: Mapping[str, str] | None = None
) -> Card:
    """The card of a story. `severities`: those of the rules in force, by key; a rule that is gone counts as low."""
    rules = tuple((match, (severities or {}).get(match.rule, "low")) for match in matched)
    own = [one.source for one in story.articles if one.copy_of is None]
    return Card(
        story, growth(story, now), importance(story, [severity for _, severity in rules]), curve(story, now),
        tuple(dict.fromkeys(own or story.sources))[:OUTLETS], fact_lines(story.facts), rules,
    )  # fmt: skip


def curve(story: Story, now: datetime) -> Curve:
    """How a story grew: in hours, or of an older story in longer stretches."""
    end = now.replace(minute=0, second=0, microsecond=0) + HOUR
    begin = min((hour.at for hour in story.timeline), default=story.opened)
    age = max(1, -((begin - end) // HOUR))
    hours = max(1, -(-age // COLUMNS))
    counts = [0] * COLUMNS
    for hour in story.timeline:
        back = (end - hour.at - timedelta(microseconds=1)) // (hours * HOUR)
        if 0 <= back < COLUMNS:
            counts[COLUMNS - 1 - back] += max(0, hour.own)
    return Curve(tuple(counts), hours, end)


def fact_lines(facts: Iterable[StoryFact], most: int = FACTS) -> tuple[FactLine, ...]:
    """The first facts, those on which reports differ before the others."""
    ordered = sorted(facts, key=lambda fact: not fact.differs)
    lines = []
    for fact in ordered[:most]:
        values = tuple(dict.fromkeys(str(said.value) for said in fact.said))
        lines.append(FactLine(fact.field, values[:VALUES], fact.differs, max(0, len(values) - VALUES)))
    return tuple(lines)

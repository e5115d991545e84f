"""Tries an alert rule on the articles that an index still holds: what it would have sent, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import msgspec

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.rules import AlertRule, ChannelSpec
from pipeline.core.calendar.local import local_day
from pipeline.core.notification.planner import Plan
from pipeline.core.notification.rehearsal import Fate, Rehearsal
from pipeline.ports import Index
from pipeline.records import Alert, Document, Message
from pipeline.reports.matching import candidates, matching
from pipeline.reports.samples import Samples

SAMPLES = 10
DIFFERENT = 10  # articles that are named of those that only one of two rules finds
LEARNING = timedelta(days=56)  # before the span, from which silence and burst learn their rhythm
_READER = "reader"
_IN_FORCE = "\0in force"  # stands for the key of the other rule: no rule can have it


@dataclass(slots=True)
class Day:
    """What happened on one local day."""

    articles: int = 0
    messages: int = 0


@dataclass(slots=True)
class Difference:
    """Articles that only one of two rules finds: how many, and some of them."""

    articles: int = 0
    some: list[Alert] = field(default_factory=list)

    def add(self, alert: Alert) -> None:
        self.articles += 1
        if len(self.some) < DIFFERENT:
            self.some.append(alert)


@dataclass(slots=True)
class Backtest:
    """What a rule would have sent from `since` to `until`. Days are those of the reader's `zone`."""

    rule: AlertRule
    zone: str
    since: datetime
    until: datetime
    evaluated: int = 0  # candidates
    articles: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)
    stories: set[str] = field(default_factory=set)
    messages: Counter[str] = field(default_factory=Counter)  # by kind
    summed_up: int = 0  # articles that digests and summaries report
    waiting: int = 0  # alerts that were still held at the end
    days: dict[date, Day] = field(default_factory=dict)
    samples: Samples[Alert] = field(default_factory=lambda: Samples(SAMPLES))
    only_draft: Difference | None = None  # compared with the rule in force
    only_in_force: Difference | None = None

    @property
    def busiest(self) -> tuple[date, Day] | None:
        """The day with the most messages, and of these with the most articles."""
        days = self.days.items()
        return max(days, key=lambda one: (one[1].messages, one[1].articles), default=None)

    @property
    def held(self) -> Counter[str]:
        """How many alerts were held when they arrived, by reason."""
        return Counter({fate.why: n for fate, n in self.fates.items() if fate.status == "held"})

    def took(self, alert: Alert, fate: Fate) -> None:
        self.articles += 1
        self.fates[fate] += 1
        self.stories.add(alert.story_id)
        self.day(alert.first_seen).articles += 1
        self.samples.add(alert)

    def sent(self, message: Message) -> None:
        self.messages[message.kind] += 1
        self.day(message.at).messages += 1
        if message.kind in ("digest", "summary"):
            self.summed_up += len(message.alerts) + message.held_back

    def day(self, moment: datetime) -> Day:
        return self.days.setdefault(local_day(moment, self.zone), Day())


async def run_backtest(
    index: Index, tested: AlertSet, in_force: AlertSet | None, since: datetime, until: datetime,
    looked: Callable[[int, int], None] = lambda done, total: None,
) -> Backtest:  # fmt: skip
    """Try the one rule of `tested`, compared with that of `in_force`. Raises Unavailable."""
    tested = _for_people(tested)
    (rule,) = tested.rules
    learning = {"silence", "burst"} & set(rule.triggers)
    begin = since - LEARNING if learning else since
    plan = Plan({rule.key: rule}, tested.channels, tested.reader)
    rehearsal, found = Rehearsal(plan, begin), Backtest(rule, tested.reader.zone, since, until)
    if in_force is not None:
        found.only_draft, found.only_in_force = Difference(), Difference()

    def progress(done: int, total: int) -> None:
        found.evaluated = done
        looked(done, total)

    rules = [*tested.rules, *(in_force.rules if in_force else ())]
    alerts = matching(index, candidates(rules), _both(tested, in_force), begin, until, progress)
    async for alert in _compared(alerts, found):
        _play(rehearsal.until(alert.first_seen), found)
        fate, messages = rehearsal.take(alert, alert.first_seen)
        if alert.first_seen >= since:
            found.took(alert, fate)
        _play(messages, found)
    _play(rehearsal.until(until), found)
    found.waiting = rehearsal.waiting
    return found


def _for_people(tested: AlertSet) -> AlertSet:
    """The same without channels that get every alert alone; a rule that has no others gets one for people."""
    channels = {name: spec for name, spec in tested.channels.items() if not spec.records}
    channels[_READER] = ChannelSpec(_READER, "terminal")
    rules = [
        replace(rule, channels=tuple(name for name in rule.channels if name in channels) or (_READER,))
        for rule in tested.rules
    ]
    return AlertSet(rules, channels, tested.reader)


def _play(messages: Iterable[Message], found: Backtest) -> None:
    for message in messages:
        if message.at >= found.since:
            found.sent(message)


def _both(tested: AlertSet, in_force: AlertSet | None) -> Callable[[Document], Iterable[Alert]]:
    """What makes the alerts of both rules; those of the one in force have the key _IN_FORCE."""
    if in_force is None:
        return tested.fire
    other = in_force

    def fire(document: Document) -> Iterable[Alert]:
        yield from tested.fire(document)
        for alert in other.fire(document):
            yield msgspec.structs.replace(alert, rule=_IN_FORCE)

    return fire


async def _compared(alerts: AsyncIterator[Alert], found: Backtest) -> AsyncIterator[Alert]:
    """The alerts of the tested rule; what only one of the rules finds is noted."""
    async for same in _by_article(alerts):
        by_rule = {alert.rule: alert for alert in same}
        other, alert = by_rule.pop(_IN_FORCE, None), by_rule.get(found.rule.key)
        if found.only_draft is not None and found.only_in_force is not None:
            if alert and not other and alert.first_seen >= found.since:
                found.only_draft.add(alert)
            elif other and not alert and other.first_seen >= found.since:
                found.only_in_force.add(other)
        if alert:
            yield alert


async def _by_article(alerts: AsyncIterator[Alert]) -> AsyncIterator[list[Alert]]:
    same: list[Alert] = []
    async for alert in alerts:
        if same and same[0].article != alert.article:
            yield same
            same = []
        same.append(alert)
    if same:
        yield same

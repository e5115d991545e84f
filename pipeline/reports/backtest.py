"""Tries an alert rule on the articles that an index still holds: what it would have sent, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import msgspec

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.rules import AlertRule, ChannelSpec
from pipeline.core.calendar.local import local_day
from pipeline.core.notification.planning.budget import DAYS
from pipeline.core.notification.planning.planner import Plan
from pipeline.core.notification.planning.rehearsal import Fate, Rehearsal
from pipeline.core.query.document_view import DocumentView
from pipeline.core.wording import Text
from pipeline.ports import Index
from pipeline.records import Alert, Document, Message
from pipeline.reports.matching import first_article, matching, moved
from pipeline.reports.samples import Samples

SAMPLES = 10
DIFFERENT = 10  # articles that are named of those that only one of two rules finds
#: How long before the span the rehearsal begins: silence and burst learn their rhythm from it, a budget its days; for
#: other rules, so that a story that is already known is no new one.
LEARNING, BUDGET, STORIES = timedelta(days=56), timedelta(days=DAYS), timedelta(days=3)
_READER = "reader"


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
    first: datetime | None = None  # article of the index in this time; nothing is known before
    evaluated: int = 0  # candidates
    articles: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)
    stories: set[str] = field(default_factory=set)
    messages: Counter[str] = field(default_factory=Counter)  # by kind
    summed_up: int = 0  # articles that digests and summaries report
    waiting: int = 0  # alerts that were still held at the end
    days: dict[date, Day] = field(default_factory=dict)
    chosen: Samples[Alert] = field(default_factory=lambda: Samples(SAMPLES))
    samples: list[Alert] = field(default_factory=list)  # those chosen, with quotes
    only_draft: Difference | None = None  # compared with the rule in force
    only_in_force: Difference | None = None
    messages_in_force: Counter[str] | None = None  # by kind: what it would have sent
    alone: tuple[str, ...] = ()  # channels of the rule, if all of them get every alert at once and alone

    @property
    def notes(self) -> tuple[Text, ...]:
        """What the messages do not show."""
        found = [Text("the index holds only the newest version of each article")]
        if "change" in self.rule.triggers:
            found.append(Text("so messages about changes of an article are not counted"))
        if self.alone:
            alone = ", ".join(self.alone)
            found.append(Text("{} gets every article alone: the messages are those that people would get", alone))
        return tuple(found)

    @property
    def known_days(self) -> float:
        """How many days of the time the index knows of, at least one."""
        return max(1.0, (self.until - (self.first or self.since)) / timedelta(days=1))

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
        self.chosen.add(alert)

    def sent(self, messages: Iterable[Message]) -> None:
        for message in messages:
            if message.at < self.since:
                continue
            self.messages[message.kind] += 1
            self.day(message.at).messages += 1
            if message.kind in ("digest", "summary"):
                self.summed_up += len(message.alerts) + message.held_back

    def sent_in_force(self, messages: Iterable[Message]) -> None:
        if self.messages_in_force is not None:
            self.messages_in_force.update(message.kind for message in messages if message.at >= self.since)

    def day(self, moment: datetime) -> Day:
        return self.days.setdefault(local_day(moment, self.zone), Day())


async def run_backtest(
    index: Index, tested: AlertSet, in_force: AlertSet | None, since: datetime, until: datetime,
    looked: Callable[[int, int], None] = lambda done, total: None,
) -> Backtest:  # fmt: skip
    """Try the one rule of `tested`, compared with that of `in_force`. Raises Unavailable."""
    ours = _Trial.of(tested, since)
    theirs = _Trial.of(in_force, since) if in_force is not None else None
    trials = (ours, theirs) if theirs else (ours,)
    found = Backtest(ours.rule, ours.alerts.reader.zone, since, until, alone=_alone(tested))
    found.first = await first_article(index, since, until)
    if theirs:
        found.only_draft, found.only_in_force, found.messages_in_force = Difference(), Difference(), Counter()

    def judge(document: Document) -> tuple[Alert | None, ...] | None:
        view = DocumentView(document)
        alerts = tuple(trial.alert(view) for trial in trials)
        return alerts if any(alerts) else None

    def progress(done: int, total: int) -> None:
        found.evaluated = done
        looked(done, total)

    begin = min(trial.begin for trial in trials)
    rules = [trial.rule for trial in trials]
    async with aclosing(matching(index, rules, judge, begin, until, progress)) as several:
        async for alerts in several:
            _play(alerts, trials, found)
    found.sent(ours.rest(until))
    found.sent_in_force(theirs.rest(until) if theirs else ())
    found.waiting = ours.rehearsal.waiting
    await _complete(index, tested, in_force, found)
    return found


def _play(alerts: tuple[Alert | None, ...], trials: tuple[_Trial, ...], found: Backtest) -> None:
    """Let both rules take what arrived, and note what only one of them finds."""
    alert, other = (*alerts, None)[:2]
    if alert is not None:
        fate, messages = trials[0].take(alert)
        if alert.first_seen >= found.since:
            found.took(alert, fate)
        found.sent(messages)
    if other is not None:
        found.sent_in_force(trials[1].take(other)[1])
    for one, missing, difference in ((alert, other, found.only_draft), (other, alert, found.only_in_force)):
        if difference is not None and one is not None and missing is None and one.first_seen >= found.since:
            difference.add(one)


@dataclass(slots=True)
class _Trial:
    """One rule and its rehearsal, which begins at `begin`: before the span that is asked for, because the daemon knows
    stories, rhythms and busy days from before."""

    rule: AlertRule
    alerts: AlertSet
    begin: datetime
    rehearsal: Rehearsal

    @classmethod
    def of(cls, alerts: AlertSet, since: datetime) -> _Trial:
        alerts = _for_people(alerts)
        (rule,) = alerts.rules
        begin = since - (LEARNING if rule.counts else BUDGET if rule.budget is not None else STORIES)
        plan = Plan({rule.key: rule}, alerts.channels, alerts.reader)
        return cls(rule, alerts, begin, Rehearsal(plan, begin))

    def alert(self, view: DocumentView) -> Alert | None:
        if view.document.relation.first_seen < self.begin:
            return None
        alert = next(iter(self.alerts.sketch(view)), None)
        if alert is not None and self.rule.counts:
            return msgspec.structs.replace(alert, version=1, seen=alert.first_seen)  # as it was before it was edited
        return alert

    def take(self, alert: Alert) -> tuple[Fate, list[Message]]:
        """What becomes of an alert, and the messages up to it and because of it."""
        before = list(self.rehearsal.until(alert.first_seen))
        fate, messages = self.rehearsal.take(alert, alert.first_seen)
        return fate, [*before, *messages]

    def rest(self, until: datetime) -> list[Message]:
        """The messages that are still due up to the end."""
        return list(self.rehearsal.until(until))


def _alone(tested: AlertSet) -> tuple[str, ...]:
    """The channels of the rule, if none of them is for people."""
    (rule,) = tested.rules
    records = all((spec := tested.channels.get(name)) is not None and spec.records for name in rule.channels)
    return rule.channels if records else ()


def _for_people(tested: AlertSet) -> AlertSet:
    """The same without channels that get every alert alone; a rule that has no others gets one for people."""
    channels = {name: spec for name, spec in tested.channels.items() if not spec.records}
    channels[_READER] = ChannelSpec(_READER, "terminal")
    rules = [
        replace(rule, channels=tuple(name for name in rule.channels if name in channels) or (_READER,))
        for rule in tested.rules
    ]
    return AlertSet(rules, channels, tested.reader)


async def _complete(index: Index, tested: AlertSet, in_force: AlertSet | None, found: Backtest) -> None:
    """Give the alerts that are shown their quotes. Those of articles that changed or went meanwhile have none."""

    async def whole(alert: Alert, alerts: AlertSet) -> Alert:
        document = await index.get(alert.article)
        found = await moved(index, [document]) if document is not None else ()
        return next((one for placed in found for one in alerts.fire(placed)), alert)

    found.samples = [await whole(alert, tested) for alert in found.chosen.chosen()]
    for difference, alerts in ((found.only_draft, tested), (found.only_in_force, in_force)):
        if difference is not None and alerts is not None:
            difference.some = [await whole(alert, alerts) for alert in difference.some]

"""Simulates the rhythms and budgets of alert rules over months of virtual time.

    python scripts/simulate_limits.py [--feeds 40] [--weeks 26] [--seed 1]

Prints for kinds of feeds: false silences and bursts for each feed and month, and how long it takes until a feed that
stops is reported, and a burst. Then for kinds of days: what a budget lets through, compared with the best choice in
hindsight.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import cos, exp, pi
from random import Random
from statistics import median

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.notification.planning.budget import Budget
from pipeline.core.notification.rhythms.listener import Finding, Listener
from pipeline.core.query.tree import And
from pipeline.records import Alert

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
MONTH = 30 * 24
TICK = timedelta(minutes=20)

Curve = Callable[[int], float]


@dataclass(frozen=True)
class Kind:
    """A kind of feed: articles a week, the share of each hour of the week, and how many come at once."""

    name: str
    a_week: float
    curve: Curve
    batch: float = 1.0
    unsteady: float = 0.0  # standard deviation of a day's volume, logarithmic


def _office(hour: int) -> float:
    day, of_day = divmod(hour, 24)
    return (0.15 if day > 4 else 1.0) * (1.0 if 8 <= of_day < 20 else 0.03)


def _always(hour: int) -> float:
    return 1.0 + 0.6 * cos(2 * pi * (hour % 24 - 15) / 24)


def _bulletin(hour: int) -> float:
    return 1.0 if hour % 24 == 8 and hour // 24 < 5 else 0.0


KINDS = (
    Kind("agency, 3,000 a week", 3000, _always, 1.5, 0.15),
    Kind("newspaper, 400 a week", 400, _office, 1.5, 0.25),
    Kind("newspaper, batches", 400, _office, 6.0, 0.25),
    Kind("small outlet, 40 a week", 40, _office, 1.5, 0.4),
    Kind("bulletin, weekdays at 8", 5, _bulletin),
    Kind("blog, 4 a week", 4, _always, 1.0, 0.5),
)


def poisson(random: Random, mean: float) -> int:
    """A Poisson number; by the normal distribution when large."""
    if mean > 50:
        return max(0, round(random.gauss(mean, mean**0.5)))
    limit, product, number = exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        number += 1
    return number


def arrivals(
    kind: Kind, weeks: int, random: Random, burst: int | None, holidays: Sequence[int]
) -> list[list[datetime]]:
    """Times of the articles in each hour. In hour `burst` and the next two there are ten times as many, at least 12.
    On holidays there are a fifth as many."""
    whole = sum(kind.curve(hour) for hour in range(168))
    found, volume = [], 1.0
    for hour in range(168 * weeks):
        if hour % 24 == 0:
            volume = exp(random.gauss(-(kind.unsteady**2) / 2, kind.unsteady)) * (
                0.2 if hour // 24 in holidays else 1.0
            )
        mean = kind.a_week * kind.curve(hour % 168) / whole * volume
        if kind.curve is _bulletin:
            number = int(mean > 0 and random.random() < 0.97)
        else:
            number = sum(1 + poisson(random, kind.batch - 1) for _ in range(poisson(random, mean / kind.batch)))
        if burst is not None and burst <= hour < burst + 3:
            number += max(12, 9 * round(mean))
        start = START + hour * HOUR
        found.append(sorted(start + random.random() * HOUR for _ in range(number)))
    return found


def rule(trigger: tuple[str, ...] = ("silence", "burst"), by: str = "") -> AlertRule:
    node = And(())
    return AlertRule(name="R", query="x", node=node, asked=node, severity="low", channels=(), triggers=trigger, by=by)


def article(moment: datetime, feed: str = "f") -> Alert:
    return Alert(
        id="a", rule="R", name="R", rule_hash="", rules="", severity="low", channels=(), article="a", version=1,
        story_id="s", title="", url="", source=feed, feed=feed, first_seen=moment, seen=moment,
    )  # fmt: skip


def listen(hours: Sequence[Sequence[datetime]]) -> list[tuple[datetime, Finding]]:
    """What a rule finds, and when."""
    listener, found = Listener(rule()), list[tuple[datetime, Finding]]()
    for number, moments in enumerate(hours):
        ticks = [START + number * HOUR + tick * TICK for tick in range(3)]
        for moment, counts in sorted([*((tick, False) for tick in ticks), *((moment, True) for moment in moments)]):
            findings = listener.hear(article(moment), moment) if counts else listener.due(moment)
            found += [(moment, finding) for finding in findings]
    return found


@dataclass(frozen=True)
class Figures:
    """Per feed and month; delays in hours, with the articles that were missed."""

    silences: float
    bursts: float
    silence_delays: list[float]
    burst_delays: list[float]
    feeds: int


def measure(kind: Kind, feeds: int, weeks: int, seed: int) -> Figures:
    """False alarms of feeds in order, then how soon a stop and a burst are reported."""
    silences = bursts = 0
    stops, rises = list[float](), list[float]()
    watched = feeds * (weeks * 168 - 2 * 168) / MONTH
    for feed in range(feeds):
        random = Random(f"{seed}/{kind.name}/{feed}")
        holidays = random.sample(range(7 * weeks), max(1, weeks // 6))
        for _, finding in listen(arrivals(kind, weeks, random, None, holidays)):
            silences += finding.kind == "silence"
            bursts += finding.kind == "burst"
        # A second run ends in a stop (a Tuesday at 10:00), a third has a burst then.
        at = 168 * (weeks - 4) + 34
        hours = arrivals(kind, weeks, random, None, ())
        stopped = [*hours[:at], *([[]] * (168 * 4 - 34))]
        found = [moment for moment, finding in listen(stopped) if finding.kind == "silence"]
        begun = START + at * HOUR
        stops += [(moment - begun) / HOUR for moment in found if moment >= begun][:1]
        found = [moment for moment, finding in listen(arrivals(kind, weeks, random, at, ())) if finding.kind == "burst"]
        rises += [(moment - begun) / HOUR for moment in found if begun <= moment < begun + 4 * HOUR][:1]
    return Figures(silences / watched, bursts / watched, stops, rises, feeds)


# -- budgets


def days_of(kind: str, days: int, random: Random) -> list[list[tuple[float, float]]]:
    """Alerts (hour, score) of each day: steady; with a busy day now and then; scores of few values; growing."""
    found = []
    for day in range(days):
        mean = 40.0 * {"growing": 1 + day / 30, "busy days": 4.0 if random.random() < 0.1 else 1.0}.get(kind, 1.0)
        alerts = []
        for _ in range(poisson(random, mean)):
            hour = min(max(random.gauss(13, 4), 0.0), 23.99)
            score = random.betavariate(2, 4)
            alerts.append((hour, round(score, 1) if kind == "few values" else score))
        found.append(sorted(alerts))
    return found


def budget_figures(kind: str, limit: int, days: int, seed: int) -> tuple[float, float, float, int]:
    """The scores of those sent, as a share of the best possible; the same if the first had gone out; the share of the
    best that went out at once; the most sent on a day."""
    random, budget = Random(f"{seed}/{kind}"), Budget(limit, "Europe/Madrid")
    got = best = first = hits = most = 0.0
    for number, alerts in enumerate(days_of(kind, days, random)):
        start, sent = START - HOUR + number * 24 * HOUR, list[float]()
        for hour, score in alerts:
            moment = start + hour * HOUR
            if budget.admits(moment, score, len(sent)):
                sent.append(score)
            budget.offer(moment, score)
        top = sorted((score for _, score in alerts), reverse=True)[:limit]
        got, best, first = got + sum(sent), best + sum(top), first + sum(score for _, score in alerts[:limit])
        hits += sum(score >= top[-1] for score in sent) / limit if top else 0
        most = max(most, len(sent))
    return got / best, first / best, hits / days, int(most)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=40)
    parser.add_argument("--weeks", type=int, default=26)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print("feed                       false/feed-month   a stop is reported     a burst is reported")
    print("                           silence   burst    after (h) median, 90%  of       after (h) median")
    for kind in KINDS:
        figures = measure(kind, given.feeds, given.weeks, given.seed)
        stops, rises = sorted(figures.silence_delays), sorted(figures.burst_delays)
        late = stops[int(0.9 * len(stops))] if stops else float("nan")
        print(
            f"{kind.name:26} {figures.silences:7.3f} {figures.bursts:7.3f}    "
            f"{median(stops or [float('nan')]):7.0f} {late:7.0f}       {len(rises) / figures.feeds:5.0%}    "
            f"{median(rises or [float('nan')]):7.1f}"
        )
    print(
        "\ndays (40 alerts, 10 sent)  scores, of the best 10   if the first were sent   of the best 10   most on a day"
    )
    for days in ("steady", "busy days", "few values", "growing"):
        got, first, hits, most = budget_figures(days, 10, given.days, given.seed)
        print(f"{days:26} {got:12.1%} {first:23.1%} {hits:20.0%} {most:15}")


if __name__ == "__main__":
    main()

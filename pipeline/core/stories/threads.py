"""Links the stories of one authorisation over months: proposed, debated, approved, in force, extended, revoked, ended.

A pure function of the records of stories, which are kept as long as documents: there is no other state. Two stories are
about one authorisation if host and topic are the same, they share a sender (or one names none), and their periods
overlap or follow each other; without periods, if less than half a year is between them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from pipeline.records import Said, Story, StoryFact

Status = Literal["proposed", "debated", "rejected", "approved", "in force", "extended", "revoked", "ended"]
Span = tuple[date | None, date | None]

FOLLOWS = timedelta(days=60)  # from the end of a period to the beginning of one that prolongs it
APART = timedelta(days=182)  # between reports without periods
DECIDED = ("authorised", "extended", "rejected", "revoked")
OPEN = ("proposed", "debated")
OVER = frozenset({"ended", "revoked", "rejected"})  # statuses after which nothing is to be watched


@dataclass(frozen=True, slots=True)
class Step:
    """An outcome that a story reports, in the words of the first article that says so."""

    outcome: str
    at: datetime
    story: str
    article: str
    source: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Thread:
    """An authorisation with its stories. `next` is the next date to watch: a vote, the start or the end of the stay."""

    id: str  # of its first story
    topic: str
    host: str
    senders: tuple[str, ...]
    status: Status
    start: date | None
    end: date | None
    next: date | None
    what: str  # happens on `next`: vote, start or end; "" without one
    changed: datetime
    stories: tuple[str, ...]
    titles: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """What one story says about an authorisation."""

    story: Story
    topic: str
    host: str
    senders: frozenset[str]
    span: Span
    act: date | None
    steps: tuple[Step, ...]
    started: datetime


def threads(stories: Iterable[Story], today: date) -> list[Thread]:
    """The threads of these stories: first those with a date to watch, the nearest first; then the newest ones."""
    cases = sorted(
        (case for story in stories for case in _cases(story)), key=lambda case: (case.started, case.story.id)
    )
    groups: list[list[_Case]] = []
    for case in cases:
        fitting = [group for group in groups if any(_same(case, other) for other in group)]
        if fitting:
            max(fitting, key=lambda group: group[-1].started).append(case)
        else:
            groups.append([case])
    made = [_thread(group, today) for group in groups]
    return sorted(made, key=lambda one: (one.next is None, one.next or today, -one.changed.timestamp(), one.id))


def to_watch(found: Iterable[Thread], host: str = "", over: bool = False) -> list[Thread]:
    """Those of a host country ("": of any); without those that are over, unless `over`."""
    return [one for one in found if host in ("", one.host) and (over or one.status not in OVER)]


def _cases(story: Story) -> Iterable[_Case]:
    for topic in dict.fromkeys(fact.topic for fact in story.facts if fact.field == "host"):
        facts = {fact.field: fact for fact in story.facts if fact.topic == topic}
        if "outcome" not in facts:
            continue
        steps = _steps(story, facts["outcome"])
        senders = frozenset(word for said in _said(facts, "senders") for word in str(said.value).split())
        span = (_day(facts, "period.start"), _day(facts, "period.end"))
        yield _Case(
            story, topic, str(_usual(facts["host"])), senders, span, _day(facts, "instrument.date"), steps,
            min(step.at for step in steps),
        )  # fmt: skip


def _steps(story: Story, fact: StoryFact) -> tuple[Step, ...]:
    first: dict[str, Said] = {}
    for said in sorted(fact.said, key=lambda said: said.at):
        first.setdefault(str(said.value), said)
    return tuple(
        Step(outcome, said.at, story.id, said.article, said.source, said.sentence) for outcome, said in first.items()
    )


def _said(facts: dict[str, StoryFact], field: str) -> Sequence[Said]:
    return facts[field].said if field in facts else ()


def _usual(fact: StoryFact) -> str | int:
    """The value that most articles give; the first in the record."""
    return Counter(said.value for said in fact.said).most_common(1)[0][0]


def _day(facts: dict[str, StoryFact], field: str) -> date | None:
    if field not in facts:
        return None
    try:
        return date.fromisoformat(str(_usual(facts[field])))
    except ValueError:  # a month or a year
        return None


def _same(case: _Case, other: _Case) -> bool:
    """Whether two stories are about one authorisation; `other` began first."""
    if (case.topic, case.host) != (other.topic, other.host):
        return False
    if case.senders and other.senders and not case.senders & other.senders:
        return False
    if case.story.id == other.story.id:
        return True
    ours, theirs = case.span, other.span
    if (ours[0] or ours[1]) and (theirs[0] or theirs[1]):
        return _compatible(theirs, ours)
    return case.started - other.started <= APART


def _compatible(old: Span, new: Span) -> bool:
    """Whether two periods overlap, or the new one prolongs the old one."""
    start, end = new[0] or date.min, new[1] or date.max
    begin, last = old[0] or date.min, old[1] or date.max
    until = last if last > date.max - FOLLOWS else last + FOLLOWS
    return start <= until and end >= begin


def _thread(cases: Sequence[_Case], today: date) -> Thread:
    steps = tuple(sorted((step for case in cases for step in case.steps), key=lambda step: (step.at, step.story)))
    newest = list(reversed(cases))
    start = next((case.span[0] for case in newest if case.span[0]), None)
    end = max((case.span[1] for case in cases if case.span[1]), default=None)
    act = next((case.act for case in newest if case.act), None)
    status = _status(steps, start, end, today)
    what, following = _next(status, start, end, act, today)
    return Thread(
        id=cases[0].story.id, topic=cases[0].topic, host=cases[0].host,
        senders=_named(cases), status=status,
        start=start, end=end,
        next=following, what=what, changed=max(case.story.changed for case in cases),
        stories=tuple(dict.fromkeys(case.story.id for case in cases)),
        titles=tuple(dict.fromkeys(case.story.title for case in cases)), steps=steps,
    )  # fmt: skip


def _named(cases: Sequence[_Case]) -> tuple[str, ...]:
    """The senders that the most reports of a story name; one report may take another country for one."""
    found = {
        sender
        for case in cases
        for fact in case.story.facts
        if (fact.topic, fact.field) == (case.topic, "senders")
        for sender in str(_usual(fact)).split()
    }
    return tuple(sorted(found))


def _status(steps: Sequence[Step], start: date | None, end: date | None, today: date) -> Status:
    """Follows from the last decision; reports of a debate after it look back."""
    decisions = [step.outcome for step in steps if step.outcome in DECIDED]
    last = decisions[-1] if decisions else next((s.outcome for s in reversed(steps) if s.outcome in OPEN), "proposed")
    if last not in ("authorised", "extended"):
        return last  # type: ignore[return-value]
    if end and end < today:
        return "ended"
    if start and start <= today and end:
        return "extended" if last == "extended" else "in force"
    return "extended" if last == "extended" else "approved"


def _next(
    status: Status, start: date | None, end: date | None, act: date | None, today: date
) -> tuple[str, date | None]:
    if status in ("proposed", "debated"):
        return ("vote", act) if act and act >= today else ("", None)
    if status in ("approved", "in force", "extended"):
        if start and start > today:
            return "start", start
        if end and end >= today:
            return "end", end
    return "", None

"""The values of facts as queries compare them: whole numbers, days and names, of all events of an article."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from pipeline.records import Document, Facts, Stated

Getter = Callable[[Facts], Iterable[Stated | None]]

_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


def stated(facts: Iterable[Stated | None]) -> tuple[str, ...]:
    """The different values, as text."""
    return tuple(dict.fromkeys(str(fact.value) for fact in facts if fact is not None))


def names(get: Getter) -> Callable[[Document], tuple[str, ...]]:
    """A getter of the values as text."""
    return lambda document: stated(fact for facts in document.tags.facts for fact in get(facts))


def numbers(get: Getter) -> Callable[[Document], tuple[int, ...]]:
    """A getter of the values as whole numbers; others are left out."""

    def of(document: Document) -> tuple[int, ...]:
        return tuple(int(value) for value in names(get)(document) if value.isdecimal() and len(value) <= 18)

    return of


def days(get: Getter) -> Callable[[Document], tuple[datetime, ...]]:
    """A getter of the values as the starts of days in UTC; a month or year is its first day."""

    def of(document: Document) -> tuple[datetime, ...]:
        return tuple(day for value in names(get)(document) if (day := _day(value)) is not None)

    return of


def personnel(facts: Facts) -> tuple[Stated | None, ...]:
    """Both ends of how many people."""
    return (facts.personnel.min, facts.personnel.max) if facts.personnel else ()


def vote(which: str) -> Getter:
    """One count of the vote: for_, against, abstain."""
    return lambda facts: (getattr(facts.vote, which),) if facts.vote else ()


def period(which: str) -> Getter:
    """One end of the stay: start, end."""
    return lambda facts: (getattr(facts.period, which),) if facts.period else ()


def instrument(which: str) -> Getter:
    """One property of the act: kind, number, date, published."""
    return lambda facts: (getattr(facts.instrument, which),) if facts.instrument else ()


def _day(value: str) -> datetime | None:
    found = _DAY.fullmatch(value)
    if found is None:
        return None
    try:
        return datetime(int(found[1]), int(found[2] or 1), int(found[3] or 1), tzinfo=UTC)
    except ValueError:
        return None

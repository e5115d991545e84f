"""Writes the facts about an event in one line: "Paraguay, forces: United States; 19 for, 11 against"."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.text.languages import english_name
from pipeline.core.text.tidy import cut
from pipeline.records import Facts, Period, Personnel, Stated, Vote

LISTED = 4  # of countries, places, weapons, units
LONGEST = 300  # characters


def fact_line(facts: Facts) -> str:
    """The line; "" if there are no facts. Countries in English, dates ISO 8601, words as in the text."""
    line = "; ".join(part for part in _parts(facts) if part)
    return cut(line, LONGEST)


def _parts(facts: Facts) -> Iterator[str]:
    senders = _listed([_country(sender) for sender in facts.senders])
    host = _country(facts.host) if facts.host else ""
    yield ", ".join(filter(None, (host, f"forces: {senders}" if senders else "")))
    outcome = str(facts.outcome.value) if facts.outcome else ""
    yield f"{outcome} by {facts.body.value}".strip() if facts.body and outcome else outcome
    yield _vote(facts.vote) if facts.vote else ""
    yield _personnel(facts.personnel) if facts.personnel else ""
    yield _period(facts.period) if facts.period else ""
    armed = {"yes": "armed", "no": "unarmed"}.get(str(facts.armed.value) if facts.armed else "", "")
    yield f"{armed}: {_list(facts.weapons)}" if armed and facts.weapons else armed
    yield _list(facts.units)
    yield f"in {_list(facts.places)}" if facts.places else ""


def _country(stated: Stated) -> str:
    """The name of a country; as it is stated if it is no code."""
    return english_name("territories", str(stated.value)) or str(stated.value)


def _vote(vote: Vote) -> str:
    counts = ((vote.for_, "for"), (vote.against, "against"), (vote.abstain, "abstaining"))
    return ", ".join(f"{count.value} {side}" for count, side in counts if count)


def _personnel(personnel: Personnel) -> str:
    least, most = (str(number.value) if number else "" for number in (personnel.min, personnel.max))
    unit = f" {personnel.unit.value}" if personnel.unit else ""
    if least and most:
        return f"{least if least == most else f'{least} to {most}'}{unit}"
    if personnel.vague:
        return str(personnel.vague.value)
    return f"up to {most}{unit}" if most else f"at least {least}{unit}" if least else ""


def _period(period: Period) -> str:
    start, end = (str(day.value) if day else "" for day in (period.start, period.end))
    return f"{start} to {end}" if start and end else f"from {start}" if start else f"until {end}"


def _list(stated: tuple[Stated, ...]) -> str:
    return _listed([str(fact.value) for fact in stated])


def _listed(names: list[str]) -> str:
    return ", ".join([*names[:LISTED], "…"] if len(names) > LISTED else names)

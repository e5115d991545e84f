"""Writes the facts about an event in one line: "PY, forces of US; authorised by la Cámara; 19 for, 11 against"."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.records import Facts, Period, Personnel, Stated, Vote

LISTED = 4  # of places, weapons, units
LONGEST = 300  # characters


def fact_line(facts: Facts) -> str:
    """The line; "" if there are no facts. Countries are ISO 3166-1 alpha-2, dates ISO 8601, words as in the text."""
    line = "; ".join(part for part in _parts(facts) if part)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _parts(facts: Facts) -> Iterator[str]:
    senders = _list(facts.senders)
    host = str(facts.host.value) if facts.host else ""
    yield f"{host or '?'}, forces of {senders}" if senders else host
    outcome = str(facts.outcome.value) if facts.outcome else ""
    yield f"{outcome} by {facts.body.value}".strip() if facts.body and outcome else outcome
    yield _vote(facts.vote) if facts.vote else ""
    yield _personnel(facts.personnel) if facts.personnel else ""
    yield _period(facts.period) if facts.period else ""
    armed = {"yes": "armed", "no": "unarmed"}.get(str(facts.armed.value) if facts.armed else "", "")
    yield f"{armed}: {_list(facts.weapons)}" if armed and facts.weapons else armed
    yield _list(facts.units)
    yield f"in {_list(facts.places)}" if facts.places else ""


def _vote(vote: Vote) -> str:
    counts = ((vote.for_, "for"), (vote.against, "against"), (vote.abstain, "abstaining"))
    return ", ".join(f"{count.value} {side}" for count, side in counts if count)


def _personnel(personnel: Personnel) -> str:
    least, most = (str(number.value) if number else "" for number in (personnel.min, personnel.max))
    unit = f" {personnel.unit.value}" if personnel.unit else ""
    if least and most:
        return f"{least if least == most else f'{least} to {most}'}{unit}"
    return f"up to {most}{unit}" if most else f"at least {least}{unit}" if least else ""


def _period(period: Period) -> str:
    start, end = (str(day.value) if day else "" for day in (period.start, period.end))
    return f"{start} to {end}" if start and end else f"from {start}" if start else f"until {end}"


def _list(stated: tuple[Stated, ...]) -> str:
    shown = [str(fact.value) for fact in stated[:LISTED]]
    return ", ".join([*shown, "…"] if len(stated) > LISTED else shown)

"""Lists the fields of the facts whose evidence is fitted: their candidates, values and labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

from pipeline.core.evaluation.fact_scores import alike
from pipeline.core.evaluation.labels import LabelledFacts
from pipeline.core.expressions.date_phrases import DatePhrase
from pipeline.core.facts import FoundFacts
from pipeline.core.facts.arms import arms_candidates
from pipeline.core.facts.body import body_candidates, whole_name
from pipeline.core.facts.candidates import Candidate
from pipeline.core.facts.country_evidence import evidence_of_countries
from pipeline.core.facts.formations import unit_candidates
from pipeline.core.facts.instrument import instrument_candidates, instrument_days
from pipeline.core.facts.parties import host_candidates, sender_candidates
from pipeline.core.facts.period import period_candidates
from pipeline.core.facts.personnel import personnel_candidates
from pipeline.core.facts.purpose import purpose_candidates
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.votes import vote_candidates


class Field(NamedTuple):
    """How a field is fitted: its candidates, the value of one, its labels, and whether two values agree. `several`: it
    can have several values. `leads`: it is labelled in leads, too. `most_above`: what is added to the threshold at
    most, so that a plain sentence that says no more than the fact is still enough."""

    candidates: Callable[[FoundFacts], list[Candidate[Any]]]
    value: Callable[[Scene, Any], str]
    labels: Callable[[LabelledFacts], Sequence[str | None]]
    same: Callable[[str, str, str], bool] = alike  # language, value, label
    several: bool = False
    leads: bool = False
    most_above: float = math.inf


def _equal(language: str, one: str, other: str) -> bool:
    return one == other


def _joined(*parts: object) -> str:
    """The parts of a value, with a slash between them: "2027-03-01/", "71/34/"."""
    return "/".join("" if part is None else str(part) for part in parts)


def _days(one: DatePhrase) -> tuple[date | None, date | None]:
    """The day that a phrase gives as the first of the stay, and as the last."""
    return (None if one.kind == "until" else one.start), (one.end if one.kind in ("until", "range", "whole") else None)


def _host(found: FoundFacts) -> str | None:
    return str(found.parties.host.value) if found.parties.host else None


def _overlap(language: str, one: str, other: str) -> bool:
    """Whether a part of both is the same."""
    return any(part and part == label for part, label in zip(one.split("/"), other.split("/"), strict=True))


def _within(language: str, one: str, other: str) -> bool:
    """Whether every part of a value is that of the label."""
    return all(part in ("", label) for part, label in zip(one.split("/"), other.split("/"), strict=True))


FIELDS = {
    "armed": Field(
        lambda found: arms_candidates(found.scene), lambda _, arms: arms.armed, lambda facts: [facts.armed], _equal
    ),
    "body": Field(
        lambda found: body_candidates(found.scene, found.parties, found.mentioned),
        lambda scene, span: scene.reading.original(*whole_name(scene, span)), lambda facts: [facts.body],
    ),
    "host": Field(
        lambda found: host_candidates(
            found.scene, found.mentioned, evidence_of_countries(found.scene, found.mentioned)
        ),
        lambda _, country: country, lambda facts: [facts.host], _equal, leads=True,
    ),
    "instrument": Field(
        lambda found: instrument_candidates(found.scene, _host(found)),
        lambda scene, act: scene.reading.original(*act.kind),
        lambda facts: [facts.instrument.kind if facts.instrument else None],
    ),
    "instrument-date": Field(
        lambda found: instrument_days(found.scene, _host(found)), lambda _, one: one.day.isoformat(),
        lambda facts: [_joined(facts.instrument.date if facts.instrument else None)], _equal,
    ),
    "period": Field(
        lambda found: period_candidates(found.scene), lambda _, one: _joined(*_days(one)),
        lambda facts: [_joined(facts.period.start, facts.period.end) if facts.period else None], _overlap, several=True,
        most_above=0.0,
    ),
    "personnel": Field(
        lambda found: personnel_candidates(found.scene, found.facts.vote, found.parties),
        lambda _, one: _joined(*(end and end.value for end in (one.quantity.low, one.quantity.high))),
        lambda facts: [_joined(facts.personnel.min, facts.personnel.max) if facts.personnel else None], _equal,
    ),
    "purpose": Field(
        lambda found: purpose_candidates(found.scene), lambda scene, span: scene.reading.original(*span),
        lambda facts: [facts.purpose],
    ),
    "senders": Field(
        lambda found: sender_candidates(
            found.mentioned, evidence_of_countries(found.scene, found.mentioned),
            _host(found),
        ),
        lambda _, country: country, lambda facts: facts.senders, _equal, several=True, leads=True,
    ),
    "units": Field(
        lambda found: unit_candidates(found.scene), lambda scene, span: scene.reading.original(*span),
        lambda facts: facts.units, several=True,
    ),
    "vote": Field(
        lambda found: vote_candidates(found.scene),
        lambda _, tally: _joined(*(tally.get(side, (None,))[0] for side in ("for", "against", "abstain"))),
        lambda facts: [_joined(facts.vote.for_, facts.vote.against, facts.vote.abstain) if facts.vote else None],
        _within, most_above=0.0,
    ),
}  # fmt: skip

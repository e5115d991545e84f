"""The facts about an event in one line."""

from __future__ import annotations

import pytest

from pipeline.core.alerts.fact_line import LONGEST, fact_line
from pipeline.records import Facts, Period, Personnel, Stated, StatedPlace, Vote


def stated(value: str | int) -> Stated:
    return Stated(value=value, sentence="", start=0, end=0, field="text")


def place(value: str) -> StatedPlace:
    return StatedPlace(value=value, sentence="", start=0, end=0, field="text")


US, PE = stated("US"), stated("PE")


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (Facts(topic="t"), ""),
        (Facts(topic="t", host=PE), "Peru"),
        (Facts(topic="t", senders=(US, stated("CL"))), "forces: United States, Chile"),
        (Facts(topic="t", host=PE, senders=(US,), outcome=stated("rejected")), "Peru, forces: United States; rejected"),
        (Facts(topic="t", outcome=stated("authorised"), body=stated("el Pleno")), "authorised by el Pleno"),
        (Facts(topic="t", vote=Vote(for_=stated(64), abstain=stated(7))), "64 for, 7 abstaining"),
        (Facts(topic="t", personnel=Personnel(min=stated(90), max=stated(90), unit=stated("marines"))), "90 marines"),
        (Facts(topic="t", personnel=Personnel(min=stated(90), max=stated(120))), "90 to 120"),
        (Facts(topic="t", personnel=Personnel(max=stated(120))), "up to 120"),
        (Facts(topic="t", personnel=Personnel(min=stated(120))), "at least 120"),
        (Facts(topic="t", period=Period(start=stated("2026-04-01"), end=stated("2026-05-01"))),
         "2026-04-01 to 2026-05-01"),
        (Facts(topic="t", period=Period(end=stated("2026-05-01"))), "until 2026-05-01"),
        (Facts(topic="t", period=Period(start=stated("2026-05-01"))), "from 2026-05-01"),
        (Facts(topic="t", armed=stated("no")), "unarmed"),
        (Facts(topic="t", armed=stated("yes"), weapons=(stated("fusiles M4"),)), "armed: fusiles M4"),
        (Facts(topic="t", places=(place("Iquitos"), place("Lima"))), "in Iquitos, Lima"),
        (Facts(topic="t", places=tuple(map(place, "abcdef"))), "in a, b, c, d, …"),
    ],
)  # fmt: skip
def test_the_line(facts: Facts, line: str) -> None:
    assert fact_line(facts) == line


def test_the_line_is_short() -> None:
    line = fact_line(Facts(topic="t", outcome=stated("authorised"), body=stated("x" * 500)))
    assert len(line) == LONGEST
    assert line.endswith("…")

"""Where reports exclude each other, and where time, precision or a part of the whole explains what they say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pipeline.core.stories.disagreements import differs
from pipeline.records import Said
from tests.builders import SEEN


def said(n: int, value: str | int, hours: float = 0, **more: Any) -> Said:
    return Said(article=f"a{n}", source=f"S{n}", at=SEEN + timedelta(hours=hours), value=value, sentence="…", **more)


CASES: list[tuple[str, str, tuple[Said, ...], bool]] = [
    ("days", "instrument.date", (said(1, "2026-12-04"), said(2, "2026-12-14")), True),
    ("a month beside a day", "instrument.date", (said(1, "2026-12"), said(2, "2026-12-14")), False),
    ("two months", "period.end", (said(1, "2026-11"), said(2, "2026-12-31")), True),
    ("from the first of a month", "period.start", (said(1, "2026-03-01"), said(2, "2026-03-03")), False),
    ("to the end of a month", "period.end", (said(1, "2026-11-30"), said(2, "2026-11-28")), False),
    ("worked out", "period.end", (said(1, "2026-11-28"), said(2, "2026-12-02", implied=True)), False),
    ("one outlet corrects itself", "period.end", (said(1, "2026-12-04"), said(1, "2026-12-14", 2)), False),
    ("copied", "period.end", (said(1, "2026-12-04"), said(2, "2026-12-14", copied_from="a3")), False),
    ("abstentions left out", "vote", (said(1, "73-25"), said(2, "73-25-2")), True),
    ("another count", "vote", (said(1, "73-25"), said(2, "75-25")), True),
    ("the vote of a committee", "vote", (said(1, "73-25"), said(2, "12-3")), False),
    ("no count", "vote", (said(1, "unanimous"), said(2, "12-3")), False),
    ("hosts", "host", (said(1, "NO"), said(2, "DK")), True),
    ("hosts, long ago", "host", (said(1, "NO"), said(2, "DK", 400)), False),
    ("some of the senders", "senders", (said(1, "US"), said(2, "GB US")), False),
    ("other senders", "senders", (said(1, "US"), said(2, "GB")), True),
    ("armed or not", "armed", (said(1, "yes"), said(2, "no")), True),
    ("debated, then authorised", "outcome", (said(1, "debated"), said(2, "authorised", 5)), False),
    ("rejected, then authorised", "outcome", (said(1, "rejected"), said(2, "authorised", 5)), False),
    (
        "rejected and authorised side by side", "outcome",
        (said(1, "rejected"), said(2, "authorised", 1), said(3, "rejected", 2)), True,
    ),
    ("personnel", "personnel", (said(1, 430), said(2, 450)), True),
    ("round numbers", "personnel", (said(1, 430), said(2, 400)), False),
    ("round thousands", "personnel", (said(1, 1950), said(2, 2000)), False),
    ("a number and dozens", "personnel", (said(1, 600), said(2, "dozens", low=9, high=240)), True),
    ("a number within dozens", "personnel", (said(1, 40), said(2, "dozens", low=9, high=240)), False),
    ("dozens in two languages", "personnel",
     (said(1, "dozens", low=9, high=240), said(2, "decenas", low=8, high=200)), False),
    ("dozens and thousands", "personnel",
     (said(1, "dozens", low=9, high=240), said(2, "miles", low=800, high=20000)), True),
    ("dozens, a month later", "personnel", (said(1, 600), said(2, "dozens", 800, low=9, high=240)), False),
    ("nearly hundreds", "personnel", (said(1, 90), said(2, "hundreds", low=80, high=2000)), False),
    ("at most", "personnel", (said(1, 250), said(2, 300, high=300)), False),
    ("more than at most", "personnel", (said(1, 450), said(2, 300, high=300)), True),
    ("two upper bounds", "personnel", (said(1, 250, high=250), said(2, 370, high=370)), True),
    ("at least", "personnel", (said(1, 450), said(2, 420, low=420)), False),
    ("less than at least", "personnel", (said(1, 350), said(2, 420, low=420)), True),
    ("two lower bounds", "personnel", (said(1, 450, low=450), said(2, 620, low=620)), False),
    ("one of a range", "personnel", (said(1, 250), said(2, 300, low=200, high=300)), False),
    ("dozens after hundreds", "killed", (said(1, 600), said(2, "dozens", 6, low=9, high=240)), True),
    ("hundreds after dozens", "killed", (said(1, "dozens", low=9, high=240), said(2, 600, 6)), False),
    ("dozens after forty", "killed", (said(1, 40), said(2, "dozens", 6, low=9, high=240)), False),
    ("at least, later", "killed", (said(1, 17), said(2, 9, 6, low=9)), False),
    ("fewer than at least", "killed", (said(1, 17, low=17), said(2, 9, 6)), True),
    ("a law and its number with a year", "instrument.number", (said(1, "321"), said(2, "0321-2026")), False),
    ("two numbers", "instrument.number", (said(1, "321"), said(2, "331")), True),
    ("a toll rises", "killed", (said(1, 9), said(2, 17, 5)), False),
    ("an outlet is behind", "killed", (said(1, 17), said(2, 9, 1)), False),
    ("fewer than before", "killed", (said(1, 17), said(2, 9, 6)), True),
    ("what bodies are called", "body", (said(1, "Congress"), said(2, "el Congreso")), False),
]  # fmt: skip


@pytest.mark.parametrize(("field", "values", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_differences(field: str, values: tuple[Said, ...], expected: bool) -> None:
    assert differs(field, values) is expected
    assert differs(field, values[::-1]) is expected

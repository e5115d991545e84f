"""The simulation of rhythms and budgets: its figures are those that docs/alerts.md promises, about."""

from __future__ import annotations

from random import Random

import pytest

from scripts.simulate_limits import HOUR, KINDS, START, Kind, arrivals, budget_figures, listen


@pytest.mark.parametrize("days", ["steady", "busy days", "few values", "growing"])
def test_a_budget_sends_nearly_the_best(days: str) -> None:
    got, first, _, most = budget_figures(days, 10, 60, 7)
    assert got > 0.9
    assert first < 0.65
    assert most == 10


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS[1:5], ids=lambda kind: kind.name)
def test_a_feed_that_stops_is_found_and_one_that_goes_on_is_not(kind: Kind) -> None:
    weeks, random = 12, Random(3)
    hours = arrivals(kind, weeks, random, None, ())
    stop = 168 * (weeks - 2) + 34
    stopped = [*hours[:stop], *([[]] * (168 * weeks - stop))]
    found = [moment for moment, finding in listen(stopped) if finding.kind == "silence"]
    assert len(found) == 1
    assert START + stop * HOUR < found[0] < START + (stop + 10 * 24) * HOUR

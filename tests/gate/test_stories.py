"""Reports of events that look alike stay apart, and reports of one event in several languages come together.

The reports in tests/gate/stories are not trained on. Each file is read in several orders, and all of them in one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.core.stories.features import Rows
from pipeline.core.stories.pairs import pair_score
from scripts.evaluate_stories import GATE, orders_of
from scripts.stories.methods import by_relate
from scripts.stories.rows import Prepared
from scripts.stories.scores import Score, b_cubed
from scripts.stories.sets import Report, own
from scripts.stories.table import rarity_of

pytestmark = pytest.mark.slow

ORDERS = 5


@pytest.fixture(scope="module")
def prepared() -> dict[str, tuple[list[Report], Rows]]:
    """The reports of each file and of all, with their rows."""
    makes = Prepared(Path("config"))
    files = {file.stem: own(file) for file in sorted(GATE.glob("*.toml"))}
    found = {name: (reports, makes.rows(reports)) for name, reports in files.items()}
    together = [report for reports, _ in found.values() for report in reports]
    return found | {"together": (together, np.concatenate([rows for _, rows in found.values()]))}


def mean_score(reports: list[Report], rows: Rows) -> Score:
    """B³ precision and recall, on average over the orders."""
    events = [report.event for report in reports]
    found = [b_cubed(events, by_relate(rows, order)) for order in orders_of(len(reports), ORDERS)]
    precision, recall = np.mean([(one.precision, one.recall) for one in found], axis=0).tolist()
    return Score(precision, recall)


@pytest.mark.parametrize(("name", "precision", "recall"), [
    ("lookalikes", 0.85, 0.92), ("across", 0.95, 0.93), ("together", 0.9, 0.92),
])  # fmt: skip
def test_stories_are_events(
    prepared: dict[str, tuple[list[Report], Rows]], name: str, precision: float, recall: float
) -> None:
    score = mean_score(*prepared[name])
    assert score.precision >= precision
    assert score.recall >= recall


def test_an_explanation_says_what_keeps_market_reports_apart(
    prepared: dict[str, tuple[list[Report], Rows]],
) -> None:
    reports, rows = prepared["lookalikes"]
    monday, tuesday = (
        next(n for n, report in enumerate(reports) if report.id == f"look-market-{day}-en") for day in (1, 2)
    )
    parts = {
        part.name: part.contribution
        for part in pair_score().explain(rows[monday : monday + 1], rows[tuesday : tuesday + 1], rarity_of(rows))
    }
    assert parts["cosine"] > 0
    assert min(parts.values()) == min(parts[name] for name in ("bias", "days_clash", "numbers_clash", "same_source"))
    assert sum(parts.values()) < 0

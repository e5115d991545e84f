"""Train the score of pairs, by which stories are told apart (docs/stories.md).

Run from the repository's root: `python -m scripts.train_stories`. Fits pipeline/core/stories/pairs.toml to
scripts/stories/pairs.npz, a table of features and labels: in a second, with identical bytes each time. With
`--extract FOLDER` it first makes that table of the texts in tests/ and of the public sets in FOLDER: a few minutes.

A logistic regression. Weights are held near expected ones by a penalty (ridge) and found by Newton's method in 64-bit
floats. What the sets cannot teach, because they have no true times or few sources, is held more tightly.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.pairs import FEATURES, STEP
from scripts import logistic
from scripts.stories.rows import Prepared
from scripts.stories.sets import Report, ecb, labelled, own, short_reports, tgcontest
from scripts.stories.table import Table, features_of, joined, pairs_of, rarity_of

TABLE, WEIGHTS = Path("scripts/stories/pairs.npz"), Path("pipeline/core/stories/pairs.toml")
TEXTS, GATE = Path("tests/data/stories"), Path("tests/gate")
HEAD = "# Made by scripts/train_stories.py; docs/stories.md says how. Do not edit.\n"
THRESHOLD = 0.5
#: How many pairs one of a set counts as: there are many of ECB+, all in English, about two events of each kind.
COUNTS = {"ecb": 1.0, "tgcontest": 3.0, "own": 4.0, "short": 3.0, "labelled": 3.0}
#: Sets without true times, in which "on Tuesday" is no date: from these nothing is learnt about days.
UNDATED, DAYS = ("ecb", "tgcontest", "short"), ("days_shared", "days_clash")
PRICE = 1.0


class Expected(NamedTuple):
    """The weight that a feature is held near, and the price of the square of the distance."""

    weight: float
    price: float


EXPECTED = {
    "apart": Expected(-1.5, 100.0), "apart_more": Expected(-3.0, 100.0), "facts": Expected(4.0, 5.0),
    "same_source": Expected(0.0, 20.0), "same_source_words": Expected(0.0, 20.0),
}  # fmt: skip


def training_topic(event: str) -> bool:
    """Whether an event of ECB+ is for training: those of odd topics are; the others measure."""
    digits = "".join(char for char in event.removeprefix("ecb-") if char.isdigit())
    return int(digits) % 2 == 1


def extract(folder: Path, prepared: Prepared) -> Table:
    """The table of all sets."""
    events = tomllib.loads((TEXTS / "labelled.toml").read_text(encoding="utf-8"))
    sets: dict[str, list[Report]] = {
        "ecb": [report for report in ecb(folder / "ecb") if training_topic(report.event)],
        "own": own(TEXTS),
        "short": short_reports(TEXTS / "stories.json"),
        "labelled": labelled([GATE / "wild/open", GATE / "press/open"], events["events"], events["unclear"]),
    }
    parts = {name: _pairs(prepared, reports) for name, reports in sets.items()}
    judged = tgcontest(folder / "tgcontest")
    rows = prepared.rows([report for pair in judged for report in (pair.one, pair.other)])
    places = [(2 * n, 2 * n + 1) for n in range(len(judged))]
    parts["tgcontest"] = features_of(rows, places, rarity_of(rows)), [pair.same for pair in judged]
    return joined(parts)


def _pairs(prepared: Prepared, reports: Sequence[Report]) -> tuple[NDArray[np.int16], list[bool]]:
    rows, events = prepared.rows(reports), [report.event for report in reports]
    pairs = pairs_of(rows, events)
    return features_of(rows, pairs, rarity_of(rows)), [events[one] == events[other] for one, other in pairs]


def fit(table: Table, counts: Mapping[str, float] = COUNTS) -> tuple[logistic.Matrix, float]:
    """Weights and bias of the logistic regression."""
    values = table.features / STEP
    timeless = np.isin(table.group, [n for n, name in enumerate(table.sets) if name in UNDATED])
    for name in DAYS:
        values[timeless, FEATURES.index(name)] = 0
    count = np.array([counts[name] for name in table.sets])[table.group]
    expected = [EXPECTED.get(name, Expected(0.0, PRICE)) for name in FEATURES]
    weight, price = (np.array(numbers) for numbers in zip(*expected, strict=True))
    return logistic.fit(values, table.same.astype(np.float64), count, price, weight)


def as_toml(weights: logistic.Matrix, bias: float) -> str:
    """The content of pairs.toml."""
    lines = [HEAD, f"\nthreshold = {THRESHOLD}\nbias = {round(bias, 3)}\n\n[weights]\n"]
    lines += [f"{name} = {round(float(weight), 3)}\n" for name, weight in zip(FEATURES, weights, strict=True)]
    return "".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--extract", type=Path, metavar="FOLDER", help="make the table again, of the sets in FOLDER")
    parser.add_argument("--cache", type=Path, metavar="FILE", help="where tags and vectors are kept between runs")
    options = parser.parse_args()
    if options.extract:
        extract(options.extract, Prepared(Path("config"), options.cache)).write(TABLE)
    table = Table.read(TABLE)
    WEIGHTS.write_text(as_toml(*fit(table)), encoding="utf-8")
    print(f"{WEIGHTS}: trained on {len(table.same)} pairs, {int(table.same.sum())} of one event")


if __name__ == "__main__":
    main()

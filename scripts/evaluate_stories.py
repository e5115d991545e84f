"""Say how well reports become stories: B³ and pairwise precision, recall and F, on sets that are not trained on.

Run from the repository's root: `python -m scripts.evaluate_stories`. With `--sets FOLDER` also on public sets
(docs/stories.md says which, and where they come from), with `--base CHECKOUT` beside an older checkout of this program
(`git worktree add --detach CHECKOUT 05a8df0`). Each set is read in shuffled orders; TF-IDF gets the threshold that is
best for each set, which no program can know; ours has one for all.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.demo.content import age, entries, outlets
from scripts.stories.methods import best_threshold, by_checkout, by_relate, by_tf_idf, similarities
from scripts.stories.rows import Prepared
from scripts.stories.scores import Score, b_cubed, pairwise
from scripts.stories.sets import TIMELESS, Report, ecb, own, wikinews
from scripts.train_stories import training_topic

GATE = Path("tests/gate/stories")
ORDERS = 10


class Line(NamedTuple):
    """The scores of a method on a set, in each order."""

    method: str
    b_cubed: list[Score]
    pairwise: list[Score]


def sets_of(folder: Path | None) -> dict[str, list[Report]]:
    """The sets by name; the last one is all of them together."""
    found = {f"gate: {file.stem}": own(file) for file in sorted(GATE.glob("*.toml"))}
    found |= {f"unseen: {file.stem}": own(file) for file in sorted((GATE / "unseen").glob("*.toml"))}
    found["demo"] = demo()
    if folder:
        found["ECB+, even topics"] = [one for one in ecb(folder / "ecb") if not training_topic(one.event)]
        found["Wikinews"] = wikinews(folder / "wikinews.jsonl")
    found["all together"] = [report for reports in list(found.values()) for report in reports]
    return found


def demo() -> list[Report]:
    """The demo site's articles, without those that cannot be read and without copies."""
    languages = {outlet.id: outlet.language for outlet in outlets()}
    return [
        Report(f"demo-{one.key}", f"demo-{one.story or one.key}", languages[one.outlet], TIMELESS - age(one.age),
               one.outlet, one.title, "\n".join([one.lead, *one.paragraphs()]).strip())
        for one in entries() if one.readable and one.copy_of is None and one.body
    ]  # fmt: skip


def orders_of(count: int, number: int) -> list[list[int]]:
    """Shuffled orders, always the same."""
    orders = [list(range(count)) for _ in range(number)]
    for seed, order in enumerate(orders):
        random.Random(seed).shuffle(order)
    return orders


def lines_of(reports: Sequence[Report], prepared: Prepared, number: int, base: Path | None) -> Iterator[Line]:
    """The scores of each method."""
    events, orders = [report.event for report in reports], orders_of(len(reports), number)
    rows, alike = prepared.rows(reports), similarities(reports)
    threshold = best_threshold(alike, orders[0], events)
    methods: dict[str, Callable[[], list[list[str]]]] = {
        "almenara": lambda: [by_relate(rows, order) for order in orders],
        f"TF-IDF, {threshold:.2f}": lambda: [by_tf_idf(alike, order, threshold) for order in orders],
    }
    if base:
        methods[base.name] = lambda: by_checkout(base, reports, [prepared.tags(one) for one in reports], orders)
    for name, stories in methods.items():
        found = stories()
        yield Line(name, [b_cubed(events, one) for one in found], [pairwise(events, one) for one in found])


def shown(line: Line) -> str:
    """One line of the table: means over the orders, and the lowest and highest B³ F."""
    numbers = []
    for scores in (line.b_cubed, line.pairwise):
        numbers += [float(np.mean([getattr(one, name) for one in scores])) for name in ("precision", "recall", "f")]
    low, high = min(one.f for one in line.b_cubed), max(one.f for one in line.b_cubed)
    cells = " ".join(f"{number:6.3f}" for number in numbers)
    return f"  {line.method:14} {cells}   {low:.3f} to {high:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sets", type=Path, metavar="FOLDER", help="folder with public sets: ecb, wikinews.jsonl")
    parser.add_argument("--base", type=Path, metavar="CHECKOUT", help="an older checkout to compare with")
    parser.add_argument("--orders", type=int, default=ORDERS, help=f"shuffled orders of each set; default {ORDERS}")
    parser.add_argument("--cache", type=Path, metavar="FILE", help="where tags and vectors are kept between runs")
    options = parser.parse_args()
    prepared = Prepared(Path("config"), options.cache)
    print(f"  {'':14} {'B³ P':>6} {'R':>6} {'F':>6} {'pair P':>6} {'R':>6} {'F':>6}   B³ F in {options.orders} orders")
    for name, reports in sets_of(options.sets).items():
        print(f"{name}: {len(reports)} articles, {len({report.event for report in reports})} events")
        for line in lines_of(reports, prepared, options.orders, options.base and options.base.resolve()):
            print(shown(line), flush=True)


if __name__ == "__main__":
    main()

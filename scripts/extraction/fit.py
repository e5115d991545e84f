"""Fits the weights of core/pages/signals.py to public sets, and prints them. Writes no files.

    ./test python -m scripts.extraction.fit [--every 1] scrapinghub=PATH dragnet=PATH …

Only pages whose name has an even CRC-32 are used; `python -m scripts.extraction --half odd` scores the others. A
logistic regression by Newton's method with a small price on the weights. Each page counts the same, each block by its
length, each set by the square root of its size. A block is part of the article if the set's text has it. Headlines that
are the title do not count: some sets have them in the text and some do not.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.core.decoding.decode import decode
from pipeline.core.pages import blocks, extract, markup, metadata, signals
from pipeline.core.pages.tree import cards
from pipeline.core.pages.tree.prepare import prepare
from scripts.extraction.methods import SEEN
from scripts.extraction.sets import SETS, Sample, half

PRICE = 1.0
ROUNDS = 60
LONGEST = 2_000  # characters of a block that count
SHORT = 15  # letters and digits of a block that must be a whole line of the set's text

Matrix = NDArray[np.float64]
_GAPS = re.compile(r"[\W_]+")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", metavar="NAME=PATH", help=", ".join(SETS))
    parser.add_argument("--every", type=int, default=1, help="take each Nth page")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    rows, labels, prices = [], [], []
    for given in options.sets:
        name, _, path = given.partition("=")
        pages = [sample for sample in list(SETS[name].read(Path(path)))[:: options.every] if half(sample) == "even"]
        for sample in pages:
            if not sample.text.strip() or (found := observed(sample)) is None:
                continue
            rows.append(found[0])
            labels.append(found[1])
            prices.append(found[2] / max(1.0, found[2].sum()) / len(pages) ** 0.5)
        print(name, len(pages), file=sys.stderr)
    weights = fitted(np.vstack(rows), np.concatenate(labels), 200 * np.concatenate(prices))
    for name, weight in zip(signals.WEIGHTS, weights, strict=True):
        print(f'    "{name}": {weight:.2f},')


def observed(sample: Sample) -> tuple[Matrix, Matrix, Matrix] | None:
    """Of each block of a page what is observed, whether the set's text has it, and how much it counts."""
    body = decode(sample.html, "text/html", None).text.encode("utf-8", "replace")
    tree = markup.parse(body)
    if tree is None:
        return None
    meta = metadata.read(tree, sample.url, SEEN, None, None)
    title = meta.headlines[0].value if meta.headlines else meta.window_title or ""
    prepare(tree)
    cards.remove(tree, title)
    if not (page := blocks.read(tree)):
        return None
    evidence = signals.Evidence(title, meta.description or "", extract.fragment(meta.body))
    rows = signals.observe(page, extract.fast(tree), evidence)
    text, lines = _bare(sample.text), {_bare(line) for line in sample.text.split("\n")}
    sizes = (0 if _bare(block.text) == _bare(title) else min(len(block.bare), LONGEST) for block in page)
    labels = [_is_in(_bare(block.text), text, lines) for block in page]
    return np.array(rows), np.array(labels), np.array([*sizes], float)


def fitted(rows: Matrix, labels: Matrix, prices: Matrix) -> Matrix:
    weights = np.zeros(rows.shape[1])
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (prices * (chance - labels)) + PRICE * weights
        bend = (rows * (prices * chance * (1 - chance))[:, None]).T @ rows + PRICE * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights -= step
        if abs(step).max() < 1e-6:
            break
    return weights


def _is_in(block: str, text: str, lines: Iterable[str]) -> float:
    return float(block in text if len(block) >= SHORT else block in lines or (len(block) > 5 and block in text))


def _bare(text: str) -> str:
    return _GAPS.sub("", text).casefold()


if __name__ == "__main__":
    main()

"""Makes the points around which the cells of relate's window lie, from the vectors of articles of any kind.

    ./test python -m scripts.train_cells FILE... [--cells 2048]

FILE: TOML with [[article]] (title, text), or a table of tgcontest (github.com/IlyaGusev/tgcontest, toloka/**/*.tsv,
Apache-2.0). The shipped points are of all its tables and of the texts in tests/gate/*/open and tests/data/stories. Only
vectors are kept: means, or single ones where an article is far from all others. The same files give the same points,
byte for byte.
"""

from __future__ import annotations

import argparse
import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.text.encoder import encode
from pipeline.core.text.prose import opening

POINTS = Path(__file__).parent.parent / "pipeline/core/stories/cells.npy"
ROUNDS = 12
LENGTH = 512  # of a point; components stay within int8

csv.field_size_limit(1 << 24)


def texts(file: Path) -> Iterator[str]:
    """The openings of the articles in a file."""
    if file.suffix == ".toml":
        for article in tomllib.loads(file.read_text(encoding="utf-8")).get("article", ()):
            yield opening(article["title"], article["text"].strip())
        return
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            for kind in ("", "first_", "second_"):
                title, text = (row.get(f"INPUT:{kind}{part}") for part in ("title", "text"))
                if title and text:
                    yield opening(title, text)


def points_of(vectors: NDArray[np.int8], cells: int) -> NDArray[np.int8]:
    """The means of `cells` groups of vectors (k-means on directions; the first points by k-means++)."""
    units = _unit(vectors.astype(np.float64))
    pick = np.random.default_rng(1)
    chosen, nearest = [0], units @ units[0]
    while len(chosen) < cells:
        far = np.maximum(1 - nearest, 0) ** 2
        chosen.append(int(pick.choice(len(units), p=far / far.sum())))
        nearest = np.maximum(nearest, units @ units[chosen[-1]])
    points = units[chosen]
    for _ in range(ROUNDS):
        group = np.argmax(units @ points.T, axis=1)
        for cell in range(cells):
            if (group == cell).any():
                points[cell] = _unit(units[group == cell].sum(axis=0))
    steps: NDArray[np.int8] = np.clip(np.rint(points * LENGTH), -127, 127).astype(np.int8)
    return steps


def _unit(rows: Any) -> Any:
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("files", nargs="+", type=Path)
    given.add_argument("--cells", type=int, default=2048)
    options = given.parse_args()
    read = sorted({text for file in options.files for text in texts(file)})
    vectors = np.array([encode(text) for text in read], np.int8)
    np.save(POINTS, points_of(vectors, options.cells))
    print(f"{options.cells} points of {len(read)} texts")


if __name__ == "__main__":
    main()

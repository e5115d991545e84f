"""Makes a table of pairs of reports, as numbers only, from which the pair score is trained without their texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.features import Rows
from pipeline.core.stories.pairs import FEATURES, pair_features
from pipeline.core.stories.rarity import Rarity
from pipeline.core.stories.vectors import components

NEAREST, OTHERS = 12, 4  # reports of other events that each is compared with: the nearest by vector, and some others
FORTNIGHT = 14 * 24  # hours; articles further apart are never compared


@dataclass(frozen=True)
class Table:
    """Pairs: their features in steps, whether the two are of one event, and which of `sets` they are from."""

    features: NDArray[np.int16]
    same: NDArray[np.uint8]
    group: NDArray[np.uint8]
    sets: tuple[str, ...]

    def write(self, file: Path) -> None:
        np.savez_compressed(
            file, features=self.features, same=self.same, group=self.group, sets=np.array(self.sets),
            names=np.array(FEATURES),
        )  # fmt: skip

    @classmethod
    def read(cls, file: Path) -> Table:
        """Raises ValueError if the table has other features than the program."""
        with np.load(file) as data:
            if tuple(data["names"].tolist()) != FEATURES:
                raise ValueError(f"{file} has other features: make it again with --extract")
            return cls(data["features"], data["same"], data["group"], tuple(data["sets"].tolist()))


def keys_of(row: Rows) -> NDArray[np.uint32]:
    """The keys of a row that are counted."""
    return np.unique(np.concatenate([row["names"], row["words"], row["numbers"]]))


def rarity_of(rows: Rows) -> Rarity:
    """How rare keys are among these articles."""
    rarity = Rarity()
    for row in rows:
        rarity.add(keys_of(row)[None])
    return rarity


def pairs_of(rows: Rows, events: Sequence[str], seed: int = 1) -> list[tuple[int, int]]:
    """Pairs worth learning from: all of one event, and each report with some of other events."""
    known = np.array([crc32(event.encode()) for event in events])
    vectors = components(rows["vector"]) * (rows["cell"] > 0)[:, None]
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    chance, found = np.random.default_rng(seed), set[tuple[int, int]]()
    for n in range(len(rows)):
        near = np.abs(rows["hour"] - rows["hour"][n]) <= FORTNIGHT
        others = np.flatnonzero((known != known[n]) & near)
        cosines = np.round(vectors[others] @ vectors[n], 4)
        nearest = others[np.argsort(-cosines, kind="stable")[:NEAREST]]
        chosen = chance.choice(others, min(OTHERS, len(others)), replace=False) if len(others) else others
        same = np.flatnonzero(known == known[n])
        found |= {(min(n, m), max(n, m)) for m in np.concatenate([nearest, chosen, same]).tolist() if m != n}
    return sorted(found)


def features_of(rows: Rows, pairs: Sequence[tuple[int, int]], rarity: Rarity) -> NDArray[np.int16]:
    """The features of each pair, in steps."""
    found = np.zeros((len(pairs), len(FEATURES)), np.int16)
    for one, places in _by_first(pairs):
        found[places] = pair_features(rows[one], rows[[pairs[place][1] for place in places]], rarity)
    return found


def _by_first(pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    places: dict[int, list[int]] = {}
    for place, (one, _) in enumerate(pairs):
        places.setdefault(one, []).append(place)
    yield from places.items()


def joined(parts: Mapping[str, tuple[NDArray[np.int16], Sequence[bool]]]) -> Table:
    """One table of the pairs of several sets."""
    return Table(
        np.concatenate([features for features, _ in parts.values()]),
        np.concatenate([np.array(same, np.uint8) for _, same in parts.values()]),
        np.concatenate([np.full(len(same), n, np.uint8) for n, (_, same) in enumerate(parts.values())]),
        tuple(parts),
    )

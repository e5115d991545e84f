"""Measures how many reprints are found as copies, how many look-alikes are taken for one, and what a look-up costs.

Reads folders of story sets (tests/gate/copies): `[[article]]` with id, event, language, source, published, title,
text, optional copy_of and agency. Each article is compared with those seen before, as relate does. A reprint is found
if it is linked to its original or to another reprint of it; a link between other articles is false.

`--old` decides as 05a8df0 did, with 128 MinHash values of 3-word shingles. `--rows N` also measures a look-up among N
articles, beside the scan of 128-bit sketches of that commit.

Example: python -m scripts.evaluate_copies tests/gate/copies --old --rows 400000
"""

from __future__ import annotations

import argparse
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from rensa import RMinHash

from pipeline.core.stories import copies
from pipeline.core.stories.agencies import credited
from pipeline.core.stories.copies import EMPTY, TEXT, Text, is_copy, likely, text_row, texts_of
from pipeline.core.stories.shingles import SAMPLE
from pipeline.core.stories.traits import NOTICE, telling, traits
from pipeline.core.stories.window import TEXTS
from pipeline.core.text.prose import body
from pipeline.records import Article, Sourced, Traits


@dataclass(frozen=True, slots=True)
class Given:
    """An article of a set, which was seen when it was published. `article.seen` orders them."""

    id: str
    copy_of: str | None
    note: str
    article: Article


@dataclass(frozen=True, slots=True)
class Found:
    """`missed`: reprints that were linked to nothing of theirs; `false`: pairs linked that are no copies."""

    reprints: int
    missed: tuple[str, ...]
    others: int
    false: tuple[tuple[str, str], ...]


def read_set(path: Path) -> list[Given]:
    """The articles of one file, in the order in which they were seen."""
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["article"]
    given = [
        Given(one["id"], one.get("copy_of"), one.get("note", ""), _article(number, one))
        for number, one in enumerate(listed)
    ]
    return sorted(given, key=lambda one: one.article.seen)


def _article(number: int, one: dict[str, object]) -> Article:
    source, title, text, seen = (one[key] for key in ("source", "title", "text", "published"))
    assert isinstance(source, str)
    assert isinstance(title, str)
    assert isinstance(text, str)
    assert isinstance(seen, datetime)
    site = f"{source.encode().hex()[:40]}.example"
    return Article(
        id=f"{number:032x}", url=f"https://{site}/{number}", feed=source, source=source,
        title=Sourced(value=title, source="given"), text=text.strip(), content_hash=str(number), seen=seen,
        language=str(one["language"]),
    )  # fmt: skip


# -- the decision, now and then ---------------------------------------------------------------------------------------


def rows_of(given: Sequence[Given]) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    packed = []
    for one in given:
        prose = body(one.article.text)
        found = traits(one.article.title.value, prose, one.article.language)
        packed.append(text_row(one.article, credited(one.article), prose, found))
    return texts_of(packed)


def links(given: Sequence[Given]) -> list[list[int]]:
    """For each article the earlier ones that it copies."""
    rows = rows_of(given)
    return [
        [int(at) for at in np.flatnonzero(likely(row, rows[:number])) if is_copy(row, rows[at])]
        for number, row in enumerate(rows)
    ]


class Old:
    """Copies as 05a8df0 decided them."""

    def __init__(self, article: Article) -> None:
        prose = body(article.text)
        self.traits: Traits = traits(article.title.value, prose, article.language)
        size = 5 if 2 * sum(len(word) == 1 for word in prose.words) > len(prose.words) else 3
        runs = {" ".join(prose.words[at : at + size]) for at in range(len(prose.words) - size + 1)}
        self.count, self.source = len(runs), article.source
        minhash = RMinHash(num_perm=128, seed=1)
        minhash.update(sorted(runs))
        self.values = np.array(minhash.digest(), np.uint64) & np.uint64(0xFFFF)

    def copies(self, old: Old) -> bool:
        one, other = (
            telling(each.traits.title) if each.traits.length <= NOTICE else frozenset() for each in (self, old)
        )
        about = self.traits.about and old.traits.about
        if not about and 2 * len(one & other) < max(1, min(len(one), len(other))):
            return False
        if self.traits.words == old.traits.words and self.count >= 12:
            return True
        if min(self.count, old.count) < 30:
            return False
        jaccard = float((self.values == old.values).mean())
        numbers, others = set(self.traits.numbers), set(old.traits.numbers)
        if self.source == old.source:
            return jaccard >= 0.9 and numbers == others
        fewer = min(len(numbers), len(others))
        if fewer >= 2 and 2 * len(numbers & others) < fewer:
            return False
        contained = jaccard / (1 + jaccard) * (self.count + old.count) / max(1, min(self.count, old.count))
        return jaccard >= 0.5 or (self.count <= old.count and contained >= 0.8)


def old_links(given: Sequence[Given]) -> list[list[int]]:
    made = [Old(one.article) for one in given]
    return [[at for at in range(number) if one.copies(made[at])] for number, one in enumerate(made)]


def judge(given: Sequence[Given], found: Sequence[Sequence[int]]) -> Found:
    roots = [one.copy_of or one.id for one in given]
    reprints = [number for number, one in enumerate(given) if one.copy_of]
    missed = [given[at].id for at in reprints if not any(roots[other] == roots[at] for other in found[at])]
    merged = {one.id for one in given if "merged" in one.note}  # made of two texts: the other one is right too
    false = [
        (given[at].id, given[other].id)
        for at, linked in enumerate(found)
        for other in linked
        if roots[other] != roots[at] and not merged & {given[at].id, given[other].id}
    ]
    return Found(len(reprints), tuple(missed), len(given) - len(reprints), tuple(false))


# -- the cost of a look-up --------------------------------------------------------------------------------------------


def random_rows(count: int, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Rows of texts that have nothing in common, of 100 to 1,000 runs."""
    rows = np.zeros(count, TEXT)
    rows["runs"] = rng.integers(100, 1000, count)
    limits = 2**32 * SAMPLE / rows["runs"]
    rows["sample"] = np.sort(rng.random((count, SAMPLE)) * limits[:, None], axis=1).astype("<u4")
    rows["words"] = rng.integers(1, 2**63, count)
    return rows


def cost(count: int, looked: int = 200) -> list[tuple[str, float, float]]:
    """For each way: its name, candidates of a look-up, and milliseconds."""
    rng = np.random.default_rng(7)
    rows, new = random_rows(count, rng), random_rows(looked, rng)
    keys = rows["sample"][:, :TEXTS].ravel()
    order = np.argsort(keys, kind="stable")
    keys, owners = keys[order], (order // TEXTS).astype(np.int64)

    def by_keys(text: Text) -> int:
        wanted = text["sample"][text["sample"] != EMPTY]
        first, last = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
        near = np.unique(np.concatenate([owners[a:b] for a, b in zip(first, last, strict=True)]))
        sum(is_copy(text, rows[at]) for at in near[likely(text, rows[near])])
        return len(near)

    sketches = rng.integers(0, 2**63, (2, count), np.uint64) * np.uint64(2) + rng.integers(0, 2, count, np.uint64)
    values = rng.integers(0, 2**16, (count, 128), np.uint16)

    def by_sketch(text: Text) -> int:
        sketch = text["sample"][:4].view(np.uint64)
        bits = np.add.reduce(np.bitwise_count(sketches ^ sketch[:, None]), axis=0, dtype=np.uint8)
        near = np.flatnonzero(bits <= 48)
        (values[near] == values[0]).sum(axis=1)
        return len(near)

    return [("keys of the sample", *_timed(by_keys, new)), ("128-bit sketch", *_timed(by_sketch, new))]


def _timed(look: Callable[[Text], int], new: np.ndarray[tuple[int], np.dtype[np.void]]) -> tuple[float, float]:
    look(new[0])
    start = time.perf_counter()
    candidates = [look(text) for text in new]
    return float(np.mean(candidates)), 1000 * (time.perf_counter() - start) / len(new)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--old", action="store_true")
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="name the reprints missed and the false links")
    chosen = parser.parse_args()
    ways = [("now", links)] + ([("05a8df0", old_links)] if chosen.old else [])
    for folder in chosen.folders:
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else [folder]:
            given = read_set(path)
            for name, way in ways:
                found = judge(given, way(given))
                hits = found.reprints - len(found.missed)
                print(f"{path.name:24} {name:8} found {hits:3} of {found.reprints:3}   false {len(found.false):3} "
                      f"among {found.others} others")  # fmt: skip
                if chosen.list:
                    print(*(f"  missed {one}" for one in found.missed), sep="\n")
                    print(*(f"  false {one} = {other}" for one, other in found.false), sep="\n")
    print(f"kept of an article: {copies.TEXT.itemsize} bytes")
    if chosen.rows:
        for way_name, candidates, milliseconds in cost(chosen.rows):
            print(f"look-up among {chosen.rows:,}: {way_name:20} {candidates:8.1f} candidates  {milliseconds:6.2f} ms")


if __name__ == "__main__":
    main()

"""Ways to make stories of reports that come in an order: relate's own, TF-IDF, and those of an older checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.copies import TEXT
from pipeline.core.stories.features import Rows
from pipeline.core.stories.pairs import pair_score
from pipeline.core.stories.story import Kept, Noted, Stories
from pipeline.core.stories.window import Entry, Window
from pipeline.core.text import words
from pipeline.records import Correction, Story, Tags
from scripts.stories.rows import article_of
from scripts.stories.scores import b_cubed
from scripts.stories.sets import Report

FORTNIGHT = 14 * 86400.0
START = 1_700_000_000.0  # when the first report is seen; each next one a second later
THRESHOLDS = tuple(round(0.04 + 0.02 * n, 2) for n in range(30))  # of TF-IDF that are tried
COLUMNS = 1 << 14  # words are hashed to
OLD = Path(__file__).with_name("old_checkout.py")

Order = Sequence[int]
Matrix = NDArray[np.float32]


def by_relate(rows: Rows, order: Order) -> list[str]:
    """The story of each report by the window, look-up, score and corrections that relate uses; copies are not found
    first, so that they have to be told by the score as well."""
    stories = Stories(Window(FORTNIGHT), pair_score(), _no_records)
    story_of: dict[int, str] = {}
    for seq, place in enumerate(order):
        article, seen, features = _id(place), START + seq, rows[place : place + 1]
        placed = stories.place(article, features, seen)
        kept = Kept(Entry(article, placed.story, seq, seen), features, np.zeros(1, TEXT))
        stories.note(Noted(seen, placed.corrections, kept))
        story_of[place] = placed.story
        for correction in placed.corrections:
            _correct(story_of, correction)
    return [story_of[place] for place in sorted(story_of)]


def _id(place: int) -> str:
    return f"{place:032x}"


def _no_records(ids: Sequence[str]) -> Mapping[str, Story]:
    return {}


def _correct(story_of: dict[int, str], correction: Correction) -> None:
    moved = set(correction.articles)
    for place, story in story_of.items():
        if story == correction.story and (correction.kind == "merge" or _id(place) in moved):
            story_of[place] = correction.into


# -- TF-IDF


def similarities(reports: Sequence[Report]) -> Matrix:
    """Cosines of TF-IDF vectors of whole texts."""
    counts = np.zeros((len(reports), COLUMNS), np.float32)
    for n, report in enumerate(reports):
        for word in words.words(f"{report.title} {report.text}"):
            counts[n, crc32(word.encode()) % COLUMNS] += 1
    weights = np.log1p(counts) * np.log((1 + len(reports)) / (1 + (counts > 0).sum(axis=0)))
    weights /= np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-9)
    found: Matrix = (weights @ weights.T).astype(np.float32)
    return found


def by_tf_idf(alike: Matrix, order: Order, threshold: float) -> list[str]:
    """Each report joins the story whose reports are most alike on average, if they are by `threshold`."""
    sums, sizes = np.zeros_like(alike), np.zeros(len(alike), np.float32)  # of the reports in each story
    story_of: dict[int, str] = {}
    stories = 0
    for place in order:
        means = sums[:stories, place] / sizes[:stories]
        best = int(np.argmax(means)) if stories else 0
        if not stories or means[best] < threshold:
            best, stories = stories, stories + 1
        sums[best] += alike[place]
        sizes[best] += 1
        story_of[place] = str(best)
    return [story_of[place] for place in sorted(story_of)]


def best_threshold(alike: Matrix, order: Order, events: Sequence[str]) -> float:
    """The threshold with the best B³ F: an oracle, which no program has."""
    return max(THRESHOLDS, key=lambda threshold: b_cubed(events, by_tf_idf(alike, order, threshold)).f)


# -- an older checkout


def by_checkout(
    checkout: Path, reports: Sequence[Report], tags: Sequence[Tags], orders: Sequence[Order]
) -> list[list[str]]:
    """The stories that the program of `checkout` makes, in each order: fingerprints, window and choice are its own;
    topics and countries are those of this program. Raises CalledProcessError."""
    articles = [
        {
            "id": article_of(report).id, "source": report.source, "title": report.title, "text": report.text,
            "language": report.language, "published": report.published.isoformat(),
            "topics": [topic.id for topic in own.topics], "countries": list(own.countries),
        }
        for report, own in zip(reports, tags, strict=True)
    ]  # fmt: skip
    asked = json.dumps({"articles": articles, "orders": [list(order) for order in orders]})
    run = subprocess.run(
        [sys.executable, str(OLD)], input=asked, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(checkout)}, cwd=checkout,
    )  # fmt: skip
    found: list[list[str]] = json.loads(run.stdout)
    return found

"""Scores an extracted text against the one that a person wrote down."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from pipeline.core.text.words import words
from scripts.extraction.sets import Sample

_GAP = re.compile(r"\s+")


def word_f1(found: str, expected: str) -> float:
    """F1 of the two multisets of words; 1 if both are empty. Words are folded; each Han, kana or Thai letter is one."""
    got, want = Counter(words(found)), Counter(words(expected))
    if not got and not want:
        return 1.0
    return 2.0 * (got & want).total() / (got.total() + want.total())


def passages(found: str, sample: Sample) -> tuple[int, int, int]:
    """True positives, false positives and false negatives among the passages of `sample`, white space aside."""
    text = _even(found)
    inside = sum(_even(passage) in text for passage in sample.inside)
    return inside, sum(_even(passage) in text for passage in sample.outside), len(sample.inside) - inside


def total(found: Iterable[tuple[str, Sample]]) -> float:
    """The score of a set: the mean word F1 of its pages, or the F1 over all passages if it has passages."""
    pairs = list(found)
    if not any(sample.inside for _, sample in pairs):
        return sum(word_f1(text, sample.text) for text, sample in pairs) / max(1, len(pairs))
    counts = [passages(text, sample) for text, sample in pairs]
    right, wrong, missed = (sum(column) for column in zip(*counts, strict=True))
    return float(2 * right / (2 * right + wrong + missed))


def _even(text: str) -> str:
    return _GAP.sub(" ", text).strip()

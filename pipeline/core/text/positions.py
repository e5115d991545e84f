"""Writes the words of a field out for an index: what is to be found at each position."""

from __future__ import annotations

from pipeline.core.text.words import words

GAP = 1_000  # positions between two blocks in the index: more than any phrase or distance reaches over
NOTHING = "-"  # at a position where nothing is to be found; no word is written so


def positions(text: str) -> list[str]:
    """The blocks of `text`, each its positions in order, separated by a space."""
    return [" ".join(word or NOTHING for word in words(block)) for block in text.split("\n")]

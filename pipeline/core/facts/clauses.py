"""Finds where a sentence may be split at a word for "and"."""

from __future__ import annotations

from pipeline.core.facts.scene import Scene


def ands_in(scene: Scene, sentence: int) -> set[int]:
    """The words for "and" in a sentence. For a single letter the accent counts: Italian "è" is not one."""
    written, words = scene.reading.written, scene.reading.words
    return {
        first
        for first, _ in scene.spans_in("and", sentence)
        if len(words[first]) > 1 or written[first].lower() == words[first]
    }

"""Where a sentence may be cut at a word for "and"."""

from __future__ import annotations

from pipeline.core.facts.scene import Scene


def ands_in(scene: Scene, sentence: int) -> set[int]:
    """The words for "and" in a sentence. Of one letter, its accent counts: Italian "è" is none."""
    written, words = scene.reading.written, scene.reading.words
    return {
        first
        for first, _ in scene.spans_in("and", sentence)
        if len(words[first]) > 1 or written[first].lower() == words[first]
    }

"""Where a sentence may be cut at a word for "and"."""

from __future__ import annotations

from pipeline.core.facts.scene import Scene


def ands_in(scene: Scene, sentence: int) -> set[int]:
    """The words for "and" in a sentence. Accents count: Italian "è" is none."""
    reading = scene.reading
    return {
        first for first, _ in scene.spans_in("and", sentence) if reading.written[first].lower() == reading.words[first]
    }

"""What they come for."""

from __future__ import annotations

from pipeline.core.facts.scene import Scene
from pipeline.records import Stated


def find_purpose(scene: Scene) -> Stated | None:
    """The purpose in the words of the text."""
    return None

"""What became of the request."""

from __future__ import annotations

from pipeline.core.facts.scene import Scene
from pipeline.records import Stated


def find_outcome(scene: Scene) -> Stated | None:
    """One of rules.OUTCOMES, with the words that say so."""
    return None

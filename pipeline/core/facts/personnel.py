"""How many they are."""

from __future__ import annotations

from pipeline.core.facts.scene import Scene
from pipeline.records import Personnel


def find_personnel(scene: Scene) -> Personnel | None:
    """Their number, or the bounds of it, and what they are counted in."""
    return None

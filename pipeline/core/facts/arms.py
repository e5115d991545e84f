"""Whether the forces bear arms, and which."""

from __future__ import annotations

from pipeline.core.facts.scene import Scene
from pipeline.records import Stated


def find_armed(scene: Scene) -> Stated | None:
    """ "yes" or "no", where the article says so."""
    return None


def find_weapons(scene: Scene) -> tuple[Stated, ...]:
    """Weapons that they bring, as named in the text."""
    return ()

"""Who decided, or is to decide."""

from __future__ import annotations

from pipeline.core.facts.parties import Parties
from pipeline.core.facts.scene import Scene
from pipeline.records import Stated


def find_body(scene: Scene, parties: Parties) -> Stated | None:
    """The state body, as named in the text."""
    return None

"""How the vote went."""

from __future__ import annotations

from pipeline.core.facts.scene import Scene
from pipeline.records import Vote


def find_vote(scene: Scene) -> Vote | None:
    """Votes for, against, and abstentions."""
    return None

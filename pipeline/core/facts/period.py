"""From when until when they are to stay."""

from __future__ import annotations

from pipeline.core.facts.scene import Scene
from pipeline.records import Period


def find_period(scene: Scene) -> Period | None:
    """First and last day as ISO 8601 dates."""
    return None

"""By what act: a law, a decree, an agreement, with its number and date."""

from __future__ import annotations

from pipeline.core.facts.scene import Scene
from pipeline.records import Instrument


def find_instrument(scene: Scene) -> Instrument | None:
    """The act that lets them in, or would."""
    return None

"""Formations that are named."""

from __future__ import annotations

from pipeline.core.facts.scene import Scene
from pipeline.records import Stated


def find_units(scene: Scene) -> tuple[Stated, ...]:
    """ "SEAL Team", "Panzerbrigade 45", as named in the text."""
    return ()

"""Where in the host country they will be."""

from __future__ import annotations

from pipeline.core.facts.parties import Parties
from pipeline.core.facts.scene import Scene
from pipeline.records import StatedPlace


def find_sites(scene: Scene, parties: Parties) -> tuple[StatedPlace, ...]:
    """The places named, with country and coordinates where the gazetteer has them."""
    return ()

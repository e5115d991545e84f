"""Which country lets them in, and whose they are."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.core.facts.scene import Scene
from pipeline.records import Stated


class Parties(NamedTuple):
    host: Stated | None
    senders: tuple[Stated, ...]


def find_parties(scene: Scene) -> Parties:
    """Host and senders as ISO 3166-1 alpha-2; never the same country."""
    return Parties(None, ())

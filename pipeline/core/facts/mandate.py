"""Finds the organisation under whose mandate the forces are: the United Nations, an alliance, a regional community.

A state that serves in a mission is not a sender: parties.py asks for more evidence when there is a mandate.
"""

from __future__ import annotations

from pipeline.core.facts.noun_phrases import longest_spans
from pipeline.core.facts.scene import Scene
from pipeline.records import Stated


def find_mandate(scene: Scene) -> Stated | None:
    """The organisation or its mission, as named: in a sentence of title or lead with an act, or else in the title."""
    lead = scene.reading.parts["lead"]
    titles = range(scene.reading.parts["headline"])
    in_text = [n for n in range(lead) if n in scene.acting and n not in titles]
    for role in ("mandate-body", "mandate-force"):
        for sentence in (*in_text, *titles):
            for span in longest_spans(scene.spans_in(role, sentence)):
                return scene.as_written(*span)
    return None

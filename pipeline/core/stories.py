"""Which story an article belongs to: the seam for everything that groups reports of one event.

One decision per article, on what is near it. Does not split, merge or re-judge stories.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.window import Features, Near, Neighbours


@dataclass(frozen=True, slots=True)
class Options:
    """Cosines an article must reach with its nearest neighbour, by how much else the two share; with the story as a
    whole, against chains (a is near b, b near c, a and c have nothing in common). Found on tests/data/stories, see
    docs/decisions/0003-relate.md: re-run `tests/core/test_stories.py` after any change."""

    strong: float = 0.60  # at least STRONG points of evidence
    some: float = 0.68
    none: float = 0.80
    first: float = 0.55
    mean: float = 0.55
    clash: float = 0.08  # on top when numbers or countries speak against it


STRONG = 4  # points: a name 1 (at most 3), a number 2 (at most 2), a country 1
DEFAULTS = Options()


def choose(article: Features, neighbours: Neighbours, options: Options = DEFAULTS) -> str | None:
    """The story among the neighbours that `article` belongs to, None when it opens one of its own."""
    for near in neighbours.near:
        if near.cosine < options.strong:
            return None
        story = neighbours.stories.get(near.entry.story_id)
        if story and story.first >= options.first and story.mean >= options.mean and _joined(article, near, options):
            return near.entry.story_id
    return None


def _joined(article: Features, near: Near, options: Options) -> bool:
    points = evidence(article, near.entry.features)
    wanted = options.strong if points >= STRONG else options.some if points else options.none
    return near.cosine >= wanted + options.clash * clashes(article, near.entry.features)


def evidence(one: Features, other: Features) -> int:
    """Points for what two articles share."""
    names = len(one.names & other.names)
    numbers = len(one.figures & other.figures)
    countries = bool(set(one.countries[:3]) & set(other.countries[:3]))
    return min(names, 3) + 2 * min(numbers, 2) + countries


def clashes(one: Features, other: Features) -> int:
    """How many kinds of things speak against one story: figures on both sides and none in common, countries too."""
    figures = len(one.figures) > 1 and len(other.figures) > 1 and not one.figures & other.figures
    countries = bool(one.countries and other.countries) and not set(one.countries[:5]) & set(other.countries[:5])
    return figures + countries

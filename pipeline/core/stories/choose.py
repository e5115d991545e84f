"""Chooses the story of an article from those of its neighbours.

There is one decision per article; stories are never split, merged or reconsidered.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.stories.window import Features, Near, Neighbours


@dataclass(frozen=True, slots=True)
class Options:
    """The cosine that an article must reach with a neighbour, depending on what else the two share, and with the
    neighbour's whole story, to prevent chains (a is near b, b near c, but a and c have nothing in common).

    Tuned on tests/data/stories and the demo's articles, see docs/decisions/0003-relate.md; tests check what they reach.
    """

    alone: float = 0.80  # if the two share nothing else
    point: float = 0.05  # less for each point of evidence
    floor: float = 0.55  # but never less than this
    clash: float = 0.08  # more if figures or countries conflict
    story: float = 0.45  # cosine with the story's first article, and mean cosine with several of its articles


DEFAULTS = Options()


def choose(article: Features, neighbours: Neighbours, options: Options = DEFAULTS) -> str | None:
    """The neighbouring story that `article` belongs to, or None if it starts a new one."""
    best, chosen = 0.0, None
    for near in neighbours.near:
        over = near.cosine - wanted(article, near, options)
        story = neighbours.stories.get(near.entry.story_id)
        fits = story and min(story.first, story.mean) >= options.story
        if fits and over >= 0 and (chosen is None or over > best):
            best, chosen = over, near.entry.story_id
    return chosen


def wanted(article: Features, near: Near, options: Options) -> float:
    """The cosine from which the two belong to one story."""
    other = near.entry.features
    least = max(options.floor, options.alone - options.point * evidence(article, other))
    return least + options.clash * clashes(article, other)


def evidence(one: Features, other: Features) -> int:
    """Points for what two articles share: a name 1 (at most 3), a figure 2 (at most 2 figures), a country 1."""
    names = len(one.names & other.names)
    figures = len(one.figures & other.figures)
    countries = bool(set(one.countries[:3]) & set(other.countries[:3]))
    return min(names, 3) + 2 * min(figures, 2) + countries


def clashes(one: Features, other: Features) -> int:
    """The number of conflicts: figures on both sides with none in common, and likewise countries."""
    figures = len(one.figures) > 1 and len(other.figures) > 1 and not one.figures & other.figures
    countries = bool(one.countries and other.countries) and not set(one.countries[:5]) & set(other.countries[:5])
    return figures + countries

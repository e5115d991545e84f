"""What lists of stories are narrowed down by and counted by, in both indexes: each with its values of a story."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from pipeline.records import Story


class StoryFacet(NamedTuple):
    """`get`: the values of a story. `elastic`: the field of Elasticsearch that has them."""

    get: Callable[[Story], tuple[str, ...]]
    elastic: str
    about: str


#: By name; those that documents have too are called as in the query language.
STORY_FACETS: Mapping[str, StoryFacet] = {
    "topic": StoryFacet(lambda s: s.topics, "news.topics", "topics of its articles"),
    "country": StoryFacet(lambda s: s.countries, "news.countries", "countries that its articles are about"),
    "language": StoryFacet(lambda s: s.languages, "news.language", "languages of its articles"),
    "source": StoryFacet(lambda s: s.sources, "news.source", "outlets"),
    "differs": StoryFacet(
        lambda s: tuple(dict.fromkeys(fact.field for fact in s.facts if fact.differs)),
        "news.story.differs", "facts on which its sources differ",
    ),
}  # fmt: skip


def check(names: Mapping[str, object] | tuple[str, ...]) -> None:
    """Raises ValueError for a name that is no facet of stories."""
    if unknown := set(names) - set(STORY_FACETS):
        raise ValueError(f"unknown facet of stories {', '.join(sorted(unknown))}: there are {', '.join(STORY_FACETS)}")

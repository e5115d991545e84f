"""The versions of an article that the index keeps, each with what a reader sees changed since the one before."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from pipeline.core.stories.differences import Difference, differences
from pipeline.core.urls import article_id
from pipeline.ports import Index
from pipeline.records import Document


@dataclass(frozen=True, slots=True)
class Version:
    """One version. `differences`: from the version before it that is kept; none of the first."""

    document: Document
    differences: tuple[Difference, ...] = ()


async def read_versions(index: Index, article: str) -> list[Version]:
    """The versions of the article with this id or address, oldest first; none if it is not known. Raises ValueError for
    what is no address, Unavailable."""
    documents = await index.versions(article_id(article) if "://" in article else article)
    later = [
        Version(new, differences(old.article.title.value, old.article.text, new.article.title.value, new.article.text))
        for old, new in pairwise(documents)
    ]
    return [*map(Version, documents[:1]), *later]

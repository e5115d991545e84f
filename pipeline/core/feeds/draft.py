"""The result of a reader of one feed format: entries as written, not cleaned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class NotAFeed(Exception):
    """The body is not a feed. `problem` is one of the values of Parsed.problem, `detail` is for people."""

    def __init__(self, problem: str, detail: str) -> None:
        super().__init__(f"{problem}: {detail}")
        self.problem, self.detail = problem, detail


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry. `links` are candidates for the address of the article, the most likely first; they may be relative to
    `base`. Title, summary and content are HTML. `cut`: the document ends within the entry."""

    links: tuple[str, ...]
    base: str = ""
    guid: str | None = None
    title: str | None = None
    summary: str | None = None
    content: str | None = None
    author: str | None = None
    published: str | None = None
    updated: str | None = None
    language: str | None = None
    image: str | None = None
    cut: bool = False


class Child(NamedTuple):
    """A sitemap that an index lists. `changed`: as it says, "" if it does not."""

    url: str
    changed: str = ""


@dataclass(frozen=True, slots=True)
class DraftFeed:
    """A feed. `entries`: None for one that cannot be read. `site`: the address of its site, `every`: seconds between
    changes, both as the feed says. `truncated`: its end is missing. `kind`: the format, for people. `children`: the
    sitemaps of an index, the most promising first."""

    entries: Iterable[Draft | None]
    title: str | None = None
    language: str | None = None
    every: float | None = None
    site: str = ""
    truncated: bool = False
    kind: str = ""
    children: tuple[Child, ...] = ()

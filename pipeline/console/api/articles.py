"""The API of articles: searches, one article, its versions, its record."""

from __future__ import annotations

from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline.console.api.lists import OneOf, parameters_of, view_of
from pipeline.console.api.operation import Answer, Call, Operation
from pipeline.console.asked import asked_of
from pipeline.console.pages.article import versions_of
from pipeline.console.pages.search import FORMS, exported, narrowed
from pipeline.console.views.kinds import SEARCH
from pipeline.core.query.search import Hit, Search
from pipeline.core.query.snippets import CLOSE, OPEN
from pipeline.core.stories.differences import Difference
from pipeline.records import Change, Document
from pipeline.reports.stories import followed
from pipeline.reports.versions import Version

Parameters = parameters_of(SEARCH, "ArticlesWanted")
Exported = parameters_of(SEARCH, "ArticlesExported", (("form", OneOf[tuple(FORMS)], "jsonl"),))


class ArticleHit(Answer, frozen=True, kw_only=True):
    """An article as in a list. `story`: that it came to; `snippet`: words of it that match, or its first ones."""

    id: str
    url: str
    title: str
    snippet: str
    source: str
    language: str | None
    country: str | None
    published: datetime | None
    first_seen: datetime
    seen: datetime
    version: int
    story: str
    copy_of: str | None
    topics: tuple[str, ...]
    countries: tuple[str, ...]
    removed: bool


class ArticleList(Answer, frozen=True, kw_only=True):
    """A page of articles. `sentence`: the query in words. `exact` false: total and facets count some that may not
    match. `next`: address of the next page."""

    total: int
    exact: bool
    articles: tuple[ArticleHit, ...]
    facets: dict[str, dict[str, int]]
    sentence: str
    warnings: tuple[str, ...]
    next: str | None


class OneArticle(Answer, frozen=True, kw_only=True):
    """An article in its newest version, with its text. `versions`: that are kept, the oldest first."""

    article: ArticleHit
    text: str
    author: str | None
    versions: tuple[int, ...]


class ArticleVersion(Answer, frozen=True, kw_only=True):
    """One version. `changes`: facts of it that changed; `differences`: all that reads otherwise than before."""

    version: int
    seen: datetime
    title: str
    text: str
    changes: tuple[Change, ...]
    differences: tuple[Difference, ...]


class VersionList(Answer, frozen=True, kw_only=True):
    """The versions that are kept, the oldest first."""

    versions: tuple[ArticleVersion, ...]


async def listed(call: Call) -> ArticleList:
    """A page of a search."""
    view, limit, desk = view_of(SEARCH, call.query), int(call.query.limit), call.desk
    asked = asked_of(view.query, desk)
    if asked.error is not None:
        raise HTTPException(400, f"q, column {asked.column}: {asked.error}")
    search = Search(
        narrowed(asked.node, view), view.start(desk.clock()), view.until, view.sort, limit, (view.page - 1) * limit,
        view.kind.filters,
    )  # fmt: skip
    index = await desk.index()
    try:
        found = await index.search(await followed(index, search))
    except ValueError as error:  # the page is too deep
        raise HTTPException(400, str(error)) from error
    return ArticleList(
        total=found.total, exact=found.exact, articles=tuple(map(hit_answered, found.hits)), sentence=asked.sentence,
        facets={name: dict(counts) for name, counts in found.facets.items()}, warnings=asked.warnings,
        next=call.next_page(found.total),
    )  # fmt: skip


async def export(call: Call) -> Response:
    """All hits of a search, sent while they are read."""
    view, desk = view_of(SEARCH, call.query), call.desk
    asked = asked_of(view.query, desk)
    if asked.error is not None:
        raise HTTPException(400, f"q, column {asked.column}: {asked.error}")
    index = await desk.index()
    search = Search(narrowed(asked.node, view), view.start(desk.clock()), view.until, view.sort)
    return exported(index, await followed(index, search), call.query.form)


async def one(call: Call) -> OneArticle:
    """The article in its newest version."""
    found = await _versions(call)
    document = found[-1].document
    author = document.article.author
    return OneArticle(
        article=answered(document, (document.article.description or document.article.text)[:300]),
        text=document.article.text, author=author.value if author else None,
        versions=tuple(one.document.relation.version for one in found),
    )  # fmt: skip


async def versions(call: Call) -> VersionList:
    """The versions with what changed."""
    return VersionList(versions=tuple(
        ArticleVersion(
            version=one.document.relation.version, seen=one.document.article.seen,
            title=one.document.article.title.value, text=one.document.article.text,
            changes=one.document.relation.changes, differences=one.differences,
        ) for one in await _versions(call)
    ))  # fmt: skip


async def record(call: Call) -> Document:
    """The newest document, as it is on the log."""
    return (await _versions(call))[-1].document


async def _versions(call: Call) -> list[Version]:
    return await versions_of(await call.desk.index(), call.path["article"])


def hit_answered(hit: Hit) -> ArticleHit:
    """A hit of a search."""
    return answered(hit.document, hit.snippet.replace(OPEN, "").replace(CLOSE, ""))


def answered(document: Document, snippet: str) -> ArticleHit:
    """A document as in a list."""
    article, relation, tags = document.article, document.relation, document.tags
    return ArticleHit(
        id=article.id, url=article.url, title=article.title.value, snippet=snippet, source=article.source,
        language=article.language, country=article.country,
        published=article.published.value if article.published else None, first_seen=relation.first_seen,
        seen=article.seen, version=relation.version, story=relation.story_id, copy_of=relation.duplicate_of,
        topics=tuple(one.id for one in tags.topics), countries=tuple(tags.countries),
        removed=relation.removed_at is not None,
    )  # fmt: skip


WORDS = {"article": "id of an article"}
OPERATIONS = (
    Operation("articles.search", "GET", "/articles", "Search articles", listed, ArticleList, query=Parameters),
    Operation("articles.export", "GET", "/articles/export", "All articles of a search, as JSON lines or CSV", export,
              str, query=Exported, media=tuple(one.partition(";")[0] for one in FORMS.values())),
    Operation("articles.one", "GET", "/articles/{article}", "One article with its text", one, OneArticle,
              path_words=WORDS),
    Operation("articles.versions", "GET", "/articles/{article}/versions", "Its versions, and what changed", versions,
              VersionList, path_words=WORDS),
    Operation("articles.record", "GET", "/articles/{article}/record", "Its record, as on the log (docs/documents.md)",
              record, Document, path_words=WORDS),
)  # fmt: skip
